"""The management API of invitations to an organization. Source: OpenAI's Administration API."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest

from accounts.email_addresses import normalize_email
from accounts.errors import Conflict
from accounts.invitations.addresses import describe_refusal, is_address
from accounts.invitations.payloads import (
    DeletedInvite,
    Invite,
    InviteLink,
    NewInvite,
    NewInviteProject,
)
from accounts.invitations.services.members import (
    AlreadyInvited,
    invite_member,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)
from accounts.models import Invitation, Organization
from accounts.models.invitation import InvitationQuerySet
from accounts.permissions import Permission, ProjectRole
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.errors import Refused, api_error, refuse_value
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.roles import read_organization_role, read_project_role
from accounts.web.api.routes import api_route, join_routes

TAG = "Invites"
NO_PROJECT = "The organization has no project with this id."
TWICE = "This project is named twice."
DEFAULT_MEMBER = (
    "The role in the Default Project follows from the one in the organization. Write `member`."
)


@api_route(
    "GET", "List invites", tag=TAG, credentials=MANAGERS, permission=Permission.INVITATIONS_SEE
)
def list_invites(request: HttpRequest, caller: Caller, query: ListParameters) -> ObjectList[Invite]:
    """Lists the invitations to the organization: those that are pending, and all others too."""
    return list_objects(find_invites(caller), query, Invite.of_invitation)


@api_route(
    "POST",
    "Invite a person",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(409,),
)
def create(request: HttpRequest, caller: Caller, body: NewInvite) -> Invite:
    """Sends an invitation by email, which expires after seven days."""
    organization, email = require_organization(caller), normalize_email(body.email)
    if not is_address(email):
        raise refuse_value(describe_refusal(email, alone=True), "email")
    try:
        invitation = invite_member(
            actor=caller.actor(request),
            organization=organization,
            email=email,
            role=read_organization_role(body.role),
            projects=find_projects(organization, body.projects),
        )
    except AlreadyInvited as error:
        raise refuse_second(error) from error
    return Invite.of_invitation(find_invite(caller, invitation.public_id))


@api_route(
    "GET",
    "Get an invite",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.INVITATIONS_SEE,
    errors=(404,),
)
def retrieve(request: HttpRequest, caller: Caller, reference: str) -> Invite:
    """Returns an invitation to the organization, whatever its state."""
    return Invite.of_invitation(find_invite(caller, reference))


@api_route(
    "DELETE",
    "Withdraw an invite",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(404, 409),
)
def delete(request: HttpRequest, caller: Caller, reference: str) -> DeletedInvite:
    """Withdraws a pending invitation, whose links stop working. It stays in the list."""
    invitation = find_invite(caller, reference)
    withdraw_invitation(actor=caller.actor(request), invitation=invitation)
    return DeletedInvite(invitation.public_id)


@api_route(
    "POST",
    "Resend an invite",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(404, 409),
)
def resend(request: HttpRequest, caller: Caller, reference: str) -> Invite:
    """Sends a pending or expired invitation again, with a new link that is valid for seven days."""
    invitation = find_invite(caller, reference)
    resend_invitation(actor=caller.actor(request), invitation=invitation)
    return Invite.of_invitation(find_invite(caller, reference))


@api_route(
    "POST",
    "Get the link of an invite",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(404, 409),
)
def link(request: HttpRequest, caller: Caller, reference: str) -> InviteLink:
    """Returns the link of a pending invitation, to pass on by hand. The audit log records it.

    Only the person invited can accept, with an account that has confirmed the email address."""
    invitation = find_invite(caller, reference)
    url = reveal_link(actor=caller.actor(request), invitation=invitation)
    return InviteLink(invitation.public_id, url)


def find_invites(caller: Caller) -> InvitationQuerySet:
    """Returns the invitations to the caller's organization, without those to one of its projects."""
    invitations = require_organization(caller).invitations.exclude(role="")
    invitations = invitations.select_related("organization", "invited_by")
    return invitations.prefetch_related("project_grants__project")


def find_invite(caller: Caller, reference: str) -> Invitation:
    """Returns the invitation with that id. Raises Http404 if there is none."""
    invitation = find_invites(caller).filter(public_id=reference).first()
    if invitation is None:
        raise Http404
    return invitation


def refuse_second(error: AlreadyInvited) -> Refused:
    """Returns the refusal of a second invitation, with the id of the first."""
    first = error.invitation
    message = f"{first.email} is already invited by {first.public_id}. Resend or delete that one."
    return Refused(api_error(409, message, param="email", code="already_invited"))


def find_projects(
    organization: Organization, named: Iterable[NewInviteProject]
) -> list[tuple[Any, ProjectRole]]:
    """Returns the projects with the roles to give, without the Default Project.

    Raises Refused with 422 for a project that the organization does not have, and one named twice;
    Conflict for an archived one.
    """
    entries = list(named)
    ids = [entry.id for entry in entries]
    projects = {row.public_id: row for row in organization.projects.filter(public_id__in=ids)}
    chosen = []
    for index, entry in enumerate(entries):
        project, role = projects.get(entry.id), read_project_role(entry.role)
        if project is None:
            raise refuse_value(NO_PROJECT, f"projects[{index}].id")
        if entry.id in ids[:index]:
            raise refuse_value(TWICE, f"projects[{index}].id")
        if project.is_archived:
            raise Conflict({f"projects[{index}].id": f"{project.name} is archived."})
        if project.is_default and role != ProjectRole.MEMBER:
            raise refuse_value(DEFAULT_MEMBER, f"projects[{index}].role")
        if not project.is_default:
            chosen.append((project, role))
    return chosen


collection = join_routes(list_invites, create)
item = join_routes(retrieve, delete)
