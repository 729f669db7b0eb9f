"""Adds people to projects, removes them, changes their roles, and lets them leave."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.audit import record
from accounts.enums import Act, Notification
from accounts.errors import Conflict
from accounts.models import Invitation
from accounts.permissions import Permission, ProjectRole, Role, may_act_on, may_give, project_role
from accounts.services.invitations import note
from accounts.services.mail import notify, queue_invitation
from projects.access import ProjectAccess, lock_project
from projects.models import Collaborator, Project
from projects.models.collaborator import today

DEFAULT_PROJECT = (
    "Every member of the organization is in the Default Project through their membership: "
    "nobody is added to it or removed from it."
)


class Outcome(StrEnum):
    """What adding somebody came to."""

    JOINED = "joined"
    INVITED = "invited"
    # For people who may not learn who is a member: the same answer whatever happened.
    UNTOLD = "untold"


@dataclass(frozen=True)
class Added:
    """`label` is the person's name when they joined, else the address as it was typed."""

    outcome: Outcome
    label: str


@dataclass(frozen=True)
class Given:
    """What somebody gets: a role, with its last day in UTC or without an end."""

    role: ProjectRole
    end_date: dt.date | None = None


def require_to_come(end_date: dt.date | None) -> None:
    """ValidationError on `end_date` for a day that is over in UTC."""
    if end_date and end_date < today():
        raise ValidationError(
            {"end_date": "That day is over. Choose today or later, or leave it empty."}
        )


@transaction.atomic
def add_collaborator(
    *,
    actor: Actor,
    project: Project,
    email: str,
    role: ProjectRole,
    end_date: dt.date | None = None,
) -> Added:
    """Lets a member in at once; invites anybody else when both switches for externals allow it.

    `email` is normalised; `end_date` is the last day of access. Raises PermissionDenied for a role
    above the actor's own, Conflict for somebody already listed or invited, ValidationError on
    `email` naming the switches that are off.
    """
    access = lock_project(actor.person, project, Permission.COLLABORATORS_MANAGE)
    if access.project.is_default:
        raise Conflict(DEFAULT_PROJECT)
    if not may_give(access.role, role):
        raise PermissionDenied
    require_to_come(end_date)
    given = Given(role, end_date)
    tells = access.may.externals_manage
    try:
        added = list_member(actor, access, email, given)
        if added is None and tells:
            added = invite_external(actor, access, email, given)
    except Conflict:
        if tells:
            raise
        added = None
    return added if added and tells else Added(Outcome.UNTOLD, email)


def list_member(actor: Actor, access: ProjectAccess, email: str, given: Given) -> Added | None:
    """A collaborator row for the member with that address; None when no member has it."""
    listed = access.project.collaborators.with_people().filter(user__email=email).first()
    if listed and listed.has_ended:
        listed.end()
    elif listed:
        raise Conflict({"email": f"{listed.user.name} is already a collaborator of this project."})
    membership = access.organization.memberships.filter(user__email=email).first()
    if membership is None:
        return None
    collaborator = access.project.collaborators.create(
        user=membership.user,
        membership=membership,
        role=given.role,
        end_date=given.end_date,
        added_by=actor.person,
    )
    record_act(
        actor, Act.COLLABORATOR_ADDED, access.project, collaborator, after=collaborator.recorded
    )
    return Added(Outcome.JOINED, membership.user.name)


def invite_external(actor: Actor, access: ProjectAccess, email: str, given: Given) -> Added:
    """A pending invitation to this project alone, and its mail."""
    if reasons := access.project.why_no_externals():
        first = f"{email} is not a member of {access.organization.name}."
        raise ValidationError({"email": " ".join([first, *reasons])})
    pending = Invitation.objects.pending().filter(
        organization=access.organization, project_ref=access.project.public_id, email=email
    )
    if pending.exists():
        raise Conflict({"email": f"{email} is already invited. Resend or withdraw it in the list."})
    invitation = Invitation.objects.create(
        organization=access.organization,
        project_ref=access.project.public_id,
        email=email,
        invited_by=actor.person,
    )
    access.project.grants.create(invitation=invitation, role=given.role, end_date=given.end_date)
    queue_invitation(invitation)
    until = {"end_date": given.end_date.isoformat()} if given.end_date else {}
    after = {"projects": {access.project.slug: given.role}, **until}
    note(actor, Act.INVITATION_SENT, invitation, after=after)
    return Added(Outcome.INVITED, email)


