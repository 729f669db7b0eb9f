"""Usage on the overviews: the month compared with the last one, and the cost of the last thirty days."""

import datetime as dt
from dataclasses import dataclass

from usage.periods import Period
from usage.reports.figures import (
    Figure,
    build_cost_figure,
    build_requests_figure,
    sum_days,
    sum_last_month,
    sum_period,
)
from usage.reports.formatting import format_exact_money, format_money
from usage.reports.periods import find_last_month, find_month
from usage.reports.scope import UsageScope

DAYS = 30
HEIGHT = 48  # pixels


@dataclass(frozen=True)
class SparkBar:
    """A day; `height` is in pixels, `x` and `width` are in percent of the picture."""

    title: str
    x: str
    width: str
    height: int

    @property
    def y(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Overview:
    """`cost` is that of all bars together."""

    figures: list[Figure]
    bars: list[SparkBar]
    cost: str
    exact_cost: str
    has_recent: bool


def build_overview(scope: UsageScope, now: dt.datetime) -> Overview:
    """Reads two queries, however much usage there is."""
    today = now.date()
    recent = Period(today - dt.timedelta(days=DAYS - 1), today)
    start = min(find_last_month(today).start, recent.start)
    days = sum_days(scope.daily_totals(Period(start, today)))
    so_far = sum_period(days, Period(find_month(today).start, today))
    before = sum_last_month(scope, days, now)
    costs = [days[day].cost if day in days else 0 for day in recent.each_day()]
    return Overview(
        figures=[
            build_cost_figure(so_far, before, today),
            build_requests_figure(so_far, before, today),
        ],
        bars=build_bars(recent, costs),
        cost=format_money(sum(costs)),
        exact_cost=format_exact_money(sum(costs)),
        has_recent=any(day in days for day in recent.each_day()),
    )


def build_bars(period: Period, costs: list[int]) -> list[SparkBar]:
    """Returns a bar for each day, at least a pixel high if it has a cost."""
    top, slot = max(costs), 100 / period.days
    return [
        SparkBar(
            title=f"{day.day} {day:%b}: {format_money(cost)}",
            x=f"{number * slot:.2f}%",
            width=f"{slot * 0.72:.2f}%",
            height=max(1, cost * HEIGHT // top) if cost > 0 else 0,
        )
        for number, (day, cost) in enumerate(zip(period.each_day(), costs, strict=True))
    ]
