"""Changes several things about a collaborator at once."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from accounts.actors import Actor
from accounts.permissions import Permission, ProjectRole
from projects.access import lock_project
from projects.models import Collaborator
from projects.services.collaborators import change_role
from projects.services.endings import set_end_date


@dataclass(frozen=True)
class NewEnd:
    """The last day of access in UTC, or None for no end date."""

    day: dt.date | None


@transaction.atomic
def update_collaborator(
    *,
    actor: Actor,
    collaborator: Collaborator,
    role: ProjectRole | None = None,
    end: NewEnd | None = None,
) -> None:
    """Changes what is not None, all or nothing. Raises what `set_end_date` and `change_role` raise."""
    lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    # First, because someone who lowers their own role may change nothing afterwards.
    if end is not None:
        set_end_date(actor=actor, collaborator=collaborator, end_date=end.day)
    if role is not None:
        change_role(actor=actor, collaborator=collaborator, role=role)
