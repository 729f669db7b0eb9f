"""External collaborators as such: who vouches for one, and all of them removed at once."""

from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.enums import Action, Notification
from accounts.errors import Conflict
from accounts.invitations.services import lifecycle as invitations
from accounts.models import Invitation
from accounts.models.invitation import InvitationQuerySet
from accounts.outbox import notify
from accounts.permissions import Permission
from projects.access import ProjectAccess, lock_project
from projects.models import Collaborator, Project
from projects.services.collaborators import WHY_REVOKED, record_change


def pending_invitations(project: Project) -> InvitationQuerySet:
    """Those of outsiders to this project that nobody has answered."""
    return Invitation.objects.pending().filter(project_ref=project.public_id)


@transaction.atomic
def vouch_for(*, actor: Actor, collaborator: Collaborator) -> Collaborator:
    """From now on the actor answers for the external.

    Http404 for somebody who is none any more, Conflict when the actor does so already.
    """
    access = lock_project(actor.principal, collaborator.project, Permission.EXTERNALS_MANAGE)
    rows = access.project.collaborators.external().select_related("user", "vouched_by")
    target = rows.filter(pk=collaborator.pk).first()
    if target is None:
        raise Http404
    before = target.vouched_by
    if before == actor.person:
        raise Conflict(f"You vouch for {target.user.name} already.")
    target.vouched_by = actor.person
    target.save(update_fields=["vouched_by"])
    record_change(
        actor,
        Action.COLLABORATOR_VOUCHED,
        access.project,
        target,
        before={"vouched_by": before.email if before else None},
        after={"vouched_by": actor.person.email},
    )
    return target


@transaction.atomic
def remove_externals(*, actor: Actor, project: Project, revoke_keys: bool = False) -> int:
    """Takes every external off the list and withdraws what invites more; gives how many are removed.

    With `revoke_keys` the active API keys they made are revoked, else these stay. Conflict while
    both switches allow externals, and when there is nobody to remove.
    """
    access = lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    if reason := why_keep_externals(access.project):
        raise Conflict(reason)
    rows = list(access.project.collaborators.external().select_related("user"))
    for row in rows:
        made = access.project.api_keys.made_by(row.user).active()
        revoked = made.revoke(actor, reason=WHY_REVOKED) if revoke_keys else []
        remove_external(actor, access, row, revoked=len(revoked))
    for invitation in pending_invitations(access.project):
        invitations.withdraw(invitation, actor)
    return len(rows)


def why_keep_externals(project: Project) -> str:
    """Why *Remove all externals* has nothing to do in the project now; empty when it has."""
    if not project.why_no_externals():
        return (
            f"{project.name} takes external collaborators. Turn them off in the project's settings "
            "first, or remove people one by one."
        )
    if project.collaborators.external().exists() or pending_invitations(project).exists():
        return ""
    return f"Nobody from outside is in {project.name} or invited to it."


def keys_of_externals(project: Project) -> int:
    """How many active API keys of the project its externals have made."""
    externals = project.collaborators.external().values("user")
    return project.api_keys.listed().active().filter(created_by__in=externals).count()


def remove_external(
    actor: Actor, access: ProjectAccess, row: Collaborator, *, revoked: int
) -> None:
    project = access.project
    record_change(actor, Action.COLLABORATOR_REMOVED, project, row, before=row.recorded)
    row.take_off()
    notify(
        row.user,
        f"You were removed from {project.name}",
        "projects/mail/externals_removed.txt",
        kind=Notification.PROJECT_REMOVED,
        project=project,
        organization=access.organization,
        by=actor.person,
        revoked=revoked,
    )
