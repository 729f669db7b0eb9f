"""People's access tokens by the API of their organization: listed, read, revoked; who may."""

import pytest

from accounts.enums import Action
from accounts.models import AuditEvent
from keys.enums import TokenScope
from keys.personal_tokens.services import IssuedToken
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.management import (
    READ_BY_ADMINS,
    WRITTEN_BY_ADMINS,
    find_statuses,
    send,
)
from tests.keys.helpers.personal_tokens import made
from tests.support.mail import mailed_to
from tests.support.pages import queries
from tests.world import World

pytestmark = pytest.mark.django_db
TOKENS = "/v1/organization/access_tokens"


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


@pytest.fixture
def issued(world: World) -> IssuedToken:
    return made(world.external, world.research, "evening", scope=TokenScope.WRITE)


def test_a_token_is_read_without_its_secret(world: World, secret: str, issued: IssuedToken) -> None:
    made(world.stranger, world.other_organization, "theirs")
    (listed,) = send(secret, "GET", TOKENS).json()["data"]
    assert send(secret, "GET", f"{TOKENS}/{issued.token.public_id}").json() == listed
    assert listed == {
        "object": "organization.access_token",
        "id": issued.token.public_id,
        "name": "evening",
        "redacted_value": issued.token.hint,
        "scope": "write",
        "owner": {"type": "user", "id": world.external.public_id, "name": world.external.name},
        "project": {"id": world.research.public_id, "name": "Research"},
        "created_at": int(issued.token.created_at.timestamp()),
        "expires_at": int(issued.token.expires_at.timestamp()),
        "last_used_at": None,
    }


def test_a_revoked_token_is_over_and_its_owner_learns_it(
    world: World, secret: str, issued: IssuedToken
) -> None:
    other = made(world.owner, world.organization, "other").token
    path = f"{TOKENS}/{issued.token.public_id}"
    assert send(secret, "DELETE", path).json() == {
        "object": "organization.access_token.deleted",
        "id": issued.token.public_id,
        "deleted": True,
    }
    assert send(secret, "GET", path).status_code == 404
    assert send(secret, "DELETE", path).status_code == 404
    assert send(issued.secret, "GET", "/v3/whoami").status_code == 401
    mail = mailed_to(world.external.email)[-1]
    assert mail.body.startswith("Admin API key Terraform revoked your access token evening")
    assert "Ask the Owner or an Admin why it was revoked" in mail.body
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor_kind) == (Action.TOKEN_REVOKED, "admin_key")
    following = send(secret, "GET", f"{TOKENS}?order=asc&after={issued.token.public_id}").json()
    assert [token["id"] for token in following["data"]] == [other.public_id]


def test_a_token_can_revoke_itself(world: World) -> None:
    own = made(world.admin, world.organization, scope=TokenScope.WRITE)
    path = f"{TOKENS}/{own.token.public_id}"
    assert send(own.secret, "DELETE", path).status_code == 200
    assert send(own.secret, "GET", path).status_code == 401


def test_who_may(world: World, issued: IssuedToken) -> None:
    path = f"{TOKENS}/{issued.token.public_id}"
    assert find_statuses(world, "GET", TOKENS) == READ_BY_ADMINS
    assert find_statuses(world, "GET", path) == READ_BY_ADMINS
    assert find_statuses(world, "DELETE", path) == WRITTEN_BY_ADMINS


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_organizations_token_is_like_an_unknown_one(
    world: World, secret: str, method: str
) -> None:
    foreign = made(world.stranger, world.other_organization, "theirs").token
    ids = (foreign.public_id, f"pat_{'0' * 20}", "user_x")
    answers = [send(secret, method, f"{TOKENS}/{one}") for one in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_one_and_many_cost_the_same_queries(world: World, secret: str) -> None:
    counts = set()
    for name in ("one", "two", "three"):
        made(world.owner, world.research, name)
        with queries() as captured:
            send(secret, "GET", TOKENS)
        counts.add(len(captured))
    assert len(counts) == 1
