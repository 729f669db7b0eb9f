"""GET /v3/whoami and /v1/whoami: whom a key stands for, and what is said to one that is not good."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import OrganizationState
from keys.api_keys.services import revoke_key, set_expiration
from keys.callers import find_caller
from keys.default_key.services import reveal_default_key
from keys.verification.last_used import flush_uses
from projects.services.archive import archive_project
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.gateway_client import queries_of
from tests.support.clock import DAY, set_clock
from tests.world import World, issued

pytestmark = pytest.mark.django_db
V3, V1 = "/v3/whoami", "/v1/whoami"


def test_a_project_key_gets_its_project_and_organization(world: World) -> None:
    answer = call(V3, world.key_secret)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "type": "project_api_key",
        "api_key": {"id": world.key.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
        "project": {"id": world.research.public_id, "name": "Research", "slug": "research"},
    }


def test_the_default_key_is_a_key_of_the_default_project(world: World) -> None:
    revealed = reveal_default_key(actor=Actor.of_user(world.owner), organization=world.organization)
    told = call(V3, revealed.secret).json()
    assert told["type"] == "project_api_key"
    assert told["project"]["id"] == world.default.public_id


def test_older_clients_get_it_flat(world: World) -> None:
    assert call(V1, world.key_secret).json() == {
        "api_key_id": world.key.public_id,
        "organization_id": world.organization.public_id,
        "organization_name": "Northwind",
        "project_id": world.research.public_id,
        "project_name": "Research",
        "project_slug": "research",
    }


@pytest.mark.parametrize("path", [V3, V1, "/v1/projects"])
def test_without_a_credential_it_says_how_to_send_a_credential(world: World, path: str) -> None:
    answer = call(path)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="console"')
    assert error_of(answer)["code"] is None


@pytest.mark.parametrize("path", [V3, V1, "/v1/projects"])
@pytest.mark.parametrize("change", ["x" + "%s", "%s" + "x", "sc_" + "%.0s", "eyJ" + "%.0s"])
def test_what_is_no_key_is_refused(world: World, path: str, change: str) -> None:
    answer = call(path, change % world.key_secret)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert error_of(answer)["code"] == "malformed"


def revoked(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)


def expired(world: World) -> None:
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=timezone.now() + DAY)


def archived(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)


def suspended(world: World) -> None:
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (revoked, "revoked"),
        (expired, "expired"),
        (archived, "project_archived"),
        (suspended, "organization_suspended"),
    ],
)
def test_a_key_that_ended_is_refused_from_the_next_request_on(
    world: World, monkeypatch: pytest.MonkeyPatch, end: object, code: str
) -> None:
    assert call(V3, world.key_secret).status_code == 200
    assert callable(end)
    end(world)
    if code == "expired":
        set_clock(monkeypatch, timezone.now() + 2 * DAY)
    answer = call(V3, world.key_secret)
    assert (answer.status_code, error_of(answer)["code"]) == (401, code)


def test_asking_is_a_use_of_the_key(world: World) -> None:
    call(V3, world.key_secret)
    flush_uses()
    used = world.key.secrets.get().last_used_at
    assert used
    assert timezone.now() - used < dt.timedelta(minutes=1)


def test_it_takes_two_queries(world: World) -> None:
    assert queries_of(lambda: call(V3, world.key_secret)) == 2


@pytest.mark.parametrize("path", [V3, V1, "/v1/projects"])
def test_other_methods_and_a_slash_at_the_end_are_errors_and_no_redirect(
    world: World, path: str
) -> None:
    wrong = call(path, world.key_secret, "POST")
    assert (wrong.status_code, wrong["Allow"]) == (405, "GET, HEAD")
    assert error_of(wrong)["type"] == "method_not_allowed"
    missing = call(f"{path}/", world.key_secret)
    assert (missing.status_code, error_of(missing)["type"]) == (404, "not_found_error")


def test_a_key_lists_its_own_project_alone(world: World) -> None:
    answer = call("/v1/projects?limit=100", world.key_secret)
    assert answer.json() == {
        "object": "list",
        "data": [
            {
                "id": world.research.public_id,
                "name": "Research",
                "slug": "research",
                "organization_id": world.organization.public_id,
                "organization_name": "Northwind",
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "", "1e2", "9" * 30, "²"])
def test_a_limit_that_is_none_is_refused(world: World, limit: str) -> None:
    answer = call(f"/v1/projects?limit={limit}", world.key_secret)
    assert (answer.status_code, error_of(answer)["param"]) == (422, "limit")


@pytest.mark.parametrize("after", ["x", "", "WyIxIiwgMV0x", "bnVsbA", "WyJhXHUwMDAwIiwxXQ", "é"])
def test_a_cursor_that_is_none_is_refused(world: World, after: str) -> None:
    answer = call(f"/v1/projects?after={after}", world.key_secret)
    assert (answer.status_code, error_of(answer)["param"]) == (400, "after")


def test_a_secret_an_external_made_may_not_read_usage(world: World) -> None:
    made = issued(world.research, world.external, "theirs")
    assert not find_caller(made.secret).may_read_usage
    assert find_caller(world.key_secret).may_read_usage
