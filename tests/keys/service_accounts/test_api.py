"""Service accounts by the API: created, listed, changed, deleted, with keys and tokens."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Invitation
from keys.models import AccountToken, ApiKey
from projects.models import Project, ServiceAccount
from projects.service_accounts.services import remove_service_account
from projects.services.archive import archive_project
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.gateway_client import auth
from tests.keys.helpers.grants import accept
from tests.keys.helpers.service_accounts import acting_account
from tests.projects.api.callers import admin_key, foreign_admin_key
from tests.support.clock import DAY, set_clock
from tests.world import World, person

pytestmark = pytest.mark.django_db


def accounts_of(project: Project) -> str:
    return f"/v1/organization/projects/{project.public_id}/service_accounts"


def test_one_is_created_with_a_key_that_works(world: World) -> None:
    secret, path = admin_key(world), accounts_of(world.research)
    answer = send(path, secret, {"name": "CI"})
    assert answer.status_code == 200
    created = answer.json()
    account, key = ServiceAccount.objects.get(), ApiKey.objects.get(name="CI")
    assert created == {
        "id": account.public_id,
        "object": "organization.project.service_account",
        "name": "CI",
        "role": "member",
        "is_external": False,
        "created_at": int(account.created_at.timestamp()),
        "api_key": {
            "id": key.public_id,
            "object": "organization.project.service_account.api_key",
            "name": "CI",
            "value": created["api_key"]["value"],
            "created_at": int(key.created_at.timestamp()),
            "expires_at": None,
        },
    }
    assert key.service_account == account
    assert auth(created["api_key"]["value"]).status_code == 200
    whoami = call("/v3/whoami", created["api_key"]["value"]).json()
    assert whoami["service_account"] == {"id": account.public_id, "name": "CI"}
    event = AuditEvent.objects.get(act=Action.SERVICE_ACCOUNT_CREATED)
    assert (event.actor_kind, event.target_id) == ("admin_key", account.public_id)
    assert event.credential.startswith("akey_")


def test_the_account_alone_has_neither_key_nor_role(world: World) -> None:
    secret, body = admin_key(world), {"name": "CI", "create_service_account_only": True}
    created = send(accounts_of(world.research), secret, body).json()
    assert (created["role"], created["api_key"]) == ("none", None)
    assert not ApiKey.objects.filter(service_account__isnull=False).exists()
    body |= {"name": "CI 2", "role": "owner"}
    assert send(accounts_of(world.research), secret, body).json()["role"] == "owner"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "CI", "role": "none"}, "role"),
        ({"name": "CI", "role": "reader"}, "role"),
        ({"name": "CI", "expires_in_seconds": 0}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_seconds": 10**12}, "expires_in_seconds"),
        ({"name": "CI", "expires_in_second": 5}, "expires_in_second"),
        (
            {"name": "CI", "create_service_account_only": True, "expires_in_seconds": 5},
            "expires_in_seconds",
        ),
    ],
)
def test_a_wrong_body_names_its_field_and_creates_nothing(
    world: World, body: dict[str, Any], param: str
) -> None:
    answer = send(accounts_of(world.research), admin_key(world), body)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    assert not ServiceAccount.objects.exists()


def test_a_name_is_taken_whatever_its_case_until_its_account_is_deleted(world: World) -> None:
    secret, path = admin_key(world), accounts_of(world.research)
    first = send(path, secret, {"name": "Café"}).json()
    answer = send(path, secret, {"name": "CAFE"})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    assert answer["X-Should-Retry"] == "false"
    assert send(accounts_of(world.production), secret, {"name": "CAFE"}).status_code == 200
    assert call(f"{path}/{first['id']}", secret, "DELETE").status_code == 200
    assert send(path, secret, {"name": "CAFE"}).status_code == 200


def test_a_taken_name_of_a_key_creates_no_account_either(world: World) -> None:
    answer = send(accounts_of(world.research), admin_key(world), {"name": world.key.name})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    assert not ServiceAccount.objects.exists()


def test_it_is_read_changed_and_listed(world: World) -> None:
    secret, path = admin_key(world), accounts_of(world.research)
    only = {"create_service_account_only": True}
    made = [send(path, secret, {"name": f"CI {number}", **only}).json() for number in range(3)]
    one = f"{path}/{made[0]['id']}"
    changed = send(one, secret, {"name": "Renamed", "role": "owner"})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["role"]) == ("Renamed", "owner")
    assert call(one, secret).json() == changed.json()
    page = call(f"{path}?limit=2&order=asc", secret).json()
    assert [row["name"] for row in page["data"]] == ["Renamed", "CI 1"]
    assert page["has_more"] is True
    assert call(f"{path}/{made[1]['id']}", secret, "DELETE").json() == {
        "id": made[1]["id"],
        "deleted": True,
        "object": "organization.project.service_account.deleted",
    }
    rest = call(f"{path}?limit=2&order=asc&after={made[1]['id']}", secret).json()
    assert [row["name"] for row in rest["data"]] == ["CI 2"]
    acts = AuditEvent.objects.filter(act__startswith="service_account.").order_by("pk")
    assert [event.act for event in acts][3:] == [
        "service_account.renamed",
        "service_account.role_changed",
        "service_account.removed",
    ]


def test_deleting_an_account_ends_its_keys_and_tokens(world: World) -> None:
    secret, path = admin_key(world), accounts_of(world.research)
    made = send(path, secret, {"name": "CI"}).json()
    one = f"{path}/{made['id']}"
    second = send(f"{one}/api_keys", secret, {"name": "second", "expires_in_seconds": 3600})
    token = send(f"{one}/tokens", secret, {"name": "deploy"})
    assert (second.status_code, token.status_code) == (200, 200)
    values = [made["api_key"]["value"], second.json()["value"]]
    assert [auth(value).status_code for value in values] == [200, 200]
    assert call("/v3/whoami", token.json()["value"]).status_code == 200
    assert call(one, secret, "DELETE").status_code == 200
    assert [auth(value).status_code for value in values] == [401, 401]
    assert error_of(call("/v3/whoami", token.json()["value"]))["code"] == "revoked"
    assert call(one, secret).status_code == 404
    assert call(one, secret, "DELETE").status_code == 404


def test_another_organizations_account_is_not_there(world: World) -> None:
    account, _ = acting_account(world.owner, world.research)
    foreign = foreign_admin_key(world)
    for path, method in [
        (f"{accounts_of(world.other_project)}/{account.public_id}", "GET"),
        (f"{accounts_of(world.research)}/{account.public_id}", "GET"),
        (f"{accounts_of(world.research)}/{account.public_id}", "DELETE"),
        (accounts_of(world.research), "GET"),
    ]:
        unknown = path.replace(account.public_id, "svc_x")
        unknown = unknown.replace(world.research.public_id, "proj_x")
        answer = call(path, foreign, method)
        assert answer.status_code == 404
        assert answer.content == call(unknown, foreign, method).content


def test_a_token_is_the_account_in_its_project(world: World) -> None:
    account, secret = acting_account(world.owner, world.research)
    token = AccountToken.objects.get()
    assert call("/v3/whoami", secret).json() == {
        "type": "project_api_key",
        "api_key": {"id": token.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
        "project": {"id": world.research.public_id, "name": "Research", "slug": "research"},
        "service_account": {"id": account.public_id, "name": "CI"},
    }
    assert call("/v1/whoami", secret).status_code == 403
    listed = call("/v1/projects", secret).json()["data"]
    assert [project["slug"] for project in listed] == ["research"]
    made = send(accounts_of(world.research), secret, {"name": "CI 2"})
    assert made.status_code == 200
    event = AuditEvent.objects.get(act=Action.SERVICE_ACCOUNT_CREATED, target_id=made.json()["id"])
    assert (event.actor_kind, event.actor_name) == ("service_account", "CI")
    assert event.credential == token.public_id
    assert ServiceAccount.objects.get(name="CI 2").created_by_account == account
    assert call(accounts_of(world.production), secret).status_code == 404
    assert call(accounts_of(world.default), secret).status_code == 404


def test_a_token_ends_with_what_it_depends_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, secret = acting_account(world.owner, world.research)
    path = f"{accounts_of(world.research)}/{account.public_id}"

    def code() -> Any:
        answer = call("/v3/whoami", secret)
        return answer.status_code if answer.status_code == 200 else error_of(answer)["code"]

    assert code() == 200
    world.research.archive(world.owner)
    assert code() == "no_access"
    world.research.restore()
    assert code() == 200
    for state in ("suspended", "closed"):
        type(world.organization).objects.filter(pk=world.organization.pk).update(state=state)
        assert code() == "no_access"
    type(world.organization).objects.filter(pk=world.organization.pk).update(state="active")
    ServiceAccount.objects.update(role="none")
    assert code() == "no_access"
    ServiceAccount.objects.update(role="member")
    assert code() == 200
    assert send(path, secret, {"role": "member"}).status_code == 403
    set_clock(monkeypatch, timezone.now() + 367 * DAY)
    assert code() == "expired"


def test_tokens_are_listed_and_revoked(world: World) -> None:
    account, secret = acting_account(world.owner, world.research)
    path = f"{accounts_of(world.research)}/{account.public_id}/tokens"
    made = send(path, secret, {"name": "second", "expires_in_seconds": 60}).json()
    assert made["object"] == "organization.project.service_account.token"
    assert made["value"].startswith("st_")
    listed = call(path, secret).json()["data"]
    assert [row["name"] for row in listed] == ["second", "deploy"]
    assert "value" not in listed[0]
    assert call(f"{path}/{made['id']}", secret, "DELETE").json() == {
        "id": made["id"],
        "deleted": True,
        "object": "organization.project.service_account.token.deleted",
    }
    assert call(f"{path}/{made['id']}", secret, "DELETE").status_code == 404
    assert error_of(call(path, made["value"]))["code"] == "revoked"
    answer = send(path, secret, {"name": "deploy"})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    own = call(path, secret).json()["data"][0]["id"]
    assert call(f"{path}/{own}", secret, "DELETE").status_code == 200
    assert call(path, secret).status_code == 401


def test_sent_again_with_the_same_idempotency_key_it_is_created_once(world: World) -> None:
    secret, path = admin_key(world), accounts_of(world.research)
    headers = {"Idempotency-Key": "run-1"}
    first, again = (send(path, secret, {"name": "CI"}, **headers) for _ in range(2))
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["api_key"]["value"] is not None
    expected = first.json()
    expected["api_key"]["value"] = None
    assert again.json() == expected
    assert ServiceAccount.objects.count() == 1
    assert AuditEvent.objects.filter(act=Action.SERVICE_ACCOUNT_CREATED).count() == 1


def test_nothing_is_created_in_an_archived_project(world: World) -> None:
    secret = admin_key(world)
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    assert send(accounts_of(world.research), secret, {"name": "CI"}).status_code == 403
    assert call(accounts_of(world.research), secret).status_code == 200


def test_its_keys_say_whose_they_are(world: World) -> None:
    secret = admin_key(world)
    account = send(accounts_of(world.research), secret, {"name": "CI"}).json()
    keys = f"/v1/organization/projects/{world.research.public_id}/api_keys"
    key = call(f"{keys}/{account['api_key']['id']}", secret).json()
    described = {name: account[name] for name in ("id", "name", "role", "created_at")}
    assert key["owner"] == {
        "type": "service_account", "user": None, "service_account": described,
    }  # fmt: skip
    assert key["owner_project_access"] == "active"
    active = call(f"{keys}?owner_project_access=active", secret).json()["data"]
    assert "CI" in [row["name"] for row in active]


def test_whom_it_invites_joins_while_it_may_invite(world: World) -> None:
    account, secret = acting_account(world.owner, world.research)
    users = f"/v1/organization/projects/{world.research.public_id}/users"
    for email in ("first@elsewhere.example", "second@elsewhere.example"):
        assert send(users, secret, {"email": email, "role": "member"}).status_code == 202
    first, second = Invitation.objects.filter(program_ref=account.public_id).order_by("pk")
    first_person, second_person = person(first.email), person(second.email)
    accept(first, first_person)
    assert world.research.collaborators.filter(user=first_person).exists()
    remove_service_account(actor=Actor.of_user(world.owner), account=account)
    second.refresh_from_db()
    assert second.state == "withdrawn"
    with pytest.raises(Conflict):
        accept(second, second_person)
