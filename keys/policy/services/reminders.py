"""Sends reminders before keys expire, to their creators and admins: one mail for each person."""

from collections.abc import Iterator

from django.db import transaction

from accounts.enums import Notification
from accounts.models import User
from accounts.models.principals import Principal
from accounts.outbox import notify
from accounts.web.formatting import format_day
from keys.models import ApiKey
from keys.policy.reminders import nearest_reminder, reminder_due
from projects.models import Collaborator, Project

# Keys in one run of `tend`; the next run, a minute later, does the rest.
BATCH = 500
Readers = dict[User, list[ApiKey]]


def send_expiry_reminders() -> int:
    """Sends all reminders that are due and returns for how many keys."""
    due = (
        ApiKey.objects.listed()
        .usable()
        .filter(reminder_due())
        .with_use()
        .select_related("project__organization", "created_by")
        .prefetch_related("secrets")
        .order_by("expires_at", "pk")
    )
    keys = list(due[:BATCH])
    return send_reminders(keys, find_readers(keys))


@transaction.atomic
def send_reminders(keys: list[ApiKey], readers: Readers) -> int:
    """Sends each reader a mail about the keys not claimed by another worker, and returns how many keys."""
    # In the one order that cannot deadlock.
    claimed = {key.pk for key in sorted(keys, key=lambda key: key.pk) if claim_reminder(key)}
    for person, theirs in readers.items():
        if claimed_keys := [key for key in theirs if key.pk in claimed]:
            kind = Notification.KEY_ENDING
            notify(
                person,
                format_subject(claimed_keys),
                "keys/mail/keys_ending.txt",
                kind=kind,
                keys=claimed_keys,
            )
    return len(claimed)


def claim_reminder(key: ApiKey) -> bool:
    """Marks the reminder of a key as sent. Returns False if another worker or a change was first.

    It compares columns of the row itself, because only those are checked again after waiting for a lock.
    """
    assert key.expires_at is not None
    unchanged_columns = {"expires_at": key.expires_at, "reminded_days": key.reminded_days}
    unchanged = ApiKey.objects.unrevoked().filter(pk=key.pk, **unchanged_columns)
    return unchanged.update(reminded_days=nearest_reminder(key.expires_at)) == 1


def format_subject(keys: list[ApiKey]) -> str:
    """Returns the subject: the name of the only key or their number, and when the first one expires."""
    first = keys[0]
    assert first.expires_at is not None
    day = format_day(first.expires_at)
    if len(keys) == 1:
        return f"API key {first.name} of {first.project.name} expires on {day}"
    return f"{len(keys)} API keys expire soon, the first on {day}"


def find_readers(keys: list[ApiKey]) -> Readers:
    """Returns the people to remind and their keys, in the order of `keys`."""
    projects = list({key.project for key in keys})
    creators = {key.created_by for key in keys if key.created_by}
    opened = {(user, pk) for user in creators for pk in find_visible_projects(user, projects)}
    in_charge = {project: list(find_admins(project)) for project in projects}
    readers: Readers = {}
    for key in keys:
        people = {user.pk: user for user in in_charge[key.project]}
        if key.created_by and (key.created_by, key.project_id) in opened:
            people[key.created_by.pk] = key.created_by
        for user in people.values():
            readers.setdefault(user, []).append(key)
    return readers


def find_visible_projects(user: User, projects: list[Project]) -> Iterator[int]:
    """Yields the primary keys of the projects that the person can see."""
    visible = Project.objects.visible_to(Principal.of_absent(user))
    matches = visible.filter(pk__in=[project.pk for project in projects])
    yield from matches.values_list("pk", flat=True)


def find_admins(project: Project) -> Iterator[User]:
    """Yields the project's own Admins, or the organization's Owner if it has none."""
    admins = Collaborator.objects.current().admins().filter(project=project, user__is_active=True)
    users = [row.user for row in admins.with_people()]
    yield from users or [project.organization.memberships.owner().user]
