"""Adds people to a project, one or several at once, and reports the outcome for each."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.errors import Conflict, TooMany, Withheld
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import Invitation
from accounts.permissions import Permission, ProjectRole, may_grant_role
from projects.access import ProjectAccess, lock_project
from projects.models import Project
from projects.service_accounts.makers import acts_for, acts_for_address
from projects.services.addition_limits import require_room_for_addition
from projects.services.collaborators import DEFAULT_PROJECT, notify_person, record_change
from projects.services.endings import refuse_past_date
from projects.services.projects import allow_externals

NO_MEMBER = "The organization has no member with this id. Invite other people by email."
OWN_MAKER = (
    "A service account can't give access to the person who created it or its token. "
    "Ask a Project Admin."
)
# The code of the error for someone who is not a member while a switch for external collaborators is off.
EXTERNALS_OFF = "externals_off"


class Outcome(StrEnum):
    """What happened to an email address."""

    JOINED = "joined"
    INVITED = "invited"
    # The same answer whatever happened, for callers who may not learn who is a member.
    UNTOLD = "untold"


@dataclass(frozen=True)
class Added:
    """`label` is the name of a person who joined, otherwise the email address as it was entered.

    `public_id` is that of the collaborator or the invitation; empty for callers who may not learn which.
    """

    outcome: Outcome
    label: str
    public_id: str = field(default="", compare=False)


@dataclass(frozen=True)
class Given:
    """The role to give, and the last day of access in UTC if it ends."""

    role: ProjectRole
    end_date: dt.date | None = None


@transaction.atomic
def add_collaborator(
    *,
    actor: Actor,
    project: Project,
    email: str,
    role: ProjectRole,
    end_date: dt.date | None = None,
    allow_outsiders: bool = False,
) -> Added:
    """Adds a member at once; invites anyone else if both switches allow external collaborators.

    `email` is normalised, `end_date` is the last day of access in UTC. With `allow_outsiders`, an
    invitation turns the project's switch on, for which the actor needs the permission to change its
    settings. Raises PermissionDenied for a role above the actor's own, Conflict for a person who is
    already a collaborator or invited, ValidationError on `email` naming the switches that are off, and
    TooMany if externals added too many people.
    """
    access = lock_project(actor.principal, project, Permission.COLLABORATORS_MANAGE)
    if access.project.is_default:
        raise Conflict(DEFAULT_PROJECT)
    if not may_grant_role(access.role, role):
        raise PermissionDenied
    refuse_past_date(end_date)
    require_room_for_addition(access)
    given = Given(role, end_date)
    tells = access.may.externals_manage
    try:
        added = list_member(actor, access, email, given)
        if added is None and tells:
            if allow_outsiders:
                allow_externals(actor=actor, project=access.project)
            added = invite_external(actor, access, email, given)
    except Conflict:
        if tells:
            raise
        added = None
    return added if added and tells else Added(Outcome.UNTOLD, email)


@transaction.atomic
def add_member(
    *,
    actor: Actor,
    project: Project,
    user_id: str,
    role: ProjectRole,
    end_date: dt.date | None = None,
) -> Added:
    """Adds the member of the organization with that public id, as `add_collaborator` does.

    Raises ValidationError on `user_id` if there is none, unless the actor may not learn who is a member.
    """
    access = lock_project(actor.principal, project, Permission.COLLABORATORS_MANAGE)
    members = access.organization.memberships.select_related("user")
    member = members.filter(user__public_id=user_id).first()
    if member is None and access.may.externals_manage:
        raise ValidationError({"user_id": NO_MEMBER})
    # No account has an empty address: no one is added, and the answer is the same.
    email = member.user.email if member else ""
    try:
        return add_collaborator(
            actor=actor, project=project, email=email, role=role, end_date=end_date
        )
    except Conflict as error:
        if "email" in getattr(error, "error_dict", {}):
            raise Conflict({"user_id": error.message_dict["email"]}) from error
        raise


def list_member(actor: Actor, access: ProjectAccess, email: str, given: Given) -> Added | None:
    """Adds the member with that email address. Returns None if no member has it.

    Raises Withheld if that would give access to the person behind the service account that acts.
    """
    listed = access.project.collaborators.with_people().filter(user__email=email).first()
    if listed and listed.has_ended:
        listed.end()
    elif listed:
        raise Conflict({"email": f"{listed.user.name} is already a collaborator of this project."})
    membership = access.organization.memberships.filter(user__email=email).first()
    if membership is None:
        return None
    if acts_for(access, membership.user_id) and not membership.opens_every_project:
        raise Withheld(OWN_MAKER)
    collaborator = access.project.collaborators.create(
        user=membership.user,
        membership=membership,
        role=given.role,
        end_date=given.end_date,
        added_by=actor.user,
    )
    record_change(
        actor, Action.COLLABORATOR_ADDED, access.project, collaborator, after=collaborator.recorded
    )
    subject = f"You were added to {access.project.name}"
    notify_person(actor, access, collaborator, Notification.ADDED, subject)
    return Added(Outcome.JOINED, membership.user.name, collaborator.public_id)


def invite_external(actor: Actor, access: ProjectAccess, email: str, given: Given) -> Added:
    """Creates an invitation to this project and queues its email."""
    if reasons := access.project.why_no_externals():
        first = f"{email} is not a member of {access.organization.name}."
        text = " ".join([first, *reasons])
        raise ValidationError({"email": ValidationError(text, code=EXTERNALS_OFF)})
    if acts_for_address(access, email):
        raise Withheld(OWN_MAKER)
    pending = Invitation.objects.pending().filter(
        organization=access.organization, project_ref=access.project.public_id, email=email
    )
    if pending.exists():
        raise Conflict(
            {"email": f"{email} already has an invitation. Resend or withdraw it in the list."}
        )
    invitation = Invitation(
        organization=access.organization, project_ref=access.project.public_id, email=email
    )
    invitation.set_inviter(actor.principal)
    invitation.save(force_insert=True)
    access.project.grants.create(invitation=invitation, role=given.role, end_date=given.end_date)
    queue_invitation(invitation)
    until = {"end_date": given.end_date.isoformat()} if given.end_date else {}
    after = {"projects": {access.project.slug: given.role}, **until}
    record(actor, Action.INVITATION_SENT, **invitation.audit_target, after=after)
    return Added(Outcome.INVITED, email, invitation.public_id)


@dataclass(frozen=True)
class Attempt:
    """The outcome for one email address: `added`, or the `refusal` with the code of its error."""

    email: str
    added: Added | None
    refusal: str = ""
    code: str = ""
    too_many: bool = False  # a limit is reached: they can be invited later


@dataclass(frozen=True, slots=True)
class Addition:
    """Someone to add: their normalized email address, and what they get."""

    email: str
    role: ProjectRole
    end_date: dt.date | None = None


@transaction.atomic
def add_people(*, actor: Actor, project: Project, additions: Sequence[Addition]) -> list[Attempt]:
    """Adds each person as `add_collaborator` does. A refused one does not affect the others."""
    attempts = []
    for person in additions:
        try:
            added = add_collaborator(
                actor=actor,
                project=project,
                email=person.email,
                role=person.role,
                end_date=person.end_date,
            )
            attempts.append(Attempt(person.email, added))
        except ValidationError as error:
            refusal, too_many = " ".join(error.messages), isinstance(error, TooMany)
            attempts.append(Attempt(person.email, None, refusal, too_many=too_many))
    return attempts


@transaction.atomic
def add_collaborators(
    *,
    actor: Actor,
    project: Project,
    emails: list[str],
    role: ProjectRole,
    end_date: dt.date | None = None,
    allow_outsiders: bool = False,
) -> list[Attempt]:
    """Adds each address as `add_collaborator` does. A refused address does not affect the others.

    For a single address, raises what `add_collaborator` raises.
    """

    def add(email: str) -> Added:
        return add_collaborator(
            actor=actor,
            project=project,
            email=email,
            role=role,
            end_date=end_date,
            allow_outsiders=allow_outsiders,
        )

    if len(emails) == 1:
        return [Attempt(email, add(email)) for email in emails]
    attempts = []
    for email in emails:
        try:
            attempts.append(Attempt(email, add(email)))
        except ValidationError as error:
            reasons = getattr(error, "error_dict", {}).get("email")
            if reasons is None:  # an error of the project or the date concerns every address
                raise
            text = " ".join(ValidationError(reasons).messages)
            named = text if text.startswith(email) else f"{email}: {text}"
            code = EXTERNALS_OFF if any(r.code == EXTERNALS_OFF for r in reasons) else ""
            attempts.append(Attempt(email, None, named, code))
    return attempts
