"""The last day of somebody's access: set, reminded of a week before, and carried out the day after.

Access itself ends when it is read (`CollaboratorQuerySet.current`); what `tend` does here tells
people and tidies up.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.actors import Actor
from accounts.enums import Action, Notification
from accounts.models import User
from accounts.models.principals import Principal
from accounts.outbox import notify
from accounts.permissions import Permission, allows
from projects.access import ProjectAccess, lock_project, lock_rows
from projects.models import Collaborator
from projects.models.collaborator import CollaboratorQuerySet, today
from projects.services.collaborators import may_change, record_change, reload_target

# A turn of `tend` does this many of a kind; the next one, a minute later, does the rest.
BATCH = 500


def may_set_end(access: ProjectAccess, collaborator: Collaborator) -> bool:
    """Whether the caller may set or move this person's last day: nobody prolongs their own access."""
    oneself = access.principal.is_user(collaborator.user_id)
    return may_change(access, collaborator) and (not oneself or collaborator.keeps_access)


def refuse_past_date(end_date: dt.date | None) -> None:
    """ValidationError on `end_date` for a day that is over in UTC."""
    if end_date and end_date < today():
        raise ValidationError(
            {"end_date": "That day is over. Choose today or later, or leave it empty."}
        )


@transaction.atomic
def set_end_date(
    *, actor: Actor, collaborator: Collaborator, end_date: dt.date | None
) -> Collaborator:
    """Makes `end_date` the last day of a listed person's access; None takes the end away.

    ValidationError on `end_date` for a day that is over.
    """
    access = lock_project(actor.principal, collaborator.project, Permission.COLLABORATORS_MANAGE)
    target = reload_target(access, collaborator)
    if not may_set_end(access, target):
        raise PermissionDenied
    refuse_past_date(end_date)
    before = target.end_date
    if before == end_date:
        return target
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
    """Tells people, and who added them, that their access is about to end; gives how many it told of."""
    due = Collaborator.objects.to_remind().select_related("project").order_by("end_date", "pk")
    return sum(send_reminder(row) for row in due[:BATCH])


def end_accesses() -> int:
    """Takes people off the lists whose last day is over; gives how many."""
    ended = Collaborator.objects.ended().select_related("project").order_by("end_date", "pk")
    return sum(end_access(row) for row in ended[:BATCH])


def lock_if_due(rows: CollaboratorQuerySet, due_row: Collaborator) -> Collaborator | None:
    """The row as it is once its project is locked; None when it is no longer among `rows`.

    Somebody may have removed the person or moved the date, or another `tend` been there first.
    """
    lock_rows(due_row.project)
    rows = rows.with_people().select_related("project__organization", "added_by")
    return rows.filter(pk=due_row.pk).first()


@transaction.atomic
def send_reminder(due_row: Collaborator) -> bool:
    """One reminder, with its mails; whether it was still due."""
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
    """Who added the person, when they may still change the date."""
    adder = row.added_by
    is_other = adder is not None and adder != row.user
    role = row.project.find_role(Principal.of_user(adder)) if adder and is_other else None
    return adder if role and allows(role, Permission.COLLABORATORS_MANAGE) else None


@transaction.atomic
def end_access(due_row: Collaborator) -> bool:
    """One end, with its mail to whoever lost access by it; whether it was still due."""
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
