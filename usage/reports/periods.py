"""Periods of reports: inclusive UTC dates, the usual ones by name, and what has a bar in a chart."""

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from accounts.web.formatting import format_day
from usage.enums import Granularity

# By the hour there are at most so many days, by the day so many years.
LONGEST_BY_HOUR, LONGEST = 31, 3_660
# With more days than these a bar stands for a week, or for a month.
DAYS_WITH_BARS, DAYS_IN_WEEKS = 93, 549


class Period(NamedTuple):
    """From the first to the last day, both counted in."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """[from, to) as moments."""
        return midnight(self.start), midnight(self.end + dt.timedelta(days=1))

    @property
    def spoken(self) -> str:
        """As one would say it: 1 – 30 Nov 2026."""
        if self.start == self.end:
            return format_day(self.end)
        first = format_day(self.start)
        if self.start.year == self.end.year:
            same_month = self.start.month == self.end.month
            first = str(self.start.day) if same_month else f"{self.start.day} {self.start:%b}"
        return f"{first} – {format_day(self.end)}"


class Preset(NamedTuple):
    label: str
    period: Period


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def month_of(day: dt.date) -> Period:
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last))


def last_month(day: dt.date) -> Period:
    return month_of(day.replace(day=1) - dt.timedelta(days=1))


def presets(today: dt.date) -> list[Preset]:
    """The usual periods, today's month first."""
    return [
        Preset("This month", month_of(today)),
        Preset("Last month", last_month(today)),
        *(
            Preset(f"Last {days} days", Period(today - dt.timedelta(days=days - 1), today))
            for days in (7, 30, 90)
        ),
        Preset("Today", Period(today, today)),
    ]


class Step(NamedTuple):
    """What one bar stands for, from `start` on: what it is called, and the word below it ('' for none)."""

    start: dt.datetime
    label: str
    word: str


def step_name(period: Period, granularity: str) -> str:
    """What a bar of the chart stands for: hour, day, week or month."""
    if granularity == Granularity.HOUR:
        return "hour"
    if period.days <= DAYS_WITH_BARS:
        return "day"
    return "week" if period.days <= DAYS_IN_WEEKS else "month"


def steps(period: Period, granularity: str) -> list[Step]:
    """The bars of a chart, in order; the first and last week or month end with the period."""
    return list(
        {
            "hour": by_hour,
            "day": by_day,
            "week": by_week,
            "month": by_month,
        }[step_name(period, granularity)](period)
    )


def by_hour(period: Period) -> Iterator[Step]:
    start, end = period.moments
    hour = dt.timedelta(hours=1)
    while start < end:
        day = f"{start.day} {start:%b}"
        time = f"{start:%H:%M}"
        # Of some days each has one word, at its beginning.
        word = time if period.days == 1 else day if start.hour == 0 else ""
        yield Step(start, f"{day}, {time}", word)
        start += hour


def by_day(period: Period) -> Iterator[Step]:
    for number in range(period.days):
        day = period.start + dt.timedelta(days=number)
        label = f"{day.day} {day:%b}"
        yield Step(midnight(day), label, label)


def by_week(period: Period) -> Iterator[Step]:
    start = period.start
    while start <= period.end:
        end = min(period.end, start + dt.timedelta(days=6 - start.weekday()))
        yield Step(midnight(start), Period(start, end).spoken, f"{start.day} {start:%b}")
        start = end + dt.timedelta(days=1)


def by_month(period: Period) -> Iterator[Step]:
    start = period.start
    while start <= period.end:
        end = min(period.end, month_of(start).end)
        label = f"{start:%b %Y}"
        yield Step(midnight(start), label, label)
        start = end + dt.timedelta(days=1)
