"""The management API of a project's collaborators. Source: OpenAI's Administration API."""

import msgspec
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from accounts.actors import Actor
from accounts.email_addresses import normalize_email
from accounts.errors import Conflict
from accounts.invitations.addresses import describe_refusal, is_address
from accounts.members.departure import ALL_KEYS
from accounts.models import User
from accounts.models.membership import MembershipQuerySet
from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.errors import Refused, api_error, refuse_value
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.payloads import Status
from accounts.web.api.roles import format_project_role, read_project_role
from accounts.web.api.routes import join_routes
from projects.access import ProjectAccess
from projects.api.access import project_route
from projects.api.user_payloads import (
    DeletedProjectUser,
    NewProjectUser,
    PendingProjectUser,
    ProjectUser,
    ProjectUserChanges,
    ProjectUserRemoval,
)
from projects.models import Collaborator
from projects.models.collaborator import CollaboratorQuerySet
from projects.services.additions import (
    EXTERNALS_OFF,
    Added,
    Outcome,
    add_collaborator,
    add_member,
)
from projects.services.collaborators import (
    DEFAULT_PROJECT,
    leave_project,
    remove_collaborator,
)
from projects.services.externals import vouch_for
from projects.services.updates import NewEnd, update_collaborator

TAG = "Project users"
MANAGE = Permission.COLLABORATORS_MANAGE
EITHER = "Send either user_id or email."


@project_route(
    "GET", "List the users of a project", tag=TAG, permission=Permission.COLLABORATORS_SEE
)
def list_users(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: ListParameters
) -> ObjectList[ProjectUser]:
    """Lists the collaborators; in the Default Project all members of the organization.

    The Owner and Admins can open every project without being listed."""
    emails = access.may.collaborator_emails_see
    if access.project.is_default:
        return list_objects(
            find_members(access),
            query,
            lambda row: ProjectUser.of_membership(row, emails=emails),
            key="joined_at",
            id_field="user__public_id",
        )
    return list_objects(
        find_rows(access),
        query,
        lambda row: ProjectUser.of_collaborator(row, emails=emails),
        key="added_at",
        id_field="user__public_id",
    )


@project_route(
    "POST",
    "Add a user to a project",
    tag=TAG,
    permission=MANAGE,
    answer=ProjectUser,
    accepted=PendingProjectUser,
    errors=(409,),
)
def create(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: NewProjectUser
) -> ProjectUser | Status:
    """Adds a member of the organization at once, and invites anyone else by email.

    People outside the organization can be invited if the organization and the project allow external
    collaborators. Otherwise the response is 403 `external_collaborators_off` and says who can allow them."""
    added = add_person(caller.actor(request), access, body)
    if added.outcome == Outcome.JOINED:
        return describe_row(access, find_rows(access).get(public_id=added.public_id))
    pending = PendingProjectUser(
        email=body.email,
        role=format_project_role(read_project_role(body.role)),
        end_date=body.end_date,
        invite_id=added.public_id or None,
    )
    return Status(202, pending)


def add_person(actor: Actor, access: ProjectAccess, body: NewProjectUser) -> Added:
    """Adds or invites the person. Raises Refused with 403 if external collaborators are off."""
    role, end_date = read_project_role(body.role), body.end_date
    if (body.user_id is None) == (body.email is None):
        raise refuse_value(EITHER, "email" if body.user_id else "user_id")
    if body.user_id is not None:
        return add_member(
            actor=actor, project=access.project, user_id=body.user_id, role=role, end_date=end_date
        )
    try:
        return add_collaborator(
            actor=actor,
            project=access.project,
            email=read_email(body.email or ""),
            role=role,
            end_date=end_date,
        )
    except ValidationError as error:
        if any(reason.code == EXTERNALS_OFF for reason in list_reasons(error)):
            text = " ".join(error.messages)
            code = "external_collaborators_off"
            raise Refused(api_error(403, text, param="email", code=code)) from error
        raise


def list_reasons(error: ValidationError) -> list[ValidationError]:
    """Returns the errors about the email address."""
    reasons: list[ValidationError] = getattr(error, "error_dict", {}).get("email", [])
    return reasons


