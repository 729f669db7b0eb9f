"""Adds several people to a project in one act, and says of each what came of it."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actors import Actor
from accounts.permissions import ProjectRole
from projects.models import Project
from projects.services.collaborators import Added, add_collaborator


@dataclass(frozen=True)
class Attempt:
    """What came of one address: `added`, or why not."""

    email: str
    added: Added | None
    refusal: str = ""


@transaction.atomic
def add_collaborators(
    *,
    actor: Actor,
    project: Project,
    emails: list[str],
    role: ProjectRole,
    end_date: dt.date | None = None,
) -> list[Attempt]:
    """Adds each address as `add_collaborator` does; one that is refused does not stop the others.

    A single address is refused with what `add_collaborator` raises.
    """

    def add(email: str) -> Added:
        return add_collaborator(
            actor=actor, project=project, email=email, role=role, end_date=end_date
        )

    if len(emails) == 1:
        return [Attempt(email, add(email)) for email in emails]
    attempts = []
    for email in emails:
        try:
            attempts.append(Attempt(email, add(email)))
        except ValidationError as error:
            reasons = getattr(error, "error_dict", {}).get("email")
            if reasons is None:  # it is about the project or the date, so about all of them
                raise
            text = " ".join(ValidationError(reasons).messages)
            named = text if text.startswith(email) else f"{email}: {text}"
            attempts.append(Attempt(email, None, named))
    return attempts
