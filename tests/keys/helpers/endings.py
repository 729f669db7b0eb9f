"""Actions that end something a person had, each with the one that gives it back, if there is one."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.actors import Actor
from accounts.factors.services import remove_factor, remove_password
from accounts.members.services import change_member_role, remove_member
from accounts.models import Organization, User
from accounts.organizations.services.closing import close_organization
from accounts.people.services.deletion import delete_account
from accounts.permissions import OrganizationRole
from accounts.sessions.services import end_other_sessions
from accounts.support.services.factor_resets import request_factor_reset, reset_due_factors
from accounts.support.services.support import reopen_organization
from keys.terminals.services.sessions import end_all_terminals
from projects.models import Collaborator
from projects.models.collaborator import today
from projects.services.archive import archive_project, restore_project
from projects.services.collaborators import remove_collaborator
from projects.services.endings import set_end_date
from tests.support.factors import let_reset_wait_pass, with_app
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in
from tests.world import PASSWORD, World, listed

NEW_PASSWORD = "an entirely different long one"
NEW_EMAIL = "moved@elsewhere.example"
Act = Callable[[World, User], object]


@dataclass(frozen=True)
class Ending:
    """`who` is the field of the world with the person; `undo` gives back what `act` took."""

    who: str
    act: Act
    undo: Act | None = None


def change_password(world: World, user: User) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    browser = freshly_signed_in(User.objects.get(pk=user.pk))
    answer = browser.post(reverse("account_change_password"), {**form, "revoke_tokens": "on"})
    assert answer.status_code == 302


def reset_password(world: World, user: User) -> None:
    browser = freshly_signed_in(world.stranger)
    browser.logout()
    browser.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"(/accounts/password/reset/key/\S+)", mailed_to(user.email)[-1].body)
    assert link
    page = browser.get(link[1], follow=True)
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert browser.post(page.redirect_chain[-1][0], form).status_code == 302


def change_email(world: World, user: User, email: str = NEW_EMAIL) -> None:
    browser = freshly_signed_in(User.objects.get(pk=user.pk))
    answer = browser.post(reverse("account_email"), {"action_add": "", "email": email})
    browser.post(answer["Location"], {"password": PASSWORD})
    lines = mailed_to(email)[-1].body.splitlines()
    code = next(line for line in lines if re.fullmatch(r"[A-Z0-9-]{6,12}", line))
    browser.post(reverse("account_email_verification_sent"), {"code": code})
    assert User.objects.get(pk=user.pk).email == email


def change_email_back(world: World, user: User) -> None:
    change_email(world, user, user.email)


def delete(world: World, user: User) -> None:
    delete_account(actor=Actor.of_user(User.objects.get(pk=user.pk)))


def remove(world: World, user: User) -> None:
    membership = world.organization.memberships.get(user=user)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)


def add_again(world: World, user: User) -> None:
    world.organization.memberships.create(user=user, role=OrganizationRole.ADMIN)


def set_role(world: World, user: User, role: OrganizationRole) -> None:
    membership = world.organization.memberships.get(user=user)
    change_member_role(actor=Actor.of_user(world.owner), membership=membership, role=role)


def lower_role(world: World, user: User) -> None:
    set_role(world, user, OrganizationRole.MEMBER)


def raise_role(world: World, user: User) -> None:
    set_role(world, user, OrganizationRole.ADMIN)


def let_end_date_pass(world: World, user: User) -> None:
    """As if the date had been set long ago, and the worker had not removed the row yet."""
    rows = Collaborator.objects.filter(project=world.research, user=user)
    rows.update(end_date=today() - dt.timedelta(days=1))


def extend_end_date(world: World, user: User) -> None:
    row = world.research.collaborators.get(user=user)
    tomorrow = today() + dt.timedelta(days=1)
    set_end_date(actor=Actor.of_user(world.owner), collaborator=row, end_date=tomorrow)


def remove_from_project(world: World, user: User) -> None:
    row = world.research.collaborators.get(user=user)
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)


def add_to_project(world: World, user: User) -> None:
    listed(world.research, user)


def archive(world: World, user: User) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)


def restore(world: World, user: User) -> None:
    restore_project(actor=Actor.of_user(world.owner), project=world.research)


def sign_out_terminals(world: World, user: User) -> None:
    end_all_terminals(actor=Actor.of_user(user))


def close(world: World, user: User) -> None:
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)


def reopen(world: World, user: User) -> None:
    organization = Organization.objects.get(pk=world.organization.pk)
    reopen_organization(actor=Actor.of_user(world.staff), organization=organization, reason="Paid.")


def add_factor(world: World, user: User) -> None:
    """Somewhere else: the session in which it is added stays."""
    with_app(User.objects.get(pk=user.pk))


def remove_one_factor(world: World, user: User) -> None:
    passkey = user.authenticator_set.create(type="webauthn", data={"name": "Laptop"})
    remove_factor(actor=Actor.of_user(user), factor=passkey)


def remove_their_password(world: World, user: User) -> None:
    user.authenticator_set.create(type="webauthn", data={"name": "Laptop"})
    actor = Actor.of_user(User.objects.get(pk=user.pk))
    remove_password(actor=actor)


def have_factors_reset(world: World, user: User) -> None:
    user.authenticator_set.create(type="webauthn", data={"name": "Laptop"})
    actor = Actor.of_user(world.staff)
    reset = request_factor_reset(actor=actor, user=user, note="Seen on video.")
    let_reset_wait_pass(reset)
    assert reset_due_factors() == 1


def end_their_other_sessions(world: World, user: User) -> None:
    end_other_sessions(actor=Actor.of_user(user))


def require_factor(world: World, user: User) -> None:
    """The person has none; the member to whom an Owner may have made an offer does."""
    with_app(world.member)
    Organization.objects.filter(pk=world.organization.pk).update(second_factor_required=True)


def require_none(world: World, user: User) -> None:
    Organization.objects.filter(pk=world.organization.pk).update(second_factor_required=False)


ENDINGS = {
    "New password": Ending("admin", change_password),
    "Password reset": Ending("admin", reset_password),
    "New email address": Ending("admin", change_email, change_email_back),
    "Account deleted": Ending("admin", delete),
    "Removed from the organization": Ending("admin", remove, add_again),
    "Role lowered": Ending("admin", lower_role, raise_role),
    "End date passed": Ending("project_member", let_end_date_pass, extend_end_date),
    "Removed from the project": Ending("project_member", remove_from_project, add_to_project),
    "Project archived": Ending("project_member", archive, restore),
    "All terminals signed out": Ending("admin", sign_out_terminals),
    "Organization closed": Ending("admin", close, reopen),
    "First second factor added": Ending("admin", add_factor),
    "Second factor removed": Ending("admin", remove_one_factor),
    "Password removed": Ending("admin", remove_their_password),
    "Second factors reset by support": Ending("admin", have_factors_reset),
    "All other sessions ended": Ending("admin", end_their_other_sessions),
    "Second factor required": Ending("admin", require_factor, require_none),
}
