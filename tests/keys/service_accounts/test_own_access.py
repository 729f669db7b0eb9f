"""Nobody extends their own access to a project by a service account, or gets it back."""

import datetime as dt
from collections.abc import Callable

import pytest

from accounts.actors import Actor
from accounts.members.services import change_member_role, remove_member
from accounts.permissions import OrganizationRole, ProjectRole
from keys.admin_keys.services import IssuedAdminKey, create_admin_key, revoke_admin_key
from projects.models.collaborator import today
from projects.services.additions import add_collaborator
from projects.services.collaborators import change_role, remove_collaborator
from projects.services.endings import set_end_date
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account, create_account, issue_account_token
from tests.keys.service_accounts.test_api import accounts_of
from tests.projects.api.callers import WRITE
from tests.support.clock import DAY
from tests.world import World, invited

pytestmark = pytest.mark.django_db


def test_no_token_outlives_the_access_of_the_person_who_creates_it(world: World) -> None:
    account = create_account(world.owner, world.research)
    row, last = world.project_admin_row, today() + dt.timedelta(days=5)
    set_end_date(actor=Actor.of_user(world.owner), collaborator=row, end_date=last)
    midnight = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    in_session = issue_account_token(world.project_admin, account, "session", lifetime=90 * DAY)
    assert in_session.token.expires_at == midnight
    script = made(world.project_admin, world.research, scope=WRITE).secret
    path = f"{accounts_of(world.research)}/{account.public_id}/tokens"
    by_script = send(path, script, {"name": "script"}).json()
    assert by_script["expires_at"] == int(midnight.timestamp())
    short = issue_account_token(world.project_admin, account, "short", lifetime=2 * DAY).token
    assert short.expires_at < midnight
    # The Owner has access without a row, and keeps it.
    add_collaborator(
        actor=Actor.of_user(world.admin),
        project=world.research,
        email=world.owner.email,
        role=ProjectRole.MEMBER,
        end_date=last,
    )
    of_owner = issue_account_token(world.owner, account, "owner").token
    assert of_owner.expires_at > midnight + 300 * DAY


def of_creator(world: World) -> str:
    return acting_account(world.project_admin, world.research, "Own")[1]


def of_creator_by_way_of_another(world: World) -> str:
    _, secret = acting_account(world.project_admin, world.research, "First")
    child = send(accounts_of(world.research), secret, {"name": "Second", "role": "owner"}).json()
    path = f"{accounts_of(world.research)}/{child['id']}/tokens"
    token: str = send(path, secret, {"name": "x"}).json()["value"]
    return token


def with_a_token_that_they_created(world: World) -> str:
    account = create_account(world.owner, world.research, "The Owner's")
    return issue_account_token(world.project_admin, account).secret


def with_a_token_of_their_token(world: World) -> str:
    account = create_account(world.owner, world.research, "The Owner's")
    first = issue_account_token(world.project_admin, account).secret
    other = create_account(world.owner, world.research, "Another")
    path = f"{accounts_of(world.research)}/{other.public_id}/tokens"
    token: str = send(path, first, {"name": "x"}).json()["value"]
    return token


def of_their_personal_token(world: World) -> str:
    script = made(world.project_admin, world.research, scope=WRITE).secret
    account = send(accounts_of(world.research), script, {"name": "x", "role": "owner"}).json()
    path = f"{accounts_of(world.research)}/{account['id']}/tokens"
    token: str = send(path, script, {"name": "x"}).json()["value"]
    return token


def make_admin(world: World, role: OrganizationRole) -> None:
    membership = world.organization.memberships.get(user=world.project_admin)
    change_member_role(actor=Actor.of_user(world.owner), membership=membership, role=role)


def of_an_admin_key(world: World, key: IssuedAdminKey) -> str:
    """The secret of a token that the key created; the key is revoked and its creator a Member again."""
    account = send(accounts_of(world.research), key.secret, {"name": "x", "role": "owner"}).json()
    path = f"{accounts_of(world.research)}/{account['id']}/tokens"
    token: str = send(path, key.secret, {"name": "x"}).json()["value"]
    actor, organization = Actor.of_user(world.owner), world.organization
    revoke_admin_key(actor=actor, organization=organization, key=key.key)
    make_admin(world, OrganizationRole.MEMBER)
    return token


def of_their_admin_key(world: World) -> str:
    make_admin(world, OrganizationRole.ADMIN)
    return of_an_admin_key(world, issue_admin_key(world.project_admin, world.organization))


def of_a_key_of_their_admin_key(world: World) -> str:
    make_admin(world, OrganizationRole.ADMIN)
    first = issue_admin_key(world.project_admin, world.organization).key
    actor, organization = Actor(first.principal), world.organization
    second = create_admin_key(actor=actor, organization=organization, name="Second")
    return of_an_admin_key(world, second)


THEIRS = [
    of_creator,
    of_creator_by_way_of_another,
    with_a_token_that_they_created,
    with_a_token_of_their_token,
    of_their_personal_token,
    of_their_admin_key,
    of_a_key_of_their_admin_key,
]


@pytest.mark.parametrize("account", THEIRS)
def test_no_one_extends_their_own_access_by_an_account(
    world: World, account: Callable[[World], str]
) -> None:
    secret, row = account(world), world.project_admin_row
    other = acting_account(world.owner, world.research, "Other")[1]
    path = f"/v1/organization/projects/{world.research.public_id}/users"
    own = f"{path}/{world.project_admin.public_id}"
    late = str(today() + dt.timedelta(days=90))
    set_end_date(actor=Actor.of_user(world.owner), collaborator=row, end_date=today())
    assert send(own, secret, {"end_date": late}).status_code == 403
    assert send(own, secret, {"end_date": None}).status_code == 403
    # Nor do they get a role back that they lost, or access that has ended.
    change_role(actor=Actor.of_user(world.owner), collaborator=row, role=ProjectRole.MEMBER)
    assert send(own, secret, {"role": "owner"}).status_code == 403
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    for person in ({"user_id": world.project_admin.public_id}, {"email": row.user.email}):
        assert send(path, secret, {**person, "role": "member"}).status_code == 403
    assert not world.research.collaborators.filter(user=world.project_admin).exists()
    # Others may do all of it.
    assert send(path, other, {"email": row.user.email, "role": "member"}).status_code == 200
    assert send(own, other, {"end_date": late, "role": "owner"}).status_code == 200


def test_an_account_does_not_invite_the_person_who_left_back_in(world: World) -> None:
    secret = of_creator(world)
    membership = world.organization.memberships.get(user=world.project_admin)
    path = f"/v1/organization/projects/{world.research.public_id}/users"
    body = {"email": world.project_admin.email, "role": "member"}
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    assert send(path, secret, body).status_code == 403
    invitation = invited(world.research, world.project_admin.email)
    invites = f"/v1/organization/projects/{world.research.public_id}/invites"
    resend = f"{invites}/{invitation.public_id}/resend"
    assert send(resend, secret).status_code == 403
    assert send(path, secret, {**body, "email": "new@partner.example"}).status_code == 202
