"""Periods of membership: when each user was in an organization, and with which role.

Usage that arrives late is attributed by them. Triggers begin a period with each membership and each change
of its role, and end it with them.
"""

import datetime as dt
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.permissions import OrganizationRole


def first_moment(day: dt.date) -> dt.datetime:
    """Returns midnight in UTC at which `day` begins."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


P = TypeVar("P", bound=models.Model)


class PeriodQuerySet(models.QuerySet[P]):
    """Periods with `started_at` and `ended_at`, which is None while they last."""

    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def on_day(self, day: dt.date) -> Self:
        """Periods that overlap `day` in UTC."""
        next_day = first_moment(day + dt.timedelta(days=1))
        return self.filter(started_at__lt=next_day).filter(
            Q(ended_at__isnull=True) | Q(ended_at__gte=first_moment(day))
        )

    def end(self, moment: dt.datetime | None = None) -> None:
        """Ends open periods at `moment`, by default now by the application's clock.

        Times of usage are compared with it. The triggers would use the database server's clock.
        """
        self.open().update(ended_at=Greatest(F("started_at"), moment or timezone.now()))


class MembershipPeriod(models.Model):
    """A user's membership with one role, from `started_at` until `ended_at`."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="membership_periods"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="membership_periods")
    role = models.CharField(max_length=10, choices=OrganizationRole.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(ended_at__isnull=True),
                name="membershipperiod_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="membershipperiod_ends_after_start",
            ),
            choice_constraint("role", OrganizationRole, "membershipperiod"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} since {self.started_at:%Y-%m-%d}"
