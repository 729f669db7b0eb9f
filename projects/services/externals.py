"""Vouches for external collaborators, and removes all of them at once, with what acts for them."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.enums import Action, Notification
from accounts.errors import Conflict
from accounts.invitations.services import lifecycle as invitations
from accounts.models import Invitation
from accounts.models.invitation import InvitationQuerySet
from accounts.outbox import notify_of_action
from accounts.permissions import Permission
from projects.access import ProjectAccess, lock_project
from projects.models import Collaborator, Project, ServiceAccount
from projects.models.service_account import ServiceAccountQuerySet
from projects.service_accounts.services import remove_service_account
from projects.services.collaborators import WHY_REVOKED, record_change

NAMED_ACCOUNTS = 20


def pending_invitations(project: Project) -> InvitationQuerySet:
    """Returns pending invitations of external collaborators to this project."""
    return Invitation.objects.pending().filter(project_ref=project.public_id)


@transaction.atomic
def vouch_for(*, actor: Actor, collaborator: Collaborator) -> Collaborator:
    """Makes the actor vouch for the external collaborator.

    Raises PermissionDenied for programs, Http404 if the person is no longer one, Conflict if the actor
    already vouches for them.
    """
    voucher = actor.user
    if voucher is None:
        raise PermissionDenied
    access = lock_project(actor.principal, collaborator.project, Permission.EXTERNALS_MANAGE)
    rows = access.project.collaborators.external().select_related("user", "vouched_by")
    target = rows.filter(pk=collaborator.pk).first()
    if target is None:
        raise Http404
    before = target.vouched_by
    if before == voucher:
        raise Conflict(f"You already vouch for {target.user.name}.")
    target.vouched_by = voucher
    target.save(update_fields=["vouched_by"])
    record_change(
        actor,
        Action.COLLABORATOR_VOUCHED,
        access.project,
        target,
        before={"vouched_by": before.email if before else None},
        after={"vouched_by": voucher.email},
    )
    return target


def external_accounts(project: Project) -> ServiceAccountQuerySet:
    """Returns the project's service accounts that externals created, whose tokens they may have."""
    accounts: ServiceAccountQuerySet = project.service_accounts.current()
    return accounts.filter(counts_as_external=True)


@transaction.atomic
def remove_externals(
    *,
    actor: Actor,
    project: Project,
    revoke_keys: bool = False,
    remove_accounts: bool = True,
) -> int:
    """Removes all externals and withdraws their invitations. Returns the number of people removed.

    With `remove_accounts`, also removes the service accounts that externals created, whose tokens they may
    know; with `revoke_keys`, revokes the active API keys of those removed. Raises Conflict while both
    switches allow externals and if there is no one to remove.
    """
    access = lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    if reason := why_keep_externals(access.project, remove_accounts=remove_accounts):
        raise Conflict(reason)
    rows = list(access.project.collaborators.external().select_related("user"))
    for row in rows:
        made = access.project.api_keys.made_by(row.user).active()
        revoked = made.revoke(actor, reason=WHY_REVOKED) if revoke_keys else []
        remove_external(actor, access, row, revoked=len(revoked))
    for invitation in pending_invitations(access.project):
        invitations.withdraw(invitation, actor)
    if remove_accounts:
        for account in external_accounts(access.project).select_related("project").order_by("pk"):
            remove_service_account(actor=actor, account=account)
    return len(rows)


def why_keep_externals(project: Project, *, remove_accounts: bool) -> str:
    """Returns why externals cannot be removed all at once; empty if they can.

    `remove_accounts` is whether the service accounts that they created are to be removed, too.
    """
    if not project.why_no_externals():
        return (
            f"{project.name} allows external collaborators. Turn this off in the project's settings "
            "first, or remove people individually."
        )
    if project.collaborators.external().exists() or pending_invitations(project).exists():
        return ""
    accounts = list(external_accounts(project).order_by("search_text", "pk"))
    if accounts and remove_accounts:
        return ""
    nothing = f"{project.name} has no external collaborators and no pending invitations."
    return f"{nothing} {describe_accounts(accounts)}" if accounts else nothing


def describe_accounts(accounts: Sequence[ServiceAccount]) -> str:
    """Returns a sentence that counts and names the service accounts that externals created."""
    names = ", ".join(account.name for account in accounts[:NAMED_ACCOUNTS])
    more = len(accounts) - NAMED_ACCOUNTS
    if len(accounts) == 1:
        return f"1 service account that they created still works: {names}."
    number = f"{len(accounts)} service accounts that they created still work"
    return f"{number}: {names} and {more} more." if more > 0 else f"{number}: {names}."


def keys_of_externals(project: Project) -> int:
    """Returns the number of active API keys of the project that externals created."""
    externals = project.collaborators.external().values("user")
    return project.api_keys.listed().active().filter(created_by__in=externals).count()


def remove_external(
    actor: Actor, access: ProjectAccess, row: Collaborator, *, revoked: int
) -> None:
    project = access.project
    record_change(actor, Action.COLLABORATOR_REMOVED, project, row, before=row.recorded)
    row.take_off(actor)
    notify_of_action(
        actor,
        row.user,
        f"You were removed from {project.name}",
        "projects/mail/externals_removed.txt",
        kind=Notification.PROJECT_REMOVED,
        project=project,
        organization=access.organization,
        revoked=revoked,
    )