def read_email(text: str) -> str:
    """Returns an email address as it is stored. Raises Refused with 422 if it is not one."""
    email = normalize_email(text)
    if not is_address(email):
        raise refuse_value(describe_refusal(email, alone=True), "email")
    return email


@project_route("GET", "Get a user of a project", tag=TAG, permission=Permission.COLLABORATORS_SEE)
def retrieve(
    request: HttpRequest, caller: Caller, access: ProjectAccess, user_id: str
) -> ProjectUser:
    """Returns a collaborator; of the Default Project, a member of the organization."""
    if access.project.is_default:
        member = find_members(access).filter(user__public_id=user_id).first()
        if member is None:
            raise Http404
        return ProjectUser.of_membership(member, emails=access.may.collaborator_emails_see)
    return describe_row(access, find_row(access, user_id))


@project_route("POST", "Update a user of a project", tag=TAG, permission=MANAGE, errors=(409,))
def update(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    user_id: str,
    body: ProjectUserChanges,
) -> ProjectUser:
    """Changes the role and the end date. People cannot grant a role above their own or
    extend their own access."""
    update_collaborator(
        actor=caller.actor(request),
        collaborator=find_listed(access, user_id),
        role=None if body.role is None else read_project_role(body.role),
        end=None if isinstance(body.end_date, msgspec.UnsetType) else NewEnd(body.end_date),
    )
    return describe_row(access, find_row(access, user_id))


@project_route("DELETE", "Remove a user from a project", tag=TAG, permission=MANAGE, errors=(409,))
def delete(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    user_id: str,
    query: ProjectUserRemoval,
) -> DeletedProjectUser:
    """Removes a collaborator, whose access ends with their next request."""
    row = find_listed(access, user_id)
    revoke = (ALL_KEYS,) if query.revoke_api_keys else ()
    remove_collaborator(actor=caller.actor(request), collaborator=row, revoke=revoke)
    return describe_removal(access, row.user)


@project_route(
    "POST",
    "Vouch for an external collaborator",
    tag=TAG,
    permission=Permission.EXTERNALS_MANAGE,
    errors=(409,),
)
def vouch(request: HttpRequest, caller: Caller, access: ProjectAccess, user_id: str) -> ProjectUser:
    """The person whose access token this is vouches for them. Admin API keys cannot."""
    vouch_for(actor=caller.actor(request), collaborator=find_listed(access, user_id))
    return describe_row(access, find_row(access, user_id))


@project_route(
    "POST", "Leave a project", tag=TAG, permission=Permission.PROJECT_LEAVE, errors=(409,)
)
def leave(request: HttpRequest, caller: Caller, access: ProjectAccess) -> DeletedProjectUser:
    """Removes the person whose access token this is from the collaborators."""
    actor = caller.actor(request)
    leave_project(actor=actor, project=access.project)
    return describe_removal(access, actor.person)


def find_rows(access: ProjectAccess) -> CollaboratorQuerySet:
    """Returns the collaborators whose access has not ended."""
    rows: CollaboratorQuerySet = access.project.collaborators.current()
    return rows.with_people().with_vouchers().select_related("project")


def find_row(access: ProjectAccess, user_id: str) -> Collaborator:
    """Returns the collaborator with that id. Raises Http404 if there is none."""
    row = find_rows(access).filter(user__public_id=user_id).first()
    if row is None:
        raise Http404
    return row


def find_members(access: ProjectAccess) -> MembershipQuerySet:
    return access.organization.memberships.with_users()


def find_listed(access: ProjectAccess, user_id: str) -> Collaborator:
    """Returns the collaborator to change. Raises Conflict in the Default Project, which has no rows."""
    if access.project.is_default and find_members(access).filter(user__public_id=user_id).exists():
        raise Conflict(DEFAULT_PROJECT)
    return find_row(access, user_id)


def describe_row(access: ProjectAccess, row: Collaborator) -> ProjectUser:
    return ProjectUser.of_collaborator(row, emails=access.may.collaborator_emails_see)


def describe_removal(access: ProjectAccess, user: User) -> DeletedProjectUser:
    keys = access.project.api_keys.made_by(user).active()
    return DeletedProjectUser(user.public_id, keys.count())


collection = join_routes(list_users, create)
item = join_routes(retrieve, update, delete)
