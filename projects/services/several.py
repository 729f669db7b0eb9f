"""Changes several collaborators at once, each like the single action. A refusal does not stop the others."""

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.members.departure import ALL_KEYS
from accounts.members.several.services import (
    DENIED,
    IS_YOU,
    PersonResult,
    apply_to_each,
    require_other_role,
)
from accounts.permissions import Permission, ProjectRole
from projects.access import ProjectAccess, lock_project
from projects.models import Collaborator, Project
from projects.services.collaborators import change_role, may_change, remove_collaborator


def explain_refusal(access: ProjectAccess, collaborator: Collaborator) -> str:
    """Returns why the person can't be changed together with others; empty if they can."""
    if access.principal.is_user(collaborator.user_id):
        return IS_YOU
    return "" if may_change(access, collaborator) else DENIED


def require_changeable(access: ProjectAccess, collaborator: Collaborator) -> Collaborator:
    """Returns the current row. Raises Http404 if it was deleted, Conflict if it can't be changed."""
    rows = access.project.collaborators.with_people().select_related("project")
    current = rows.filter(pk=collaborator.pk).first()
    if current is None:
        raise Http404
    if refusal := explain_refusal(access, current):
        raise Conflict(refusal)
    return current


@transaction.atomic
def change_several_roles(
    *, actor: Actor, project: Project, collaborators: Sequence[Collaborator], role: ProjectRole
) -> list[PersonResult]:
    """Gives each person the role as `change_role` does. Raises Conflict if none can be changed."""
    access = lock_project(actor.principal, project, Permission.COLLABORATORS_MANAGE)

    def change(collaborator: Collaborator) -> None:
        current = require_changeable(access, collaborator)
        require_other_role(current, role)
        change_role(actor=actor, collaborator=current, role=role)

    return apply_to_each((row.user, partial(change, row)) for row in collaborators)


@transaction.atomic
def remove_several(
    *,
    actor: Actor,
    project: Project,
    collaborators: Sequence[Collaborator],
    revoke_keys: bool = False,
) -> list[PersonResult]:
    """Removes each person as `remove_collaborator` does. Raises Conflict if none can be removed.

    With `revoke_keys`, also revokes the active API keys they created in the project.
    """
    access = lock_project(actor.principal, project, Permission.COLLABORATORS_MANAGE)
    revoke = [ALL_KEYS] if revoke_keys else []

    def remove(collaborator: Collaborator) -> None:
        current = require_changeable(access, collaborator)
        remove_collaborator(actor=actor, collaborator=current, revoke=revoke)

    return apply_to_each((row.user, partial(remove, row)) for row in collaborators)
