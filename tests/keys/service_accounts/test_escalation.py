"""Nobody gets more by a service account than they have: no role, no usage, no externals, no time."""

from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models.principals import Principal
from accounts.permissions import RANKS, ROLE_PERMISSIONS, Permission
from keys.callers import find_caller
from keys.models import AccountToken, KeySecret
from projects.access import find_project_access
from projects.models import ServiceAccount
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account, create_account, issue_account_token
from tests.keys.service_accounts.test_api import accounts_of
from tests.projects.api.callers import WRITE, admin_key, cast
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db
# Those who may manage service accounts of `research`, and those who may manage the Owner's.
MANAGERS = {
    "admin key", "owner", "owner, project", "admin", "project admin", "project admin, project",
    "account of the owner",
}  # fmt: skip
MAKERS = MANAGERS | {"external admin", "account of the external admin"}


def everybody(world: World) -> dict[str, str]:
    """The cast with every kind of service account."""
    accounts = {
        "account of the owner": acting_account(world.owner, world.research, "Admin"),
        "account of a member": acting_account(world.owner, world.research, "Member", "member"),
        "account of the external admin": acting_account(
            world.external_admin, world.research, "External"
        ),
        "external member": acting_account(
            world.external_admin, world.research, "External member", "member"
        ),
        "foreign account": acting_account(world.stranger, world.other_project, "Admin"),
    }
    return cast(world) | {name: secret for name, (_, secret) in accounts.items()}


def principal_of(secret: str) -> Principal | None:
    return find_caller(secret).principal


@pytest.mark.parametrize("role", ["owner", "member"])
def test_only_managers_create_one_and_none_above_themselves(world: World, role: str) -> None:
    path, created = accounts_of(world.research), set()
    for number, (holder, secret) in enumerate(everybody(world).items()):
        answer = send(path, secret, {"name": f"new {number}", "role": role})
        assert answer.status_code in (200, 403, 404, 401), holder
        if answer.status_code != 200:
            continue
        created.add(holder)
        account = ServiceAccount.objects.get(public_id=answer.json()["id"])
        given = account.project_role
        assert given
        principal = principal_of(secret)
        assert principal
        own = find_project_access(principal, pk=world.research.pk)
        assert RANKS[given] <= RANKS[own.role], holder
        lost = {Permission.PROJECT_LEAVE, Permission.PROJECT_TOKENS_MAKE}
        assert ROLE_PERMISSIONS[given] - lost <= own.grant.permissions, holder
        external = "external" in holder
        assert account.counts_as_external is external, holder
        secret_row = KeySecret.objects.get(api_key__service_account=account)
        assert secret_row.may_read_usage is not external, holder
    assert created == MAKERS


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("POST", "", {"role": "owner"}),
        ("POST", "", {"name": "taken over"}),
        ("POST", "/tokens", {"name": "mine"}),
        ("POST", "/api_keys", {"name": "mine"}),
        ("DELETE", "", None),
    ],
)
def test_an_account_of_the_owner_is_managed_by_managers_alone(
    world: World, method: str, below: str, body: dict[str, str] | None
) -> None:
    secrets, done = everybody(world), set()
    for number, (holder, secret) in enumerate(secrets.items()):
        account = create_account(world.owner, world.research, f"target {number}", "member")
        path = f"{accounts_of(world.research)}/{account.public_id}{below}"
        named = body and {**body, **({"name": f"{holder}!"} if "name" in body else {})}
        answer = send(path, secret, named, method)
        account.refresh_from_db()
        changed = (
            account.role != "member" or account.name != f"target {number}"
            or account.removed_at is not None or account.tokens.exists() or account.api_keys.exists()
        )  # fmt: skip
        assert changed is (answer.status_code == 200), holder
        if changed:
            done.add(holder)
    assert done == MANAGERS


def test_an_external_manages_the_accounts_it_created_and_no_others(world: World) -> None:
    account, secret = acting_account(world.external_admin, world.research, "Mine")
    other, _ = acting_account(world.owner, world.research, "Theirs", "member")
    token = made(world.external_admin, world.research, scope=WRITE).secret
    path = accounts_of(world.research)
    for holder in (token, secret):
        for row, status in ((account, 200), (other, 403)):
            one = f"{path}/{row.public_id}"
            assert send(one, holder, {"name": f"{row.name}+"}).status_code == status
        listed = call(path, holder).json()["data"]
        assert {row["is_external"] for row in listed} == {True, False}
    child = send(path, secret, {"name": "Child"}).json()
    assert child["is_external"] is True
    assert send(f"{path}/{child['id']}", secret, {"role": "owner"}).status_code == 200
    # Another external's is not theirs either, though it is external.
    world.external_row.role = "admin"
    world.external_row.save(update_fields=["role"])
    another = made(world.external, world.research, scope=WRITE).secret
    assert send(f"{path}/{child['id']}", another, {"name": "x"}).status_code == 403


