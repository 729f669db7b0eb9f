"""Resends and withdraws pending invitations to a project, and reveals their links."""

from django.db import transaction
from django.db.models import F

from accounts.actors import Actor
from accounts.errors import Withheld
from accounts.invitations.services import lifecycle as invitations
from accounts.models import Invitation
from accounts.permissions import Permission
from projects.access import lock_project
from projects.models import Project
from projects.models.collaborator import ProjectGrantQuerySet
from projects.service_accounts.makers import acts_for_address
from projects.services.additions import OWN_MAKER


def find_pending_invitation(project: Project, public_id: str) -> Invitation:
    """Returns the project's pending invitation with that id. Raises Http404 for any other id."""
    to_it = Invitation.objects.filter(project_ref=project.public_id)
    return invitations.find_pending(to_it, public_id)


def find_grants(project: Project) -> ProjectGrantQuerySet:
    """Returns what pending invitations to the project give, with `sort_key`: when they were created."""
    pending = Invitation.objects.pending().filter(project_ref=project.public_id)
    grants: ProjectGrantQuerySet = project.grants.filter(invitation__in=pending)
    return grants.select_related("invitation__invited_by", "invitation__organization").annotate(
        sort_key=F("invitation__created_at")
    )


@transaction.atomic
def resend_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Sends the invitation again with a new link, valid for seven days.

    Raises Conflict while external collaborators are not allowed, Withheld for the person behind the
    service account that acts.
    """
    access = lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    access.project.require_externals()
    if acts_for_address(access, invitation.email):
        raise Withheld(OWN_MAKER)
    invitations.resend(invitation, actor)


@transaction.atomic
def withdraw_invitation(*, actor: Actor, project: Project, invitation: Invitation) -> None:
    """Withdraws the invitation, whose links stop working."""
    lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    invitations.withdraw(invitation, actor)


@transaction.atomic
def reveal_link(*, actor: Actor, project: Project, invitation: Invitation) -> str:
    """Returns the link of the invitation, to be passed on by hand, and records that in the audit log."""
    lock_project(actor.principal, project, Permission.EXTERNALS_MANAGE)
    return invitations.reveal(invitation, actor)
