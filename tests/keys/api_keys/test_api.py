"""API keys by the management API: created, listed, read, changed, rotated and revoked."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.api_keys.services import create_key, revoke_key
from keys.default_key.services import reveal_default_key
from keys.models import AdminKey, ApiKey
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.managed_keys import is_valid, keys_of, path
from tests.projects.api.callers import admin_key, cast
from tests.support.clock import DAY, set_clock
from tests.support.pages import queries
from tests.world import World, issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world: World) -> str:
    return admin_key(world)


def names(answer: Any) -> list[str]:
    return [key["name"] for key in answer.json()["data"]]


def test_a_key_is_created_and_read(world: World, admin: str) -> None:
    created = send(keys_of(world.research), admin, {"name": "CI"}).json()
    key = ApiKey.objects.get(public_id=created["id"])
    secret = created.pop("value")
    assert secret.startswith("pk_")
    assert is_valid(secret)
    assert created == {
        "object": "organization.project.api_key",
        "id": key.public_id,
        "name": "CI",
        "redacted_value": key.current_secret().hint,
        "created_at": int(key.created_at.timestamp()),
        "expires_at": None,
        "last_used_at": None,
        "status": "active",
        "old_secret": None,
        "tags": {},
        "created_with": AdminKey.objects.get().public_id,
        "owner": {"type": None, "user": None, "service_account": None},
        "owner_project_access": "active",
    }
    assert (key.project, key.created_by) == (world.research, None)
    assert call(path(key), admin).json() == created


def test_a_key_is_renamed_expires_and_is_revoked(world: World, admin: str) -> None:
    created = send(keys_of(world.research), admin, {"name": "CI"}).json()
    key, secret = ApiKey.objects.get(public_id=created["id"]), created["value"]
    renamed = send(path(key), admin, {"name": "CI 2", "expires_in_seconds": 3600}).json()
    assert renamed["name"] == "CI 2"
    assert abs(renamed["expires_at"] - timezone.now().timestamp() - 3600) < 60
    assert send(path(key), admin, {}).json() == renamed
    assert send(path(key, "/cancel_expiration"), admin).json()["expires_at"] is None
    assert send(path(key, "/cancel_expiration"), admin).status_code == 409
    assert send(path(key), admin, method="DELETE").json() == {
        "id": key.public_id,
        "deleted": True,
        "object": "organization.project.api_key.deleted",
    }
    assert not is_valid(secret)
    assert call(path(key), admin).status_code == 404
    assert send(path(key), admin, method="DELETE").status_code == 404
    events = AuditEvent.objects.filter(target_id=key.public_id).order_by("pk")
    assert [event.act for event in events] == [
        Action.KEY_CREATED,
        Action.KEY_RENAMED,
        *[Action.KEY_EXPIRATION_CHANGED] * 2,
        Action.KEY_REVOKED,
    ]
    assert {event.actor_name for event in events} == {"Terraform"}


def test_a_key_is_rotated_and_the_rotation_cancelled_or_finished(world: World, admin: str) -> None:
    key, first = world.key, world.key_secret
    rotated = send(path(key, "/rotate"), admin, {"overlap_seconds": 3600}).json()
    assert (rotated["status"], rotated["value"].startswith("pk_")) == ("rotating", True)
    old = rotated["old_secret"]
    assert old["redacted_value"] == key.secrets.earliest("pk").hint
    assert abs(old["expires_at"] - timezone.now().timestamp() - 3600) < 60
    assert is_valid(first)
    assert is_valid(rotated["value"])
    again = send(path(key, "/rotate"), admin)
    assert (again.status_code, again["X-Should-Retry"]) == (409, "false")
    cancelled = send(path(key, "/cancel_rotation"), admin).json()
    assert (cancelled["status"], cancelled["old_secret"]) == ("active", None)
    assert (is_valid(first), is_valid(rotated["value"])) == (True, False)
    assert send(path(key, "/cancel_rotation"), admin).status_code == 409
    second = send(path(key, "/rotate"), admin).json()["value"]
    assert send(path(key, "/finish_rotation"), admin).json()["status"] == "active"
    assert (is_valid(first), is_valid(second)) == (False, True)
    third = send(path(key, "/rotate"), admin, {"overlap_seconds": 0}).json()
    assert (third["old_secret"], is_valid(second), is_valid(third["value"])) == (None, False, True)


def test_the_owner_is_who_created_the_key_with_their_role_now(world: World, admin: str) -> None:
    owner = call(path(world.key), admin).json()["owner"]
    user = world.project_member
    assert owner == {
        "type": "user",
        "user": {
            "id": user.public_id,
            "name": user.name,
            "email": user.email,
            "role": "member",
            "created_at": int(user.date_joined.timestamp()),
        },
        "service_account": None,
    }
    by_owner = issued(world.research, world.owner, "by owner").key
    assert call(path(by_owner), admin).json()["owner"]["user"]["role"] == "owner"
    external = cast(world)["external"]
    assert call(path(world.key), external).json()["owner"]["user"]["email"] is None


def email_of_creator(key: ApiKey, secret: str) -> str | None:
    email: str | None = call(path(key), secret).json()["owner"]["user"]["email"]
    listed = call(f"{path(key).rpartition('/')[0]}?limit=100", secret).json()["data"]
    [owner] = [row["owner"] for row in listed if row["id"] == key.public_id]
    assert owner["user"]["email"] == email
    return email


def test_externals_see_no_email_address_of_those_who_left(world: World, admin: str) -> None:
    secrets = cast(world)
    leaver = world.project_member.email
    for reader in ("external admin", "project admin", "owner"):
        assert email_of_creator(world.key, secrets[reader]) == leaver
    row = world.project_member_row
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    assert email_of_creator(world.key, secrets["external admin"]) is None
    rotated = send(f"{path(world.key)}/rotate", secrets["external admin"]).json()
    assert rotated["owner"]["user"]["email"] is None
    for secret in (secrets["project admin"], secrets["owner"], admin):
        assert email_of_creator(world.key, secret) == leaver


def test_keys_are_filtered_by_whether_their_owner_has_access(world: World, admin: str) -> None:
    issued(world.research, world.owner, "by owner")
    issued(world.research, world.external, "by external")
    send(keys_of(world.research), admin, {"name": "by program"})
    for row in (world.project_member_row, world.external_row):
        remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    inactive = ["by external", "notebooks"]
    for access, expected in (
        ("any", ["by program", "by external", "by owner", "notebooks"]),
        ("active", ["by program", "by owner"]),
        ("inactive", inactive),
    ):
        listed = call(f"{keys_of(world.research)}?owner_project_access={access}", admin)
        assert names(listed) == expected
        for key in listed.json()["data"]:
            told = "inactive" if key["name"] in inactive else "active"
            assert key["owner_project_access"] == told
            assert key["owner"]["user"] is None or (key["owner"]["user"]["role"] is None) == (
                told == "inactive"
            )


def test_every_member_has_access_to_the_default_project(world: World, admin: str) -> None:
    issued(world.default, world.member, "by member")
    listed = call(f"{keys_of(world.default)}?owner_project_access=active", admin).json()
    assert [key["owner"]["user"]["role"] for key in listed["data"]] == ["member"]


def test_the_default_key_is_never_listed(world: World, admin: str) -> None:
    key = ApiKey.objects.in_organization(world.organization).default_key()
    assert call(keys_of(world.default), admin).json()["data"] == []
    unknown = call(f"{keys_of(world.default)}/key_{'0' * 20}", admin)
    for act, method in (
        ("", "GET"),
        ("", "DELETE"),
        ("", "POST"),
        ("/rotate", "POST"),
        ("/cancel_rotation", "POST"),
        ("/finish_rotation", "POST"),
        ("/cancel_expiration", "POST"),
    ):
        answer = send(path(key, act), admin, None, method)
        assert (answer.status_code, answer.content) == (404, unknown.content), act
    secret = reveal_default_key(
        actor=Actor.of_user(world.owner), organization=world.organization
    ).secret
    assert is_valid(secret)


def test_the_list_pages_over_keys_that_are_revoked(world: World, admin: str) -> None:
    for number in range(4):
        issued(world.research, world.owner, f"key {number}")
    here = f"{keys_of(world.research)}?order=asc&limit=2"
    first = call(here, admin).json()
    assert [key["name"] for key in first["data"]] == ["notebooks", "key 0"]
    gone = ApiKey.objects.get(public_id=first["data"][-1]["id"])
    revoke_key(actor=Actor.of_user(world.owner), key=gone)
    for after in (first["last_id"], gone.public_id):
        assert names(call(f"{here}&after={after}", admin)) == ["key 1", "key 2"]
    foreign = call(f"{here}&after={world.other_key.public_id}", admin)
    assert (foreign.status_code, error_of(foreign)["param"]) == (422, "after")


def test_a_list_costs_the_same_queries_whatever_its_length(world: World, admin: str) -> None:
    for number in range(20):
        issued(world.research, world.owner, f"key {number}")
    with queries() as short:
        call(f"{keys_of(world.research)}?limit=1", admin)
    with queries() as long:
        assert len(call(f"{keys_of(world.research)}?limit=100", admin).json()["data"]) == 21
    assert len(short) == len(long)


def test_an_expired_key_can_be_given_a_later_end(
    world: World, admin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create_key(
        actor=Actor.of_user(world.owner),
        project=world.research,
        name="short",
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    set_clock(monkeypatch, timezone.now() + DAY)
    assert call(path(made.key), admin).json()["status"] == "expired"
    assert send(path(made.key, "/rotate"), admin).status_code == 409
    later = send(path(made.key), admin, {"expires_in_seconds": 30 * 24 * 3600}).json()
    assert later["status"] == "active"