def role_of(collaborator: Collaborator) -> Role:
    """What a listed person is in the project: their organization role counts when it is higher."""
    membership = collaborator.membership
    role = project_role(
        membership.role if membership else None, collaborator.role, is_default=False
    )
    assert role is not None  # whoever is listed is in it
    return role


def may_change(access: ProjectAccess, collaborator: Collaborator) -> bool:
    """Whether the caller may remove this person or change their role now."""
    if not access.allows(Permission.COLLABORATORS_MANAGE):
        return False
    oneself = collaborator.user_id == access.user.pk
    return may_act_on(access.role, role_of(collaborator), oneself=oneself)


def locked_target(access: ProjectAccess, collaborator: Collaborator) -> Collaborator:
    """The row as it is now; Http404 when it is gone, PermissionDenied for somebody out of reach."""
    target = access.project.collaborators.with_people().filter(pk=collaborator.pk).first()
    if target is None:
        raise Http404
    if not may_change(access, target):
        raise PermissionDenied
    return target


@transaction.atomic
def change_role(*, actor: Actor, collaborator: Collaborator, role: ProjectRole) -> Collaborator:
    """Gives a listed person another role in the project."""
    access = lock_project(actor.person, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = locked_target(access, collaborator)
    if not may_give(access.role, role):
        raise PermissionDenied
    before = target.role
    if before == role:
        return target
    target.role = role
    target.save(update_fields=["role"])
    record_act(
        actor,
        Act.COLLABORATOR_ROLE_CHANGED,
        access.project,
        target,
        before={"role": before},
        after={"role": role},
    )
    tell(actor, access, target, Notification.ROLE_CHANGED, f"Your role in {access.project.name}")
    return target


@transaction.atomic
def remove_collaborator(*, actor: Actor, collaborator: Collaborator) -> Collaborator:
    """Takes a person off the project's list; their access through it ends with the next request."""
    access = lock_project(actor.person, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = locked_target(access, collaborator)
    record_act(actor, Act.COLLABORATOR_REMOVED, access.project, target, before=target.recorded)
    target.delete()
    tell(actor, access, target, Notification.PROJECT_REMOVED, f"Removed from {access.project.name}")
    return target


def tell(
    actor: Actor, access: ProjectAccess, row: Collaborator, kind: Notification, subject: str
) -> None:
    """Mails the person what somebody else did to their row, unless they turned that off."""
    if row.user != actor.user:
        notify(row.user, subject, kind.value, kind=kind, actor=actor, access=access, row=row)


@transaction.atomic
def leave_project(*, actor: Actor, project: Project) -> None:
    """Takes the actor off the list; Conflict when they are not on it."""
    access = lock_project(actor.person, project, Permission.PROJECT_LEAVE)
    row = access.project.collaborators.current().of_user(actor.person)
    if row is None:
        raise Conflict(
            DEFAULT_PROJECT
            if access.project.is_default
            else "You have access through your organization role: there is nothing to leave."
        )
    record_act(actor, Act.COLLABORATOR_LEFT, access.project, row, before=row.recorded)
    row.delete()


def record_act(
    actor: Actor, act: Act, project: Project, collaborator: Collaborator, **change: object
) -> None:
    """The audit event of an act on a collaborator; it names the person and the project."""
    record(
        actor,
        act,
        organization=project.organization,
        target=collaborator,
        label=f"{collaborator.user.email} in {project.slug}",
        **change,  # type: ignore[arg-type]
    )
