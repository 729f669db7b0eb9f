"""Usage as the overviews show it: the month against the last one, and the cost of the last thirty days."""

import datetime as dt
from dataclasses import dataclass

from usage.reports import formatting as shown
from usage.reports.figures import Figure, cost_figure, month_before, requests_figure, within
from usage.reports.periods import Period, last_month, month_of
from usage.reports.scope import Scope

DAYS = 30
HEIGHT = 48  # of the picture, in pixels


@dataclass(frozen=True)
class Bar:
    """A day; `height` in pixels, `x` and `width` in percent of the picture."""

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
    bars: list[Bar]
    cost: str
    exact_cost: str
    has_recent: bool


def overview(scope: Scope, now: dt.datetime) -> Overview:
    """Two queries, whatever there is."""
    today = now.date()
    recent = Period(today - dt.timedelta(days=DAYS - 1), today)
    read = Period(min(last_month(today).start, recent.start), today)
    days = {one.key[0]: one for one in scope.days(read).summed("day")}
    so_far = within(days, Period(month_of(today).start, today))
    before = month_before(scope, days, now)
    costs = [within(days, Period(day, day)).cost for day in each_day(recent)]
    return Overview(
        [cost_figure(so_far, before, today), requests_figure(so_far, before, today)],
        bars(recent, costs),
        shown.money(sum(costs)),
        shown.exact_money(sum(costs)),
        any(day in days for day in each_day(recent)),
    )


def each_day(period: Period) -> list[dt.date]:
    return [period.start + dt.timedelta(days=number) for number in range(period.days)]


def bars(period: Period, costs: list[int]) -> list[Bar]:
    """A day that cost something is at least a pixel high."""
    top, slot = max(costs), 100 / period.days
    return [
        Bar(
            title=f"{day.day} {day:%b}: {shown.money(cost)}",
            x=f"{number * slot:.2f}%",
            width=f"{slot * 0.72:.2f}%",
            height=max(1, cost * HEIGHT // top) if cost > 0 else 0,
        )
        for number, (day, cost) in enumerate(zip(each_day(period), costs, strict=True))
    ]
