"""Periods of UTC days: of reports, and of budgets."""

import datetime as dt
from typing import NamedTuple

from accounts.web.formatting import format_day
from usage.enums import BudgetPeriod


class Period(NamedTuple):
    """UTC days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The first moment of the period and the first moment after it."""
        return midnight(self.start), midnight(self.end + dt.timedelta(days=1))

    @property
    def label(self) -> str:
        """The period as people write it: 1 – 30 Nov 2026."""
        if self.start == self.end:
            return format_day(self.end)
        first = format_day(self.start)
        if self.start.year == self.end.year:
            same_month = self.start.month == self.end.month
            first = str(self.start.day) if same_month else f"{self.start.day} {self.start:%b}"
        return f"{first} – {format_day(self.end)}"

    def each_day(self) -> list[dt.date]:
        return [self.start + dt.timedelta(days=number) for number in range(self.days)]


def midnight(day: dt.date) -> dt.datetime:
    """Returns the first moment of a UTC day."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


class BudgetDays(NamedTuple):
    """A period of a budget: both days are included, and a total has no last one."""

    first_day: dt.date
    last_day: dt.date | None

    @property
    def starts_at(self) -> dt.datetime:
        return midnight(self.first_day)

    @property
    def ends_at(self) -> dt.datetime | None:
        """The first moment after the period; None if it never ends."""
        return midnight(self.last_day + dt.timedelta(days=1)) if self.last_day else None

    @property
    def label(self) -> str:
        """The period as people write it: `1 – 30 Nov 2026`, or `since 1 Nov 2026`."""
        if self.last_day is None:
            return f"since {format_day(self.first_day)}"
        return Period(self.first_day, self.last_day).label


def find_budget_period(period: str, starts_on: dt.date, day: dt.date) -> BudgetDays:
    """Returns the period that `day` belongs to, for a budget that starts on `starts_on`.

    The first one is shorter if the budget does not start with a calendar period. Raises ValueError if the
    budget starts after `day`.
    """
    if day < starts_on:
        raise ValueError(f"the budget starts on {starts_on}, after {day}")
    if period == BudgetPeriod.TOTAL:
        return BudgetDays(starts_on, None)
    first, last = find_calendar_period(period, day)
    return BudgetDays(max(first, starts_on), last)


def find_calendar_period(period: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """Returns the first and last day of the day, the week from Monday or the month that `day` is in."""
    if period == BudgetPeriod.DAY:
        return day, day
    if period == BudgetPeriod.WEEK:
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + dt.timedelta(days=6)
    first = day.replace(day=1)
    next_month = (first + dt.timedelta(days=31)).replace(day=1)
    return first, next_month - dt.timedelta(days=1)
