"""The organization by the API: its name, limits, key policy and terminal login; who may, all or nothing."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Action
from accounts.models import AuditEvent
from keys.models import KeyPolicy
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import (
    READ_BY_MEMBERS,
    WRITTEN_BY_ADMINS,
    find_statuses,
    send,
)
from tests.support.clock import DAY, set_clock
from tests.world import World

pytestmark = pytest.mark.django_db
PATH = "/v1/organization"


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


def change(secret: str, **body: Any) -> Any:
    return send(secret, "POST", PATH, body)


def test_it_is_read_with_its_limits_and_rules(world: World, secret: str) -> None:
    assert send(secret, "GET", PATH).json() == {
        "object": "organization",
        "id": world.organization.public_id,
        "name": "Northwind",
        "slug": "northwind",
        "status": "active",
        "created_at": int(world.organization.created_at.timestamp()),
        "limits": {"projects": 5, "projects_used": 3, "external_collaborators": True},
        "key_policy": {
            "longest_days": None,
            "expiry_required": False,
            "makers": "everybody",
            "unused_days": None,
            "on_leak": "revoke",
        },
        "terminal_login": True,
    }


def test_what_is_named_changes_and_all_else_stays(world: World, secret: str) -> None:
    answer = change(
        secret,
        name="  Northwind Labs ",
        key_policy={"longest_days": 90, "makers": "admins"},
        terminal_login=False,
    ).json()
    assert (answer["name"], answer["slug"]) == ("Northwind Labs", "northwind")
    assert answer["terminal_login"] is False
    rules = {"longest_days": 90, "expiry_required": False, "makers": "admins", "unused_days": None}
    assert answer["key_policy"] == {**rules, "on_leak": "revoke"}
    acts = AuditEvent.objects.order_by("-pk").values_list("act", "actor_kind")[:3]
    assert set(acts) == {
        (Action.ORGANIZATION_CHANGED, "admin_key"),
        (Action.KEY_POLICY_CHANGED, "admin_key"),
        (Action.TERMINAL_LOGIN_CHANGED, "admin_key"),
    }
    answer = change(secret, key_policy={"longest_days": None}).json()
    assert answer["key_policy"]["longest_days"] is None
    assert (answer["key_policy"]["makers"], answer["name"]) == ("admins", "Northwind Labs")
    number = AuditEvent.objects.count()
    assert change(secret).json() == answer
    assert send(secret, "POST", PATH).json() == answer
    assert AuditEvent.objects.count() == number


def test_a_rule_that_revokes_keys_is_confirmed_with_their_number(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, timezone.now() + 60 * DAY)
    rule = {"unused_days": 30}
    answer = change(secret, name="Renamed", key_policy=rule)
    error = error_of(answer)
    assert (answer.status_code, error["param"]) == (409, "key_policy.unused_days")
    assert (error["code"], "revoking: 1" in error["message"]) == ("would_revoke", True)
    world.organization.refresh_from_db()
    assert world.organization.name == "Northwind"  # all or nothing
    assert change(secret, key_policy={**rule, "revoking": 1}).status_code == 200
    assert KeyPolicy.objects.get(organization=world.organization).unused_days == 30


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"slug": "other"}, "slug"),
        ({"limits": {}}, "limits"),
        ({"terminal_login": "yes"}, "terminal_login"),
        ({"terminal_login": None}, "terminal_login"),
        ({"key_policy": None}, "key_policy"),
        ({"key_policy": {"longest_days": 0}}, "key_policy.longest_days"),
        ({"key_policy": {"longest_days": 3651}}, "key_policy.longest_days"),
        ({"key_policy": {"expiry_required": None}}, "key_policy.expiry_required"),
        ({"key_policy": {"makers": "nobody"}}, "key_policy.makers"),
        ({"key_policy": {"on_leak": 1}}, "key_policy.on_leak"),
        ({"key_policy": {"unused_day": 1}}, "key_policy.unused_day"),
        ({"key_policy": {"revoking": -1}}, "key_policy.revoking"),
    ],
)
def test_a_wrong_field_is_named_and_changes_nothing(
    world: World, secret: str, body: Any, param: str
) -> None:
    answer = change(secret, **{"name": "Renamed", **body})
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    world.organization.refresh_from_db()
    assert world.organization.name == "Northwind"


def test_who_may(world: World) -> None:
    assert find_statuses(world, "GET", PATH) == READ_BY_MEMBERS
    assert find_statuses(world, "POST", PATH, {"name": "Renamed"}) == WRITTEN_BY_ADMINS
    policy = {"key_policy": {"makers": "admins"}, "terminal_login": False}
    assert find_statuses(world, "POST", PATH, policy) == WRITTEN_BY_ADMINS


def test_each_credential_reads_its_own_organization(world: World) -> None:
    foreign = issue_admin_key(world.stranger, world.other_organization).secret
    assert send(foreign, "GET", PATH).json()["id"] == world.other_organization.public_id


def test_sent_twice_with_one_idempotency_key_it_changes_once(world: World, secret: str) -> None:
    headers = {"Idempotency-Key": "x"}
    first = send(secret, "POST", PATH, {"name": "Renamed"}, **headers)
    change(secret, name="Again")
    again = send(secret, "POST", PATH, {"name": "Renamed"}, **headers)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    world.organization.refresh_from_db()
    assert world.organization.name == "Again"
