"""Changes the role of collaborators, removes them, and lets them leave."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.access.endings import end_lost_access
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.errors import Conflict
from accounts.invitations.services import lifecycle as invitations
from accounts.outbox import notify_of_action
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
from projects.service_accounts.makers import acts_for

DEFAULT_PROJECT = (
    "Every member of the organization has access to the Default Project. "
    "You cannot add or remove people."
)
WHY_REVOKED = "Its creator was removed from the project."


def find_highest_role(collaborator: Collaborator) -> Role:
    """Returns the person's role in the project, or their organization role if that is higher."""
    membership = collaborator.membership
    role = project_role(
        membership.role if membership else None, collaborator.role, is_default=False
    )
    assert role is not None  # a collaborator always has a role
    return role


def may_change(access: ProjectAccess, collaborator: Collaborator) -> bool:
    """Returns whether the caller may remove this person or change their role."""
    if not access.allows(Permission.COLLABORATORS_MANAGE):
        return False
    is_self = access.principal.is_user(collaborator.user_id)
    return may_manage_collaborator(access.role, find_highest_role(collaborator), is_self=is_self)


def reload_target(access: ProjectAccess, collaborator: Collaborator) -> Collaborator:
    """Reads the row again. Raises Http404 if it is gone, PermissionDenied if the caller may not change it."""
    target = access.project.collaborators.with_people().filter(pk=collaborator.pk).first()
    if target is None:
        raise Http404
    if not may_change(access, target):
        raise PermissionDenied
    return target


@transaction.atomic
def change_role(*, actor: Actor, collaborator: Collaborator, role: ProjectRole) -> Collaborator:
    """Changes the collaborator's role. Raises PermissionDenied for a role above the actor's own."""
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    if not may_grant_role(access.role, role):
        raise PermissionDenied
    before = target.role
    if before == role:
        return target
    # A service account may have a higher role than the person behind it has by now.
    if acts_for(access, target.user_id) and not may_grant_role(find_highest_role(target), role):
        raise PermissionDenied
    target.role = role
    target.save(update_fields=["role"])
    end_lost_access(actor=actor, user=target.user, organization=access.organization)
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
    """Removes a collaborator, whose access ends with the next request. Returns the number of revoked keys.

    API keys that the person created stay with the project, except those whose public ids are in `revoke`
    (`ALL_KEYS` for all). Raises ValidationError on `revoke` for any other id.
    """
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    record_change(
        actor, Action.COLLABORATOR_REMOVED, access.project, target, before=target.recorded
    )
    target.take_off(actor)
    end_invitations(actor, access, target)
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
    """Emails the person about a change by someone else, unless they turned these emails off."""
    notify_of_action(
        actor,
        row.user,
        subject,
        f"projects/mail/{kind}.txt",
        kind=kind,
        access=access,
        row=row,
        revoked=revoked,
    )


@transaction.atomic
def leave_project(*, actor: Actor, project: Project) -> None:
    """Removes the actor from the project. Raises Conflict if they are not a collaborator."""
    access = lock_project(actor.principal, project, Permission.PROJECT_LEAVE)
    row = access.project.collaborators.current().of_user(actor.person)
    if row is None:
        raise Conflict(
            DEFAULT_PROJECT
            if access.project.is_default
            else "You have access through your organization role, so you cannot leave."
        )
    record_change(actor, Action.COLLABORATOR_LEFT, access.project, row, before=row.recorded)
    row.take_off(actor)
    end_invitations(actor, access, row)


def end_invitations(actor: Actor, access: ProjectAccess, row: Collaborator) -> None:
    """Ends what pending invitations would give the person in the project they were removed from."""
    pending = access.organization.invitations.waiting_for(row.user)
    for invitation in pending.filter(project_ref=access.project.public_id).order_by("pk"):
        invitations.withdraw(invitation, actor)
    access.project.grants.filter(invitation__in=pending).delete()


def record_change(
    actor: Actor, act: Action, project: Project, collaborator: Collaborator, **change: Any
) -> None:
    """Records an action on a collaborator, labelled with the person and the project."""
    record(
        actor,
        act,
        organization=project.organization,
        target=collaborator,
        label=f"{collaborator.user.email} in {project.slug}",
        **change,
    )
