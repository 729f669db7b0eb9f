"""The API keys of all projects for programs: the same as on the page, for the same people."""

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEvent
from keys.api_keys.services import create_key
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of, send
from tests.projects.api.callers import cast
from tests.support.clock import DAY, set_clock
from tests.support.pages import queries
from tests.world import World, issued

pytestmark = pytest.mark.django_db
PATH = "/v1/organization/api_keys"


@pytest.fixture
def key(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


def names(secret: str, query: str = "") -> set[str]:
    answer = call(f"{PATH}?limit=100{query}", secret)
    assert answer.status_code == 200
    return {row["name"] for row in answer.json()["data"]}


def test_keys_of_all_projects_are_listed_with_their_project(world: World, key: str) -> None:
    issued(world.production, world.admin, "gateway")
    rows = call(PATH, key).json()["data"]
    assert {(row["name"], row["project_id"]) for row in rows} == {
        ("notebooks", world.research.public_id),
        ("gateway", world.production.public_id),
    }
    assert rows[0]["owner"]["user"]["email"] == world.admin.email
    assert names(key, f"&project_ids[]={world.production.public_id}") == {"gateway"}
    assert "pk_" in rows[0]["redacted_value"]
    assert rows[0]["redacted_value"].count("…") == 1


def test_segments_are_those_of_the_page(
    world: World, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = issued(world.research, world.owner, "gone").key
    assert send(f"{PATH}/revoke", key, {"ids": [gone.public_id]}).status_code == 200
    set_clock(monkeypatch, timezone.now() + 100 * DAY)
    actor, ending = Actor.of_user(world.owner), timezone.now() + DAY
    create_key(actor=actor, project=world.research, name="ending", expires_at=ending)
    assert names(key) == {"notebooks", "ending"}
    assert names(key, "&segment=unused-90") == {"notebooks"}
    assert names(key, "&segment=never-expires") == {"notebooks"}
    assert names(key, "&segment=all") == {"notebooks", "ending", "gone"}
    refused = call(f"{PATH}?segment=broken", key)
    assert (refused.status_code, error_of(refused)["param"]) == (422, "segment")


def test_several_are_revoked_together_or_none(world: World, key: str) -> None:
    first, second = (issued(world.research, world.owner, name) for name in ("first", "second"))
    foreign = issued(world.other_project, world.stranger, "foreign").key
    ids = [first.key.public_id, second.key.public_id]
    for wrong in (foreign.public_id, "key_00000000000000000000"):
        assert send(f"{PATH}/revoke", key, {"ids": [*ids, wrong]}).status_code == 404
    assert call("/v1/auth", first.secret).status_code == 200
    answer = send(f"{PATH}/revoke", key, {"ids": [*ids, ids[0]]})
    assert answer.json() == {"object": "organization.api_keys.revoked", "ids": ids}
    assert [call("/v1/auth", row.secret).status_code for row in (first, second)] == [401, 401]
    assert AuditEvent.objects.filter(act="key.revoked", target_id__in=ids).count() == 2
    assert send(f"{PATH}/revoke", key, {"ids": ids}).status_code == 409
    for none in ([], ["x"] * 101):
        assert send(f"{PATH}/revoke", key, {"ids": none}).status_code == 422


def test_only_those_who_manage_the_organization_may(world: World) -> None:
    secrets = cast(world)
    body = {"ids": [world.key.public_id]}
    elsewhere = ("foreign admin key", "stranger")
    for who, secret in secrets.items():
        if who in elsewhere:
            continue
        allowed = who in ("owner", "admin", "admin key")
        assert (call(PATH, secret).status_code == 200) is (allowed or who == "owner, read"), who
        assert (send(f"{PATH}/revoke", secret, body).status_code in (200, 409)) is allowed, who
    foreign = secrets["foreign admin key"]
    assert send(f"{PATH}/revoke", foreign, body).status_code == 404
    assert world.key.public_id not in call(PATH, foreign).content.decode()


def test_one_key_and_thirty_cost_the_same_queries(world: World, key: str) -> None:
    counts = []
    for number in (1, 29):
        for index in range(number):
            issued(world.research, world.owner, f"{number} {index}")
        with queries() as captured:
            assert len(call(f"{PATH}?limit=100", key).json()["data"]) > number
        counts.append(len(captured))
    assert counts[0] == counts[1]
