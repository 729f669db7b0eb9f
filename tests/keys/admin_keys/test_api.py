"""Admin API keys by the API: made, listed, read, revoked; what they may do, and sent twice."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, OutgoingMail, User
from accounts.models.principals import Principal
from accounts.permissions import Permission
from keys.admin_keys.services import IssuedAdminKey, create_admin_key
from keys.enums import TokenScope
from keys.models import AdminKey
from keys.personal_tokens.services import revoke_own_token
from projects.access import lock_project
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY, set_clock
from tests.support.openapi_contract import documented
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
KEYS = "/v1/organization/admin_api_keys"


def issue(world: World, name: str = "Terraform", **fields: Any) -> IssuedAdminKey:
    return issue_admin_key(world.owner, world.organization, name, **fields)


def post(secret: str, body: Any, **headers: str) -> Any:
    answer = Client(raise_request_exception=False).post(
        KEYS,
        json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}", **headers},
    )
    return documented(answer)


def test_a_key_says_whose_it_is(world: World) -> None:
    issued = issue(world)
    assert call("/v3/whoami", issued.secret).json() == {
        "type": "org_api_key",
        "api_key": {"id": issued.key.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
    }


def test_a_key_makes_another_that_ends_no_later(world: World) -> None:
    issued = issue(world, lifetime=dt.timedelta(days=10))
    answer = post(issued.secret, {"name": "CI"})
    assert answer.status_code == 200
    made = answer.json()
    assert made["value"].startswith("ak_")
    assert made["expires_at"] == int(issued.key.expires_at.timestamp())
    assert made["owner"] == {
        "id": None, "name": None, "created_at": None,
        "type": "user", "object": "organization.user", "role": "owner",
    }  # fmt: skip
    late = post(issued.secret, {"name": "Late", "expires_in_seconds": 11 * 24 * 3600})
    assert (late.status_code, error_of(late)["param"]) == (422, "expires_in_seconds")
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor_kind) == (Action.ADMIN_KEY_CREATED, "admin_key")
    assert (event.actor_name, event.credential) == ("Terraform", issued.key.public_id)
    to = OutgoingMail.objects.latest("pk")
    assert to.to == world.owner.email
    assert "the admin API key Terraform created the admin API key CI" in to.body


def test_a_name_is_taken_once(world: World) -> None:
    issued = issue(world)
    answer = post(issued.secret, {"name": "Terraform"})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    assert answer["X-Should-Retry"] == "false"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": 5}, "name"),
        ({"name": "CI", "expires_in_seconds": 0}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": 40_000_000}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_second": 5}, "expires_in_second"),
    ],
)
def test_a_wrong_body_names_its_field_and_makes_nothing(
    world: World, body: dict[str, Any], param: str
) -> None:
    issued = issue(world)
    answer = post(issued.secret, body)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    assert AdminKey.objects.count() == 1


def test_the_list_pages_over_keys_that_vanish(world: World) -> None:
    issued = issue(world)
    for number in range(5):
        issue(world, f"key {number}")
    first = call(f"{KEYS}?limit=2&order=asc", issued.secret).json()
    assert [key["name"] for key in first["data"]] == ["Terraform", "key 0"]
    assert first["has_more"] is True
    gone = first["data"][-1]["id"]
    assert call(f"{KEYS}/{gone}", issued.secret, "DELETE").json() == {
        "id": gone, "deleted": True, "object": "organization.admin_api_key.deleted",
    }  # fmt: skip
    following = call(f"{KEYS}?limit=2&order=asc&after={gone}", issued.secret).json()
    assert [key["name"] for key in following["data"]] == ["key 1", "key 2"]
    assert call(f"{KEYS}/{gone}", issued.secret).status_code == 404


def test_a_revoked_or_expired_key_is_refused_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued, other = issue(world), issue(world, "other", lifetime=dt.timedelta(hours=1))
    assert call(KEYS, other.secret).status_code == 200
    set_clock(monkeypatch, timezone.now() + DAY)
    assert error_of(call(KEYS, other.secret))["code"] == "expired"
    assert call(f"{KEYS}/{issued.key.public_id}", issued.secret, "DELETE").status_code == 200
    assert error_of(call(KEYS, issued.secret))["code"] == "revoked"


def test_another_organizations_key_is_not_there(world: World) -> None:
    issued = issue(world)
    foreign = issue_admin_key(world.stranger, world.other_organization)
    path = f"{KEYS}/{issued.key.public_id}"
    assert call(path, foreign.secret).content == call(f"{KEYS}/akey_x", foreign.secret).content
    assert call(path, foreign.secret, "DELETE").status_code == 404


def test_sent_again_with_the_same_idempotency_key_it_is_made_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(world)
    headers = {"Idempotency-Key": "run-1"}
    first, again = (post(issued.secret, {"name": "CI"}, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == {**first.json(), "value": None}
    assert first.json()["value"] is not None
    assert AdminKey.objects.count() == 2
    other = post(issued.secret, {"name": "CI 2"}, **headers)
    assert (other.status_code, error_of(other)["code"]) == (409, "idempotency_key_reused")
    set_clock(monkeypatch, timezone.now() + DAY)
    assert post(issued.secret, {"name": "CI"}, **headers).status_code == 409  # the name


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_an_idempotency_key_is_printable(world: World, key: str) -> None:
    answer = post(issue(world).secret, {"name": "CI"}, **{"Idempotency-Key": key})
    assert (answer.status_code, error_of(answer)["param"]) == (400, "Idempotency-Key")


def test_a_refused_request_is_not_remembered(world: World) -> None:
    issued = issue(world)
    headers = {"Idempotency-Key": "run-1"}
    assert post(issued.secret, {"name": ""}, **headers).status_code == 422
    assert post(issued.secret, {"name": "CI"}, **headers).status_code == 200


def test_only_an_admin_key_makes_another_and_a_projects_token_sees_none(world: World) -> None:
    issued = issue(world)
    path = f"{KEYS}/{issued.key.public_id}"
    wide = made(world.owner, world.organization, "wide", scope=TokenScope.WRITE).secret
    narrow = made(world.owner, world.research, "narrow", scope=TokenScope.WRITE).secret
    assert post(wide, {"name": "CI"}).status_code == 403
    assert post(narrow, {"name": "CI"}).status_code == 403
    assert call(KEYS, narrow).status_code == 403
    assert call(path, narrow, "DELETE").status_code == 403
    assert call(KEYS, wide).status_code == 200
    assert call(path, wide, "DELETE").status_code == 200
    assert AdminKey.objects.count() == 1


@pytest.mark.parametrize("place", ["organization", "project"])
def test_a_token_revoked_while_a_request_waited_for_the_lock_changes_nothing(
    world: World, place: str
) -> None:
    token = made(world.owner, world.organization).token
    principal = Principal.of_user(world.owner, credential=token.public_id)
    locks: dict[str, Callable[[], object]] = {
        "organization": lambda: lock_organization(
            principal, world.organization, Permission.ADMIN_KEYS_MANAGE
        ),
        "project": lambda: lock_project(principal, world.research, Permission.COLLABORATORS_MANAGE),
    }
    locks[place]()
    revoke_own_token(actor=Actor.of_user(world.owner), token=token)
    with pytest.raises(PermissionDenied):
        locks[place]()


def test_a_session_ended_by_a_new_password_makes_no_key(world: World) -> None:
    stale = User.objects.get(pk=world.owner.pk)
    world.owner.set_password("another long and unguessed password")
    world.owner.save(update_fields=["password"])
    with pytest.raises(PermissionDenied):
        create_admin_key(
            actor=Actor.of_user(stale), organization=world.organization, name="Terraform"
        )


def test_the_header_of_another_organization_is_refused(world: World) -> None:
    issued = issue(world)
    for named, status in (
        (world.organization.public_id, 200),
        (world.other_organization.public_id, 401),
        ("org_unknown", 401),
        ("", 401),
    ):
        headers = {"authorization": f"Bearer {issued.secret}", "openai-organization": named}
        answer = Client().get(KEYS, headers=headers)
        assert answer.status_code == status, named
        if status == 401:
            assert error_of(answer)["code"] == "mismatched_organization"


def test_more_than_fifty_in_a_day_are_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keys.admin_keys.services.MAX_IN_A_DAY", 2)
    issued = issue(world)
    assert post(issued.secret, {"name": "CI"}).status_code == 200
    answer = post(issued.secret, {"name": "CI 2"})
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")


def test_a_key_named_like_a_person_is_not_shown_as_a_person(world: World) -> None:
    issued = issue(world, world.owner.email)
    post(issued.secret, {"name": "CI"})
    page = words(signed_in(world.admin).get(reverse("audit_log", args=[world.organization.slug])))
    assert f"{world.owner.email} Admin API key Admin API key created CI" in page
