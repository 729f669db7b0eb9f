"""What managers do with the pending invitations of their project."""

from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.enums import Act
from accounts.models import Invitation
from accounts.models.invitation import Link
from accounts.permissions import Permission
from accounts.services import invitations
from projects.access import lock_project
from projects.models import Project


def pending_of(project: Project, public_id: str) -> Invitation:
    """The project's own pending invitation with that id; Http404 for any other."""
    invitation = Invitation.objects.pending().filter(
        public_id=public_id, project_ref=project.public_id
    )
    found = invitation.select_related("organization", "invited_by").first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def resend_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Fresh seven days, a new link and a new mail; Conflict while externals are switched off."""
    access = lock_project(actor.person, project, Permission.EXTERNALS_MANAGE)
    access.project.require_externals()
    invitations.resend(invitation, actor)


@transaction.atomic
def withdraw_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Ends the invitation: its links stop working."""
    lock_project(actor.person, project, Permission.EXTERNALS_MANAGE)
    invitations.withdraw(invitation, actor)


@transaction.atomic
def reveal_link(*, actor: Actor, project: Project, invitation: Invitation) -> str:
    """The link to pass on by hand; audited, because whoever holds it can try to use it."""
    lock_project(actor.person, project, Permission.EXTERNALS_MANAGE)
    locked = invitations.locked_pending(invitation)
    invitations.note(actor, Act.INVITATION_LINK_COPIED, locked)
    return locked.url(Link.COPIED)
