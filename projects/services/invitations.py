"""What managers do with the pending invitations of their project."""

from django.db import transaction

from accounts.actors import Actor
from accounts.invitations.services import lifecycle as invitations
from accounts.models import Invitation
from accounts.permissions import Permission
from projects.access import lock_project
from projects.models import Project


def find_pending_invitation(project: Project, public_id: str) -> Invitation:
    """The project's own pending invitation with that id; Http404 for any other."""
    to_it = Invitation.objects.filter(project_ref=project.public_id)
    return invitations.find_pending(to_it, public_id)


@transaction.atomic
def resend_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Fresh seven days, a new link and a new mail; Conflict while externals are switched off."""
    access = lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    access.project.require_externals()
    invitations.resend(invitation, actor)


@transaction.atomic
def withdraw_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Ends the invitation: its links stop working."""
    lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    invitations.withdraw(invitation, actor)


@transaction.atomic
def reveal_link(*, actor: Actor, project: Project, invitation: Invitation) -> str:
    """The link to pass on by hand."""
    lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    return invitations.reveal(invitation, actor)
