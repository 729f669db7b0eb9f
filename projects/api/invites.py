"""The management API of invitations of external collaborators to a project, and of removing them all."""

from django.http import HttpRequest

from accounts.invitations.payloads import DeletedInvite, InviteLink
from accounts.models import Invitation
from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from projects.access import ProjectAccess
from projects.api.access import project_route
from projects.api.invite_payloads import ExternalsRemoval, ProjectInvite, RemovedExternals
from projects.models import ProjectGrant
from projects.services.externals import external_accounts, remove_externals
from projects.services.invitations import (
    find_grants,
    find_pending_invitation,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)

TAG = "Project users"
MANAGE = Permission.EXTERNALS_MANAGE


@project_route(
    "GET", "List the invites to a project", tag=TAG, permission=Permission.COLLABORATOR_EMAILS_SEE
)
def list_invites(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: ListParameters
) -> ObjectList[ProjectInvite]:
    """Lists the pending invitations of external collaborators, expired ones included."""
    grants = find_grants(access.project)
    return list_objects(
        grants,
        query,
        ProjectInvite.of_grant,
        key="sort_key",
        id_field="invitation__public_id",
    )


@project_route("POST", "Resend an invite to a project", tag=TAG, permission=MANAGE, errors=(409,))
def resend(
    request: HttpRequest, caller: Caller, access: ProjectAccess, invite_id: str
) -> ProjectInvite:
    """Sends a pending or expired invitation again, with a new link that is valid for seven days."""
    invitation = find_pending_invitation(access.project, invite_id)
    actor = caller.actor(request)
    resend_invitation(actor=actor, project=access.project, invitation=invitation)
    return ProjectInvite.of_grant(find_grant(access, invitation))


@project_route(
    "DELETE", "Withdraw an invite to a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def withdraw(
    request: HttpRequest, caller: Caller, access: ProjectAccess, invite_id: str
) -> DeletedInvite:
    """Withdraws a pending invitation, whose links stop working."""
    invitation = find_pending_invitation(access.project, invite_id)
    actor = caller.actor(request)
    withdraw_invitation(actor=actor, project=access.project, invitation=invitation)
    return DeletedInvite(invitation.public_id)


@project_route(
    "POST", "Get the link of an invite to a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def link(request: HttpRequest, caller: Caller, access: ProjectAccess, invite_id: str) -> InviteLink:
    """Returns the link of a pending invitation, to pass on by hand. The audit log records it.

    Only the person invited can accept, with an account that has confirmed the email address."""
    invitation = find_pending_invitation(access.project, invite_id)
    actor = caller.actor(request)
    url = reveal_link(actor=actor, project=access.project, invitation=invitation)
    return InviteLink(invitation.public_id, url)


@project_route(
    "POST", "Remove all external collaborators", tag=TAG, permission=MANAGE, errors=(409,)
)
def remove_all(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: ExternalsRemoval
) -> RemovedExternals:
    """Also withdraws their pending invitations and removes the service accounts that they created.

    One of the switches that let them in must be off."""
    removed = remove_externals(
        actor=caller.actor(request),
        project=access.project,
        revoke_keys=body.revoke_api_keys,
        remove_accounts=body.remove_service_accounts,
    )
    return RemovedExternals(removed, external_accounts(access.project).count())


def find_grant(access: ProjectAccess, invitation: Invitation) -> ProjectGrant:
    return find_grants(access.project).get(invitation=invitation)