def test_an_account_that_an_external_created_stays_external_when_it_is_raised(world: World) -> None:
    account, secret = acting_account(world.external_admin, world.research, role="member")
    path = f"{accounts_of(world.research)}/{account.public_id}"
    assert send(path, admin_key(world), {"role": "owner"}).json()["is_external"] is True
    principal = principal_of(secret)
    assert principal
    access = find_project_access(principal, pk=world.research.pk)
    assert not access.allows(Permission.USAGE_SEE)
    assert not access.allows(Permission.EXTERNALS_MANAGE)
    assert access.allows(Permission.COLLABORATORS_MANAGE)
    assert call("/v1/billing/usage", secret).status_code == 403
    created = send(f"{path}/api_keys", admin_key_again(world), {"name": "by the admin key"})
    assert created.status_code == 200
    row = KeySecret.objects.get(api_key__public_id=created.json()["id"])
    assert row.may_read_usage is False


def admin_key_again(world: World) -> str:
    return issue_admin_key(world.owner, world.organization, "again").secret


def test_it_survives_its_creator_but_not_with_more(world: World) -> None:
    account, secret = acting_account(world.project_admin, world.research)
    assert account.created_by == world.project_admin
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_admin_row)
    assert call("/v3/whoami", secret).status_code == 200


def test_no_token_outlives_the_credential_that_creates_it(world: World) -> None:
    account = create_account(world.owner, world.research)
    path = f"{accounts_of(world.research)}/{account.public_id}/tokens"
    personal = made(world.owner, world.research, scope=WRITE, days=3)
    parent = issue_account_token(world.owner, account, "parent", lifetime=2 * DAY)
    for number, (secret, end) in enumerate(
        [
            (personal.secret, personal.token.expires_at),
            (parent.secret, parent.token.expires_at),
        ]
    ):
        default = send(path, secret, {"name": f"default {number}"}).json()
        assert default["expires_at"] == int(end.timestamp())
        late = send(path, secret, {"name": "late", "expires_in_seconds": 4 * 24 * 3600})
        assert (late.status_code, error_of(late)["param"]) == (422, "expires_in_seconds")
        # Nor by way of another account.
        other = send(accounts_of(world.research), secret, {"name": f"other {number}"}).json()
        below = f"{accounts_of(world.research)}/{other['id']}/tokens"
        assert send(below, secret, {"name": "x"}).json()["expires_at"] <= int(end.timestamp())
        assert send(below, secret, late_body()).status_code == 422


def late_body() -> dict[str, Any]:
    return {"name": "late", "expires_in_seconds": 300 * 24 * 3600}


def test_a_removed_or_lowered_account_does_nothing_while_a_request_waits(world: World) -> None:
    account, secret = acting_account(world.owner, world.research)
    principal = principal_of(secret)
    assert principal
    AccountToken.objects.update(revoked_at=account.created_at)
    assert world.research.find_role(principal) is None


@pytest.mark.parametrize("scheme", ["reads", "API key", "terminal"])
def test_what_manages_nothing_manages_no_account(world: World, scheme: str) -> None:
    account = create_account(world.owner, world.research)
    secrets = cast(world)
    secret = secrets["owner, read" if scheme == "reads" else scheme]
    path = f"{accounts_of(world.research)}/{account.public_id}"
    for method, target, body in [
        ("POST", accounts_of(world.research), {"name": "x"}),
        ("POST", path, {"name": "x"}),
        ("POST", f"{path}/tokens", {"name": "x"}),
        ("POST", f"{path}/api_keys", {"name": "x"}),
        ("DELETE", path, None),
    ]:
        assert send(target, secret, body, method).status_code == 403
    assert ServiceAccount.objects.get().name == "CI"


def test_an_account_does_not_act_as_a_person_or_for_the_organization(world: World) -> None:
    _, secret = acting_account(world.owner, world.research)
    principal = principal_of(secret)
    assert principal
    access = find_project_access(principal, pk=world.research.pk)
    assert not access.allows(Permission.PROJECT_LEAVE)
    assert not access.allows(Permission.PROJECT_TOKENS_MAKE)
    for path in ("/v1/organization/admin_api_keys", "/v1/organization/projects"):
        assert call(path, secret).status_code == 403
        assert send(path, secret, {"name": "x"}).status_code == 403
    archive = f"/v1/organization/projects/{world.research.public_id}/archive"
    assert send(archive, secret).status_code == 403
