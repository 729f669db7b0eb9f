"""The usual periods of reports, and how a period is divided into the bars of a chart."""

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from usage.enums import Granularity
from usage.periods import Period, midnight

MAX_DAYS_BY_HOUR, MAX_DAYS = 31, 3_660
# Up to so many days a bar is a day, then a week, then a month.
MAX_DAY_BARS, MAX_DAYS_IN_WEEKS = 93, 549


class Preset(NamedTuple):
    label: str
    period: Period


def find_month(day: dt.date) -> Period:
    """Returns the month of a day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last))


def find_last_month(day: dt.date) -> Period:
    """Returns the month before the month of a day."""
    return find_month(day.replace(day=1) - dt.timedelta(days=1))


def list_presets(today: dt.date) -> list[Preset]:
    return [
        Preset("This month", find_month(today)),
        Preset("Last month", find_last_month(today)),
        *(
            Preset(f"Last {days} days", Period(today - dt.timedelta(days=days - 1), today))
            for days in (7, 30, 90)
        ),
        Preset("Today", Period(today, today)),
    ]


class ChartStep(NamedTuple):
    """What a bar stands for: its first moment, its name, and the label below it ('' for none)."""

    start: dt.datetime
    name: str
    label: str


def choose_step(period: Period, granularity: str) -> str:
    """Returns what a bar of the chart stands for: hour, day, week or month."""
    if granularity == Granularity.HOUR:
        return "hour"
    if period.days <= MAX_DAY_BARS:
        return "day"
    return "week" if period.days <= MAX_DAYS_IN_WEEKS else "month"


def list_steps(period: Period, granularity: str) -> list[ChartStep]:
    """Returns the bars of a chart in order. The first and last week or month end with the period."""
    split = {"hour": split_hours, "day": split_days, "week": split_weeks, "month": split_months}
    return list(split[choose_step(period, granularity)](period))


def split_hours(period: Period) -> Iterator[ChartStep]:
    start, end = period.moments
    hour = dt.timedelta(hours=1)
    while start < end:
        day = f"{start.day} {start:%b}"
        time = f"{start:%H:%M}"
        # With several days only the first hour of each has a label.
        label = time if period.days == 1 else day if start.hour == 0 else ""
        yield ChartStep(start, f"{day}, {time}", label)
        start += hour


def split_days(period: Period) -> Iterator[ChartStep]:
    for day in period.each_day():
        name = f"{day.day} {day:%b}"
        yield ChartStep(midnight(day), name, name)


def split_weeks(period: Period) -> Iterator[ChartStep]:
    start = period.start
    while start <= period.end:
        end = min(period.end, start + dt.timedelta(days=6 - start.weekday()))
        yield ChartStep(midnight(start), Period(start, end).label, f"{start.day} {start:%b}")
        start = end + dt.timedelta(days=1)


def split_months(period: Period) -> Iterator[ChartStep]:
    start = period.start
    while start <= period.end:
        end = min(period.end, find_month(start).end)
        name = f"{start:%b %Y}"
        yield ChartStep(midnight(start), name, name)
        start = end + dt.timedelta(days=1)
