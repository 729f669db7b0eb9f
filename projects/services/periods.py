"""Access in the past: lists who had it on a day, and repairs periods."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Exists, OuterRef

from accounts.models import Membership, MembershipPeriod, Organization
from accounts.models.periods import PeriodQuerySet
from projects.models import CollaborationPeriod, Collaborator


class AccessThatDay(NamedTuple):
    """One person's access on a day.

    `project` is the slug of the project; it is empty for a membership.
    """

    email: str
    role: str
    project: str
    started_at: dt.datetime
    ended_at: dt.datetime | None


def list_access(organization: Organization, day: dt.date) -> Iterator[AccessThatDay]:
    """Yields everyone who had access to the organization or its projects at any time on `day` in UTC.

    Deleted accounts appear with the email address `deleted-…@deleted.invalid`.
    """
    memberships = organization.membership_periods.on_day(day).select_related("user")
    for membership in memberships.order_by("user__email", "started_at"):
        yield AccessThatDay(
            membership.user.email, membership.role, "", membership.started_at, membership.ended_at
        )
    listed = CollaborationPeriod.objects.filter(project__organization=organization).on_day(day)
    for row in listed.select_related("user", "project").order_by(
        "project__slug", "user__email", "started_at"
    ):
        yield AccessThatDay(
            row.user.email, row.role, row.project.slug, row.started_at, row.ended_at
        )


def repair_periods() -> None:
    """Adds periods that a version without the triggers left out while this one was installed."""
    end_stale(MembershipPeriod.objects.all(), Membership.objects.all(), "organization")
    end_stale(CollaborationPeriod.objects.all(), Collaborator.objects.all(), "project")
    MembershipPeriod.objects.bulk_create(
        MembershipPeriod(
            organization_id=row.organization_id,
            user_id=row.user_id,
            role=row.role,
            started_at=row.joined_at,
        )
        for row in without_period(Membership, MembershipPeriod, "organization")
    )
    CollaborationPeriod.objects.bulk_create(
        CollaborationPeriod(
            project_id=row.project_id, user_id=row.user_id, role=row.role, started_at=row.added_at
        )
        for row in without_period(Collaborator, CollaborationPeriod, "project")
    )


def end_stale(periods: PeriodQuerySet[Any], rows: models.QuerySet[Any], container: str) -> None:
    """Ends the open periods of those who are in a place (a column's name) no longer."""
    same = rows.filter(user=OuterRef("user"), **{container: OuterRef(container)})
    periods.exclude(Exists(same)).end()


def without_period(rows: type[models.Model], periods: type[models.Model], container: str) -> Any:
    same = {"user": OuterRef("user"), container: OuterRef(container), "ended_at__isnull": True}
    return rows._default_manager.exclude(Exists(periods._default_manager.filter(**same)))
