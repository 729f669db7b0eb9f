"""Usage on the overviews: the month compared with the last one, and the cost of the last thirty days."""

import datetime as dt
from dataclasses import dataclass

from usage.periods import Period
from usage.reports.charts import BarArea, ChartBar, PlacedBar, lay_out_bars
from usage.reports.figures.month import (
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
AREA = BarArea(top=0, floor=48, gap=0.14)


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart without axis and labels."""

    title: str
    floor: int
    bars: list[PlacedBar]


@dataclass(frozen=True, slots=True)
class Overview:
    """`cost` is that of all bars together."""

    figures: list[Figure]
    spark: Spark
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
    costs = {day: days[day].cost if day in days else 0 for day in recent.each_day()}
    total = sum(costs.values())
    return Overview(
        figures=[
            build_cost_figure(so_far, before, today),
            build_requests_figure(so_far, before, today),
        ],
        spark=build_spark(costs),
        cost=format_money(total),
        exact_cost=format_exact_money(total),
        has_recent=any(day in days for day in recent.each_day()),
    )


def build_spark(costs: dict[dt.date, int]) -> Spark:
    bars = [
        ChartBar(label="", title=f"{day.day} {day:%b}: {format_money(cost)}", parts={0: cost})
        for day, cost in costs.items()
    ]
    title = f"Cost of each of the last {DAYS} days"
    return Spark(title, AREA.floor, lay_out_bars(bars, AREA, max(costs.values())))
