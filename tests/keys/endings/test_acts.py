"""What else ends with a password, a role or an account, and what the person is told."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, StaffRole
from accounts.models import AuditEvent, User
from accounts.models.principals import Principal
from accounts.permissions import ProjectRole
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user, change_staff_role
from accounts.support.services.viewing import start_view
from keys.personal_tokens.services import revoke_own_token
from keys.service_accounts.services import create_account_token
from keys.terminals.services.sessions import end_all_terminals
from projects.services.additions import add_collaborator
from projects.services.collaborators import leave_project, remove_collaborator
from projects.services.endings import end_accesses
from projects.services.externals import remove_externals
from tests.keys.helpers.endings import (
    NEW_PASSWORD,
    delete,
    let_end_date_pass,
    lower_role,
    raise_role,
    remove_from_project,
)
from tests.keys.helpers.grants import (
    approved_login,
    browser_session,
    is_accepted,
    project_token,
    terminal,
)
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account
from tests.keys.helpers.terminal_client import ask, refusal
from tests.projects.api.callers import WRITE
from tests.support.pages import signed_in, words
from tests.world import PASSWORD, World, invited_member, listed

pytestmark = pytest.mark.django_db
PAGE = reverse("account_change_password")


def change(browser: Client, **more: str) -> int:
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return browser.post(PAGE, {**form, **more}).status_code


def test_the_form_revokes_tokens_unless_that_is_unticked(world: World) -> None:
    browser = signed_in(world.member)
    page = browser.get(PAGE)
    assert page.context["form"]["revoke_tokens"].value() is True
    assert "Revoke my personal access tokens" in words(page)
    secret = made(world.member, world.organization).secret
    assert change(browser) == 302
    assert is_accepted(secret)


def test_a_refused_change_ends_nothing(world: World) -> None:
    is_signed_in, secret = (
        terminal(world, world.member),
        made(world.member, world.organization).secret,
    )
    browser = signed_in(world.member)
    assert change(browser, oldpassword="wrong", revoke_tokens="on") == 422
    assert is_signed_in()
    assert is_accepted(secret)


def test_each_revoked_token_is_in_the_audit_log(world: World) -> None:
    made(world.member, world.organization)
    made(world.external, world.research)
    for user in (world.member, world.external):
        assert change(signed_in(user), revoke_tokens="on") == 302
    events = AuditEvent.objects.filter(act=Action.TOKEN_REVOKED).order_by("pk")
    assert [(event.actor, event.organization) for event in events] == [
        (world.member, world.organization),
        (world.external, world.organization),
    ]


@pytest.mark.parametrize("is_over", [False, True])
def test_a_new_password_ends_what_a_token_created_and_sent(world: World, is_over: bool) -> None:
    token = made(world.project_admin, world.research, scope=WRITE).token
    by_token = Actor(Principal.of_user(world.project_admin, credential=token.public_id))
    account = create_account(world.owner, world.research)
    child = create_account_token(actor=by_token, account=account, name="deploy")
    for actor, email in [
        (by_token, "by.token@new.example"),
        (Actor(child.token.principal), "by.child@new.example"),
        (Actor.of_user(world.project_admin), "in.session@new.example"),
    ]:
        add_collaborator(actor=actor, project=world.research, email=email, role=ProjectRole.MEMBER)
    if is_over:
        revoke_own_token(actor=Actor.of_user(world.project_admin), token=token)
    assert change(signed_in(world.project_admin), revoke_tokens="on") == 302
    assert not is_accepted(child.secret)
    sent = world.organization.invitations.filter(email__endswith="@new.example")
    assert [row.email for row in sent.pending().order_by("pk")] == ["in.session@new.example"]


def test_signing_out_all_terminals_counts_approved_ones(world: World) -> None:
    asking = ask()
    asking.answer(world.member)
    assert end_all_terminals(actor=Actor.of_user(world.member)) == 1
    assert refusal(asking.poll()) == "invalid_grant"
    assert AuditEvent.objects.filter(act=Action.TERMINAL_ENDED).count() == 1
    assert end_all_terminals(actor=Actor.of_user(world.member)) == 0


def test_another_login_can_be_approved_afterwards(world: World) -> None:
    end_all_terminals(actor=Actor.of_user(world.member))
    is_signed_in = approved_login(world, world.member)
    assert is_signed_in()


def test_a_lowered_role_revokes_what_it_allowed_and_nothing_else(world: World) -> None:
    listed(world.production, world.admin)
    kept = [
        made(world.admin, place, name).secret
        for name, place in [
            ("organization", world.organization),
            ("listed", world.production),
            ("default", world.default),
        ]
    ]
    lost = made(world.admin, world.research, "by role").secret
    lower_role(world, world.admin)
    assert not is_accepted(lost)
    assert all(map(is_accepted, kept))
    raise_role(world, world.admin)
    assert not is_accepted(lost)
    (event,) = AuditEvent.objects.filter(act=Action.TOKEN_REVOKED)
    assert event.actor == world.owner


def test_an_admin_who_leaves_a_project_keeps_tokens_for_it(world: World) -> None:
    listed(world.research, world.admin)
    secret = made(world.admin, world.research).secret
    leave_project(actor=Actor.of_user(world.admin), project=world.research)
    assert is_accepted(secret)


def test_losing_a_project_revokes_the_tokens_for_it_alone(world: World) -> None:
    lost = made(world.project_member, world.research, "lost").secret
    kept = [
        made(world.project_member, world.production, "elsewhere").secret,
        made(world.project_member, world.organization, "wider").secret,
        made(world.project_admin, world.research).secret,
    ]
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)
    assert not is_accepted(lost)
    assert all(map(is_accepted, kept))


def leave(world: World, user: User) -> None:
    leave_project(actor=Actor.of_user(user), project=world.research)


def be_removed_with_all_externals(world: World, user: User) -> None:
    world.research.allow_external_collaborators = False
    world.research.save(update_fields=["allow_external_collaborators"])
    remove_externals(actor=Actor.of_user(world.owner), project=world.research)


def end_by_date(world: World, user: User) -> None:
    let_end_date_pass(world, user)
    end_accesses()


@pytest.mark.parametrize(
    ("act", "actor"),
    [
        (remove_from_project, "owner"),
        (be_removed_with_all_externals, "owner"),
        (leave, "external"),
        (delete, "external"),
        (end_by_date, None),
    ],
)
def test_revoked_tokens_of_external_collaborators_are_in_the_audit_log(
    world: World, act: Callable[[World, User], None], actor: str | None
) -> None:
    token = made(world.external, world.research).token
    act(world, world.external)
    (event,) = AuditEvent.objects.filter(act=Action.TOKEN_REVOKED)
    assert event.target_id == token.public_id
    assert event.actor == (getattr(world, actor) if actor else None)


def test_an_end_date_that_the_worker_carries_out_revokes_too(world: World) -> None:
    is_usable = project_token(world, world.project_member)
    let_end_date_pass(world, world.project_member)
    assert end_accesses() == 1
    listed(world.research, world.project_member)
    assert not is_usable()


def test_removal_from_a_project_takes_it_out_of_pending_invitations(world: World) -> None:
    invitation = invited_member(world.organization, world.external.email)
    for project in (world.research, world.production):
        project.grants.create(invitation=invitation, role="member")
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    invitation.refresh_from_db()
    assert invitation.is_pending
    assert [grant.project for grant in world.production.grants.all()] == [world.production]
    assert not world.research.grants.filter(invitation=invitation).exists()


@pytest.fixture
def helen(world: World) -> User:
    save_staff_roles()
    superuser = Actor.of_user(world.staff)
    email, role = "helen@console.example", StaffRole.SUPPORT
    user = add_staff_user(actor=superuser, email=email, name="Helen", role=role)
    # Someone without a password approves no terminal.
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def test_staff_whose_access_ended_are_signed_out_for_good(world: World, helen: User) -> None:
    grants = [make(world, helen) for make in (browser_session, terminal, approved_login)]
    superuser = Actor.of_user(world.staff)
    change_staff_role(actor=superuser, user=helen, role=None)
    assert not any(is_usable() for is_usable in grants)
    change_staff_role(actor=superuser, user=helen, role=StaffRole.SUPPORT)
    assert not any(is_usable() for is_usable in grants)


@pytest.mark.parametrize("role", [None, StaffRole.READ_ONLY])
def test_another_role_ends_a_view_as_a_member(
    world: World, helen: User, role: StaffRole | None
) -> None:
    membership = world.member.memberships.get()
    view = start_view(actor=Actor.of_user(helen), membership=membership, reason="Ticket 7.")
    superuser = Actor.of_user(world.staff)
    change_staff_role(actor=superuser, user=helen, role=role)
    change_staff_role(actor=superuser, user=helen, role=StaffRole.SUPPORT)
    view.refresh_from_db()
    assert view.ended_at is not None
