"""Changes the tags of projects."""

from collections.abc import Mapping

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.permissions import Permission
from projects.access import lock_project
from projects.models import Project
from projects.tags.periods import describe_changes, replace_tags
from projects.tags.values import clean_tags


@transaction.atomic
def change_project_tags(
    *, actor: Actor, project: Project, tags: Mapping[str, str], seen: str | None = None
) -> bool:
    """Replaces all tags of a project from the next UTC day on. Returns whether any changed.

    See `replace_tags` for `seen`. Raises ValidationError at `tags` for invalid ones.
    """
    access = lock_project(actor.principal, project, Permission.PROJECT_SETTINGS_CHANGE)
    locked = access.project
    before, after = replace_tags(locked, access.organization, clean_tags(tags), seen=seen)
    if before == after:
        return False
    old, new = describe_changes(before, after)
    record(
        actor,
        Action.PROJECT_TAGS_CHANGED,
        organization=access.organization,
        target=locked,
        before=old,
        after=new,
    )
    return True
