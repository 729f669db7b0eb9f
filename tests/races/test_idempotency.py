"""Creating requests, each twenty times at once with one idempotency key: one object, event and secret."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.support.services.requests import withdraw_request
from keys.models import AccountToken, AdminKey, ApiKey
from projects.models import Project, ServiceAccount
from tests.keys.helpers.api_client import error_of, send
from tests.keys.helpers.service_accounts import create_account
from tests.projects.api.callers import admin_key
from tests.races.at_once import assert_rules_hold, at_once
from tests.races.test_management_api import (
    AT_ONCE,
    REPLAYED,
    assert_done_once,
    without_secrets,
)
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
BELOW = "/v1/organization"
NEW = "once@elsewhere.example"
ONCE = {"name": "Once"}


class Creation(NamedTuple):
    """`count` counts the objects that it made; `recorded` is the event of one."""

    path: str
    body: dict[str, Any]
    recorded: Action
    count: Callable[[World], int]
    status: int = 200


def count_invitations(world: World) -> int:
    return world.organization.invitations.filter(email=NEW).count()


def count_keys(world: World) -> int:
    return ApiKey.objects.filter(name="Once").count()


def list_creations(world: World) -> dict[str, Creation]:
    return {**list_in_organization(), **list_in_project(world)}


def list_in_organization() -> dict[str, Creation]:
    return {
        "project": Creation(
            f"{BELOW}/projects", ONCE, Action.PROJECT_CREATED,
            lambda _: Project.objects.filter(name="Once").count(),
        ),
        "invite": Creation(
            f"{BELOW}/invites", {"email": NEW, "role": "reader"}, Action.INVITATION_SENT,
            count_invitations,
        ),
        "admin API key": Creation(
            f"{BELOW}/admin_api_keys", ONCE, Action.ADMIN_KEY_CREATED,
            lambda _: AdminKey.objects.filter(name="Once").count(),
        ),
        "support request": Creation(
            f"{BELOW}/support_requests", {"kind": "projects", "reason": "Once"},
            Action.SUPPORT_REQUESTED,
            lambda world: world.organization.support_requests.filter(reason="Once").count(),
        ),
    }  # fmt: skip


def list_in_project(world: World) -> dict[str, Creation]:
    project = f"{BELOW}/projects/{world.research.public_id}"
    account = create_account(world.owner, world.research, "Build")
    below = f"{project}/service_accounts/{account.public_id}"
    return {
        "collaborator": Creation(
            f"{project}/users", {"role": "member", "email": NEW}, Action.INVITATION_SENT,
            count_invitations, 202,
        ),
        "API key": Creation(f"{project}/api_keys", ONCE, Action.KEY_CREATED, count_keys),
        "service account": Creation(
            f"{project}/service_accounts", ONCE, Action.SERVICE_ACCOUNT_CREATED,
            lambda _: ServiceAccount.objects.filter(name="Once").count(),
        ),
        "its API key": Creation(f"{below}/api_keys", ONCE, Action.KEY_CREATED, count_keys),
        "its token": Creation(
            f"{below}/tokens", ONCE, Action.ACCOUNT_TOKEN_CREATED,
            lambda _: AccountToken.objects.filter(name="Once").count(),
        ),
    }  # fmt: skip


KINDS = (
    *("project", "invite", "collaborator", "API key", "service account", "its API key"),
    *("its token", "admin API key", "support request"),
)


def count_events(creation: Creation) -> int:
    return AuditEvent.objects.filter(act=creation.recorded).count()


@pytest.mark.parametrize("kind", KINDS)
def test_twenty_at_once_create_one(world: World, kind: str) -> None:
    withdraw_request(actor=Actor.of_user(world.owner), request=world.support_request)
    creation, key = list_creations(world)[kind], admin_key(world)
    before, headers = count_events(creation), {"Idempotency-Key": "run-1"}
    request = partial(send, creation.path, key, creation.body, **headers)
    created = assert_done_once(at_once([request] * AT_ONCE), creation.status)
    assert creation.count(world) == 1
    assert count_events(creation) == before + 1
    again = request()
    assert (again.status_code, again[REPLAYED]) == (creation.status, "true")
    assert again.json() == without_secrets(created)
    changed = next(name for name in ("name", "role", "reason") if name in creation.body)
    other = send(creation.path, key, {**creation.body, changed: "owner"}, **headers)
    assert (other.status_code, error_of(other)["code"]) == (409, "idempotency_key_reused")
    # Another credential's key is another one, even with the same header.
    theirs = send(creation.path, admin_key(world, "Second"), creation.body, **headers)
    assert REPLAYED not in theirs
    assert creation.count(world) == 1
    assert_rules_hold()


def test_a_refusal_is_not_remembered(world: World) -> None:
    key, headers = admin_key(world), {"Idempotency-Key": "run-1"}
    path = f"{BELOW}/projects"
    for body, status in (({"name": ""}, 422), ({"name": "Research"}, 409), ({"name": "Now"}, 200)):
        assert send(path, key, body, **headers).status_code == status
    assert send(path, key, {"name": "Now"}, **headers)[REPLAYED] == "true"
