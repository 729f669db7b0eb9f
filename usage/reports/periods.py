"""The usual periods of reports, and how a period is divided into the bars of a chart."""

import calendar
import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from usage.enums import Step
from usage.periods import Period, midnight

DAY = dt.timedelta(days=1)
MAX_DAYS = 3_660
# How many days a report can show by step: with more, the bars would be too thin.
MOST_DAYS = {Step.HOUR: 31, Step.DAY: 366, Step.WEEK: MAX_DAYS, Step.MONTH: MAX_DAYS}
# Up to how many days a report has that step unless another one is chosen.
USUAL_DAYS = {Step.HOUR: 3, Step.DAY: 92, Step.WEEK: 366, Step.MONTH: MAX_DAYS}


class Preset(NamedTuple):
    label: str
    period: Period


def find_month(day: dt.date) -> Period:
    """Returns the month of a day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last))


def find_last_month(day: dt.date) -> Period:
    """Returns the month before the month of a day."""
    return find_month(day.replace(day=1) - DAY)


def find_previous(period: Period) -> Period:
    """Returns the month before a whole month, else the same number of days before."""
    if period == find_month(period.start):
        return find_last_month(period.start)
    return Period(period.start - DAY * period.days, period.start - DAY)


def find_end_of_comparison(period: Period, now: dt.datetime) -> dt.datetime:
    """Returns the moment up to which the period before is compared with `period`.

    While `period` lasts, it is as far into the period before as `now` is into `period`, in whole hours.
    """
    start, end = find_previous(period).moments
    first, last = period.moments
    if not first <= now < last:
        return end
    passed = now.replace(minute=0, second=0, microsecond=0) - first
    return min(end, start + passed)


def list_presets(today: dt.date) -> list[Preset]:
    return [
        Preset("This month", find_month(today)),
        Preset("Last month", find_last_month(today)),
        *(
            Preset(f"Last {days} days", Period(today - dt.timedelta(days=days - 1), today))
            for days in (7, 30, 90)
        ),
        Preset("Yesterday", Period(today - DAY, today - DAY)),
        Preset("Today", Period(today, today)),
    ]


class ChartStep(NamedTuple):
    """A bar of a chart: its first moment, its name, and the label below it ('' for none)."""

    start: dt.datetime
    name: str
    label: str


def choose_step(period: Period) -> Step:
    """Returns the shortest step with which the chart of a period can be read at a glance."""
    return next((step for step in Step if period.days <= USUAL_DAYS[step]), Step.MONTH)


def is_possible(step: Step, period: Period) -> bool:
    return period.days <= MOST_DAYS[step]


def list_steps(period: Period, step: Step) -> list[ChartStep]:
    """Returns the bars of a chart in order. The first and last week or month end with the period."""
    split = {
        Step.HOUR: split_hours,
        Step.DAY: split_days,
        Step.WEEK: split_weeks,
        Step.MONTH: split_months,
    }
    return list(split[step](period))


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
        start = end + DAY


def split_months(period: Period) -> Iterator[ChartStep]:
    start = period.start
    while start <= period.end:
        end = min(period.end, find_month(start).end)
        name = f"{start:%b %Y}"
        yield ChartStep(midnight(start), name, name)
        start = end + DAY
