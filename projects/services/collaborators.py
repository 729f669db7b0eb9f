"""What happens to people listed in a project: another role, removal, leaving."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.errors import Conflict
from accounts.outbox import notify
from accounts.permissions import (
    Permission,
    ProjectRole,
    Role,
    may_grant_role,
    may_manage_collaborator,
    project_role,
)
from projects.access import ProjectAccess, lock_project
from projects.models import Collaborator, Project

DEFAULT_PROJECT = (
    "Every member of the organization is in the Default Project through their membership: "
    "nobody is added to it or removed from it."
)
WHY_REVOKED = "Its creator was removed from the project."


def find_highest_role(collaborator: Collaborator) -> Role:
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
    is_self = access.principal.is_user(collaborator.user_id)
    return may_manage_collaborator(access.role, find_highest_role(collaborator), is_self=is_self)


def reload_target(access: ProjectAccess, collaborator: Collaborator) -> Collaborator:
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
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    if not may_grant_role(access.role, role):
        raise PermissionDenied
    before = target.role
    if before == role:
        return target
    target.role = role
    target.save(update_fields=["role"])
    record_change(
        actor,
        Action.COLLABORATOR_ROLE_CHANGED,
        access.project,
        target,
        before={"role": before},
        after={"role": role},
    )
    notify_person(
        actor, access, target, Notification.ROLE_CHANGED, f"Your role in {access.project.name}"
    )
    return target


@transaction.atomic
def remove_collaborator(
    *, actor: Actor, collaborator: Collaborator, revoke: Collection[str] = ()
) -> int:
    """Takes a person off the project's list; their access through it ends with the next request.

    API keys they made stay with the project, those apart that `revoke` names by public id
    (`ALL_KEYS`: all). Gives how many it revoked; ValidationError at `revoke` for an id of no key of
    theirs in the project.
    """
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    record_change(
        actor, Action.COLLABORATOR_REMOVED, access.project, target, before=target.recorded
    )
    target.take_off()
    made = access.project.api_keys.made_by(target.user)
    revoked = made.revoke_chosen(actor, revoke, reason=WHY_REVOKED)
    subject = f"Removed from {access.project.name}"
    notify_person(actor, access, target, Notification.PROJECT_REMOVED, subject, revoked=revoked)
    return revoked


def notify_person(
    actor: Actor,
    access: ProjectAccess,
    row: Collaborator,
    kind: Notification,
    subject: str,
    *,
    revoked: int = 0,
) -> None:
    """Mails the person what somebody else did to their row, unless they turned that off."""
    if row.user != actor.user:
        context = {"actor": actor, "access": access, "row": row, "revoked": revoked}
        notify(row.user, subject, f"projects/mail/{kind}.txt", kind=kind, **context)


@transaction.atomic
def leave_project(*, actor: Actor, project: Project) -> None:
    """Takes the actor off the list; Conflict when they are not on it."""
    access = lock_project(actor.principal, project, Permission.PROJECT_LEAVE)
    row = access.project.collaborators.current().of_user(actor.person)
    if row is None:
        raise Conflict(
            DEFAULT_PROJECT
            if access.project.is_default
            else "You have access through your organization role: there is nothing to leave."
        )
    record_change(actor, Action.COLLABORATOR_LEFT, access.project, row, before=row.recorded)
    row.take_off()


def record_change(
    actor: Actor, act: Action, project: Project, collaborator: Collaborator, **change: Any
) -> None:
    """The audit event of an act on a collaborator; it names the person and the project."""
    record(
        actor,
        act,
        organization=project.organization,
        target=collaborator,
        label=f"{collaborator.user.email} in {project.slug}",
        **change,
    )
