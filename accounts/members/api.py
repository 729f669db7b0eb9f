"""The management API of members. Source: OpenAI's Administration API."""

from django.http import Http404, HttpRequest

from accounts.members.departure import ALL_KEYS, Departure
from accounts.members.payloads import (
    MOST_PROJECTS,
    DeletedUser,
    OrganizationUser,
    RemovalParameters,
    UserChange,
    UserParameters,
)
from accounts.members.services import change_member_role, leave_organization, remove_member
from accounts.models import Membership
from accounts.models.membership import MembershipQuerySet
from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, Credential, require_organization
from accounts.web.api.listing import ObjectList, list_objects
from accounts.web.api.roles import read_organization_role
from accounts.web.api.routes import api_route, join_routes

TAG = "Users"


@api_route("GET", "List users", tag=TAG, credentials=MANAGERS, permission=Permission.MEMBERS_SEE)
def list_users(
    request: HttpRequest, caller: Caller, query: UserParameters
) -> ObjectList[OrganizationUser]:
    """Lists the members of the organization in the order in which they joined.

    `projects` only has the projects that the caller can open."""
    members = find_members(caller)
    if query.emails:
        members = members.filter(user__email__in=query.addresses)
    return list_objects(members, query, describe_user, key="joined_at", id_field="user__public_id")


@api_route(
    "GET",
    "Get a user",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_SEE,
    errors=(404,),
)
def retrieve(request: HttpRequest, caller: Caller, reference: str) -> OrganizationUser:
    """Returns a member of the organization."""
    return describe_user(find_member(caller, reference))


@api_route(
    "POST",
    "Change the role of a user",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(404,),
)
def update(
    request: HttpRequest, caller: Caller, reference: str, body: UserChange
) -> OrganizationUser:
    """Makes a member an Admin or a Member.

    Sending `owner` for the Owner changes nothing. Ownership can only be transferred on the Members page."""
    member = find_member(caller, reference)
    if body.role and not (body.role == "owner" and member.is_owner):
        role = read_organization_role(body.role)
        change_member_role(
            actor=caller.actor(request),
            membership=member,
            role=role,
            revoke_admin_keys=body.revoke_admin_api_keys,
        )
        member = find_member(caller, reference)
    return describe_user(member)


@api_route(
    "DELETE",
    "Remove a user",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.MEMBERS_MANAGE,
    errors=(404,),
)
def delete(
    request: HttpRequest, caller: Caller, reference: str, query: RemovalParameters
) -> DeletedUser:
    """Removes a member from the organization and its projects. The Owner cannot be removed."""
    member = find_member(caller, reference)
    revoke = (ALL_KEYS,) if query.revoke_api_keys else ()
    remove_member(actor=caller.actor(request), membership=member, revoke=revoke)
    return DeletedUser(member.user.public_id, Departure(member).active_keys)


@api_route(
    "POST",
    "Leave the organization",
    tag=TAG,
    credentials=(Credential.PERSONAL_TOKEN,),
    permission=Permission.ORGANIZATION_LEAVE,
    errors=(409,),
)
def leave(request: HttpRequest, caller: Caller) -> DeletedUser:
    """Ends the membership of the token's owner, and revokes their tokens for the organization.

    The Owner has to transfer the ownership first, on the Members page."""
    actor, organization = caller.actor(request), require_organization(caller)
    member = find_member(caller, actor.person.public_id)
    leave_organization(actor=actor, organization=organization)
    return DeletedUser(actor.person.public_id, Departure(member).active_keys)


def find_members(caller: Caller) -> MembershipQuerySet:
    """Returns the members of the caller's organization, each with their first rows as a collaborator."""
    organization = require_organization(caller)
    assert caller.principal is not None
    visible = organization.projects.unarchived().visible_to(caller.principal)
    return organization.memberships.with_users().with_listed(visible, MOST_PROJECTS + 1)


def find_member(caller: Caller, reference: str) -> Membership:
    """Returns a member of the caller's organization. Raises Http404 if there is none with that id."""
    member = find_members(caller).filter(user__public_id=reference).first()
    if member is None:
        raise Http404
    return member


def describe_user(member: Membership) -> OrganizationUser:
    return OrganizationUser.of_membership(member, member.listed_rows)


collection = list_users
item = join_routes(retrieve, update, delete)
