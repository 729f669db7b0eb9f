"""End dates of access: sets them, reminds people a week before, and removes rows the day after.

Access itself ends on time without this, since `CollaboratorQuerySet.current` compares the date
(docs/decisions/0012-end-dates-are-read.md).
"""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.access.endings import end_lost_access
from accounts.actors import Actor
from accounts.enums import Action, Notification
from accounts.models import User
from accounts.models.principals import Principal
from accounts.outbox import notify
from accounts.permissions import Permission, allows
from projects.access import ProjectAccess, lock_project, lock_rows
from projects.models import Collaborator
from projects.models.collaborator import CollaboratorQuerySet, today
from projects.service_accounts.makers import acts_for
from projects.services.collaborators import may_change, record_change, reload_target

# The number of rows in one run of `tend`; the next run, a minute later, continues.
BATCH = 500
# In the year 9999 programs mean that access never ends, and the day after its last day does not exist.
LAST_YEAR = 9998
TOO_LATE = f"Choose a date up to the year {LAST_YEAR}, or leave it empty if access does not end."


def may_set_end(access: ProjectAccess, collaborator: Collaborator) -> bool:
    """Returns whether the caller may set this end date.

    People cannot extend their own access, nor can a service account that goes back to them.
    """
    oneself = acts_for(access, collaborator.user_id)
    return may_change(access, collaborator) and (not oneself or collaborator.keeps_access)


def refuse_past_date(end_date: dt.date | None) -> None:
    """Raises ValidationError on `end_date` for a day that has passed in UTC, or that is too late."""
    if end_date and end_date.year > LAST_YEAR:
        raise ValidationError({"end_date": TOO_LATE})
    if end_date and end_date < today():
        raise ValidationError(
            {
                "end_date": "This date is in the past. Choose today or a later day, or leave it empty."
            }
        )


@transaction.atomic
def set_end_date(
    *, actor: Actor, collaborator: Collaborator, end_date: dt.date | None
) -> Collaborator:
    """Makes `end_date` the last day of access in UTC; None removes the end date.

    Raises ValidationError on `end_date` for a day that has passed.
    """
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    if not may_set_end(access, target):
        raise PermissionDenied
    refuse_past_date(end_date)
    before = target.end_date
    if before == end_date:
        return target
    if target.has_ended:  # otherwise tokens that stopped with the old date would work again
        end_lost_access(actor=actor, user=target.user, organization=access.organization)
    target.end_date = end_date
    target.save(update_fields=["end_date"])
    record_change(
        actor,
        Action.COLLABORATOR_END_DATE_CHANGED,
        access.project,
        target,
        before={"end_date": before and before.isoformat()},
        after={"end_date": end_date and end_date.isoformat()},
    )
    return target


def remind_of_endings() -> int:
    """Reminds people, and those who added them, of access that ends soon. Returns the number of people."""
    due = Collaborator.objects.to_remind().select_related("project").order_by("end_date", "pk")
    return sum(send_reminder(row) for row in due[:BATCH])


def end_accesses() -> int:
    """Removes collaborators whose end date has passed. Returns their number."""
    ended = Collaborator.objects.ended().select_related("project").order_by("end_date", "pk")
    return sum(end_access(row) for row in ended[:BATCH])


def lock_if_due(rows: CollaboratorQuerySet, due_row: Collaborator) -> Collaborator | None:
    """Locks the project and reads the row again. Returns None if it is no longer among `rows`.

    The row or its date may have changed, or another run of `tend` may have been faster.
    """
    lock_rows(due_row.project)
    rows = rows.with_people().select_related("project__organization", "added_by")
    return rows.filter(pk=due_row.pk).first()


@transaction.atomic
def send_reminder(due_row: Collaborator) -> bool:
    """Sends one reminder. Returns whether it was still due."""
    row = lock_if_due(Collaborator.objects.to_remind(), due_row)
    if row is None:
        return False
    row.reminded_of = row.end_date
    row.save(update_fields=["reminded_of"])
    project, subject = row.project, f"Access to {row.project.name} ends"
    context = {"row": row, "project": project, "organization": project.organization}
    kind = Notification.ACCESS_ENDING
    notify(
        row.user,
        f"Your access to {project.name} ends",
        "projects/mail/access_ending.txt",
        kind=kind,
        **context,
    )
    if adder := find_manager(row):
        notify(
            adder,
            f"{subject} for {row.user.name}",
            "projects/mail/access_ending_of.txt",
            kind=kind,
            **context,
        )
    return True


def find_manager(row: Collaborator) -> User | None:
    """Returns the person who added the collaborator, if they may still change the end date."""
    adder = row.added_by
    is_other = adder is not None and adder != row.user
    role = row.project.find_role(Principal.of_absent(adder)) if adder and is_other else None
    return adder if role and allows(role, Permission.COLLABORATORS_MANAGE) else None


@transaction.atomic
def end_access(due_row: Collaborator) -> bool:
    """Removes one row and emails the person if they lost access. Returns whether it was still due."""
    row = lock_if_due(Collaborator.objects.ended(), due_row)
    if row is None:
        return False
    project = row.project
    row.end()
    if not row.keeps_access:
        notify(
            row.user,
            f"Your access to {project.name} has ended",
            "projects/mail/access_ended.txt",
            kind=Notification.PROJECT_REMOVED,
            row=row,
            project=project,
            organization=project.organization,
        )
    return True
