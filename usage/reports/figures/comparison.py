"""The period before a report's, with which it is compared."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, IntegerField, Q, Value, When

from usage.models.totals import TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.periods import find_end_of_comparison, find_previous
from usage.reports.scope import UsageScope


@dataclass(frozen=True)
class PeriodComparison:
    """The period before `period`, up to the moment `until`, as far into it as now is into `period`."""

    period: Period
    until: dt.datetime

    @classmethod
    def of(cls, period: Period, now: dt.datetime) -> "PeriodComparison":
        return cls(period, find_end_of_comparison(period, now))

    @property
    def previous(self) -> Period:
        return find_previous(self.period)

    @property
    def shift(self) -> dt.timedelta:
        """How much later each moment of the period is than its counterpart in the period before."""
        return self.period.start - self.previous.start

    @property
    def label(self) -> str:
        """The period that is compared: 1 – 31 Oct 2026, or while it lasts 1 – 25 Oct 2026, 15:00."""
        if self.until == self.previous.moments[1]:
            return self.previous.label
        return f"{Period(self.previous.start, self.until.date()).label}, {self.until:%H:%M}"

    def find_totals(self, scope: UsageScope, *, by_hour: bool) -> TotalQuerySet:
        """Returns the totals of the period and of the one before, which have `is_before` 1.

        Of days, without the last one before `until` unless all of it is compared.
        """
        start, end = self.period.moments
        previous = self.previous
        if by_hour:
            rows = scope.hourly_totals(midnight(previous.start), end)
            return mark(rows, Q(hour__lt=self.until), Q(hour__gte=start))
        rows = scope.daily_totals(Period(previous.start, self.period.end))
        return mark(rows, Q(day__lt=self.until.date()), Q(day__gte=self.period.start))

    def find_last_hours(self, scope: UsageScope) -> TotalQuerySet | None:
        """Returns the hours of the day of `until`, None if that is its first moment."""
        last_day = midnight(self.until.date())
        return scope.hourly_totals(last_day, self.until) if self.until > last_day else None

    def name_bar(self, start: dt.datetime, end: dt.datetime) -> str:
        """Returns the name of what a bar from `start` to `end` is compared with, '' for nothing."""
        start, end = start - self.shift, min(end - self.shift, self.until)
        if start >= end:
            return ""
        hours = "" if end == midnight(end.date()) else f", until {end:%H:%M}"
        if end - start == dt.timedelta(hours=1):
            return f"{start.day} {start:%b}, {start:%H:%M}"
        last = (end - dt.timedelta(microseconds=1)).date()
        days = f"{last.day} {last:%b}" if last == start.date() else Period(start.date(), last).label
        return days + hours


def mark(totals: TotalQuerySet, before: Q, now: Q) -> TotalQuerySet:
    """Returns the totals of two periods, which have 1 or 0 as `is_before`."""
    is_before = Case(When(now, then=Value(0)), default=Value(1), output_field=IntegerField())
    marked: TotalQuerySet = totals.filter(before | now).annotate(is_before=is_before)
    return marked


def format_change(amount: int, before: int) -> str:
    """Formats how much larger an amount is than before in percent: +16.9%; `new` if there was nothing."""
    if not before:
        return "new" if amount else "—"
    change = round(Decimal(amount - before) * 100 / before, 1)
    return f"{change:+,.1f}%".replace("-", "−") if change else "0.0%"
