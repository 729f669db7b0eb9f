"""Archives projects and restores them within the organization's limit."""

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.permissions import Permission
from projects.access import lock_project
from projects.models import Project
from projects.services.projects import require_room

DEFAULT_STAYS = (
    "The Default Project cannot be archived. Every member uses it, and usage that belongs to no other "
    "project is billed to it."
)


@transaction.atomic
def archive_project(*, actor: Actor, project: Project) -> None:
    """Archives the project. Raises Conflict for the Default Project and for an archived project."""
    access = lock_project(actor.principal, project, Permission.PROJECT_ARCHIVE)
    if access.project.is_default:
        raise Conflict(DEFAULT_STAYS)
    if access.project.is_archived:
        raise Conflict(f"{access.project.name} is already archived.")
    access.project.archive(actor.user)
    record(
        actor,
        Action.PROJECT_ARCHIVED,
        organization=access.organization,
        target=access.project,
        before={"archived": False},
        after={"archived": True},
    )


@transaction.atomic
def restore_project(*, actor: Actor, project: Project) -> None:
    """Restores the project. Raises Conflict at the project limit and for a project that is not archived."""
    access = lock_project(actor.principal, project, Permission.PROJECT_ARCHIVE)
    if not access.project.is_archived:
        raise Conflict(f"{access.project.name} is not archived.")
    require_room(access.organization, 1)
    access.project.restore()
    record(
        actor,
        Action.PROJECT_RESTORED,
        organization=access.organization,
        target=access.project,
        before={"archived": True},
        after={"archived": False},
    )
