"""Whom and what the management API of API keys refuses, and what is sent twice."""

from typing import Any

import pytest

from keys.enums import KeyMakers
from keys.models import ApiKey, KeyPolicy, KeySecret
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.managed_keys import keys_of, path
from tests.projects.api.callers import admin_key, cast, foreign_admin_key
from tests.world import World, issued

pytestmark = pytest.mark.django_db
YEARS = 3650 * 24 * 60 * 60


@pytest.fixture
def admin(world: World) -> str:
    return admin_key(world)


def names(answer: Any) -> list[str]:
    return [key["name"] for key in answer.json()["data"]]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "CI", "expires_in_seconds": 0}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": -1}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": 1.5}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": "60"}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": YEARS + 1}, "expires_in_seconds"),
        ({"name": "CI", "expires_at": 1_900_000_000}, "expires_at"),
        ({"name": "CI", "scopes": []}, "scopes"),
        ({"name": "CI", "scopes": ["api.all.read"]}, "scopes"),
        ({"name": "CI", "value": "pk_mine"}, "value"),
    ],
)
def test_a_wrong_body_names_its_field_and_creates_nothing(
    world: World, admin: str, body: dict[str, Any], param: str
) -> None:
    before = KeySecret.objects.count()
    answer = send(keys_of(world.research), admin, body)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    if param == "scopes":
        assert error_of(answer)["code"] == "not_supported"
    assert KeySecret.objects.count() == before


@pytest.mark.parametrize(
    ("act", "body", "status", "param"),
    [
        ("", {"name": ""}, 422, "name"),
        ("", {"name": "taken"}, 409, "name"),
        ("", {"name": "taken", "expires_in_seconds": 60}, 409, "name"),
        ("", {"scopes": ["api.all.read"]}, 422, "scopes"),
        ("", {"expires_in_seconds": 0}, 422, "expires_in_seconds"),
        ("/rotate", {"overlap_seconds": -1}, 422, "overlap_seconds"),
        ("/rotate", {"overlap_seconds": 604_801}, 422, "overlap_seconds"),
        ("/rotate", {"overlap_seconds": None}, 422, "overlap_seconds"),
        ("/rotate", {"overlap": 3600}, 422, "overlap"),
    ],
)
def test_a_refused_change_changes_nothing(
    world: World, admin: str, act: str, body: dict[str, Any], status: int, param: str
) -> None:
    issued(world.research, world.owner, "taken")
    before, secrets = call(path(world.key), admin).json(), KeySecret.objects.count()
    answer = send(path(world.key, act), admin, body)
    assert (answer.status_code, error_of(answer)["param"]) == (status, param)
    assert (call(path(world.key), admin).json(), KeySecret.objects.count()) == (before, secrets)


def test_the_key_policy_holds_as_on_the_pages(world: World, admin: str) -> None:
    KeyPolicy.objects.create(
        organization=world.organization, longest_days=30, makers=KeyMakers.ADMINS
    )
    here = keys_of(world.research)
    for body in ({"name": "CI"}, {"name": "CI", "expires_in_seconds": 31 * 24 * 3600}):
        answer = send(here, admin, body)
        assert (answer.status_code, error_of(answer)["param"]) == (422, "expires_in_seconds")
    assert (
        send(here, admin, {"name": "CI", "expires_in_seconds": 29 * 24 * 3600}).status_code == 200
    )
    member = cast(world)["project member, project"]
    refused = send(here, member, {"name": "Mine", "expires_in_seconds": 3600})
    assert refused.status_code == 403
    assert "leaves creating and rotating keys to Project Admins" in error_of(refused)["message"]


def test_a_name_is_taken_once(world: World, admin: str) -> None:
    answer = send(keys_of(world.research), admin, {"name": world.key.name})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    assert answer["X-Should-Retry"] == "false"


def test_sent_again_with_the_same_idempotency_key_a_key_is_created_once(
    world: World, admin: str
) -> None:
    headers = {"Idempotency-Key": "run-1"}
    here = keys_of(world.research)
    first, again = (send(here, admin, {"name": "CI"}, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == {**first.json(), "value": None}
    assert ApiKey.objects.filter(name="CI").count() == 1
    rotations = [
        send(path(world.key, "/rotate"), admin, **{"Idempotency-Key": "run-2"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in rotations] == [200, 200]
    assert rotations[1].json() == {**rotations[0].json(), "value": None}
    assert world.key.secrets.count() == 2


# Who may: list the keys of research, create one, rename one, rotate it, revoke it.
WHO = {
    "admin key": (200,) * 5,
    "foreign admin key": (404,) * 5,
    "owner": (200,) * 5,
    "owner, read": (200, 403, 403, 403, 403),
    "owner, project": (200,) * 5,
    "admin": (200,) * 5,
    "member": (404,) * 5,
    "project admin": (200,) * 5,
    "project admin, project": (200,) * 5,
    "project member": (200,) * 5,
    "project member, project": (200,) * 5,
    "external": (200,) * 5,
    "external admin": (200,) * 5,
    "stranger": (404,) * 5,
    "API key": (403,) * 5,
    "terminal": (403,) * 5,
}


@pytest.mark.parametrize("caller", WHO)
def test_who_may_do_what(world: World, caller: str) -> None:
    secret = cast(world)[caller]
    answers = (
        call(keys_of(world.research), secret),
        send(keys_of(world.research), secret, {"name": "new"}),
        send(path(world.key), secret, {"name": "renamed"}),
        send(path(world.key, "/rotate"), secret),
        send(path(world.key), secret, None, "DELETE"),
    )
    assert tuple(answer.status_code for answer in answers) == WHO[caller]


def test_a_secret_that_an_external_creates_cannot_read_usage(world: World) -> None:
    secrets = cast(world)
    made = send(keys_of(world.research), secrets["external"], {"name": "theirs"}).json()["id"]
    assert KeySecret.objects.get(api_key__public_id=made).may_read_usage is False
    send(path(world.key, "/rotate"), secrets["external admin"])
    assert KeySecret.objects.filter(api_key=world.key).latest("pk").may_read_usage is False


@pytest.mark.parametrize(
    ("act", "method"),
    [
        ("", "GET"),
        ("", "POST"),
        ("", "DELETE"),
        ("/rotate", "POST"),
        ("/cancel_rotation", "POST"),
        ("/finish_rotation", "POST"),
        ("/cancel_expiration", "POST"),
    ],
)
def test_a_foreign_key_is_answered_like_an_unknown_one(world: World, act: str, method: str) -> None:
    secret, own = foreign_admin_key(world), keys_of(world.other_project)
    unknown = send(f"{own}/key_{'0' * 20}{act}", secret, None, method)
    assert unknown.status_code == 404
    for there in (f"{own}/{world.key.public_id}{act}", path(world.key, act)):
        answer = send(there, secret, None, method)
        assert (answer.status_code, answer.content) == (404, unknown.content)


def test_a_key_of_another_project_of_their_own_is_not_found_either(
    world: World, admin: str
) -> None:
    elsewhere = f"{keys_of(world.production)}/{world.key.public_id}"
    assert call(elsewhere, admin).status_code == 404


def test_keys_of_an_archived_project_are_read_and_not_changed(world: World, admin: str) -> None:
    send(f"/v1/organization/projects/{world.research.public_id}/archive", admin)
    assert names(call(keys_of(world.research), admin)) == ["notebooks"]
    refused = send(keys_of(world.research), admin, {"name": "CI"})
    assert (refused.status_code, "is archived" in error_of(refused)["message"]) == (403, True)
    assert send(path(world.key), admin, None, "DELETE").status_code == 403
