"""The month so far: its cost and requests compared with the last month, and the forecast.

They cover all usage in the scope, whatever a report filters.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from usage.amounts import Amounts
from usage.models.totals import TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.formatting import (
    format_exact_money,
    format_money,
    format_short,
)
from usage.reports.periods import (
    DAY,
    find_end_of_comparison,
    find_last_month,
    find_month,
    find_previous,
)
from usage.reports.scope import UsageScope

PACE_DAYS = 7
SECONDS = 86_400


@dataclass(frozen=True)
class Figure:
    """A number with its name and a note; `exact` is its tooltip."""

    name: str
    value: str
    note: str = ""
    exact: str = ""


@dataclass(frozen=True)
class Month:
    """The current month above a report, and when totals last changed (None without usage since the last).

    `days` are those with usage from `first_day`, which is the start of the last month, to today.
    """

    name: str
    period: Period
    figures: list[Figure]
    updated_at: dt.datetime | None
    days: "DayAmounts"
    first_day: dt.date
    last_day: dt.date


DayAmounts = dict[dt.date, Amounts]


def sum_days(totals: TotalQuerySet) -> DayAmounts:
    return {day: amounts for day, amounts, _ in totals.sum_days()}


def build_month(scope: UsageScope, now: dt.datetime) -> Month:
    today = now.date()
    month = find_month(today)
    first_day = find_last_month(today).start
    totals = scope.daily_totals(Period(first_day, today))
    rows = totals.sum_days()
    days = {day: amounts for day, amounts, _ in rows}
    so_far = sum_period(days, Period(month.start, today))
    cost, exact = format_money(so_far.cost), format_exact_money(so_far.cost)
    name = f"{month.start:%B}"
    figures = [
        Figure(f"{name} so far", cost, exact=exact),
        build_forecast_figure(days, so_far, now),
    ]
    updated_at = max((changed_at for _, _, changed_at in rows), default=None)
    return Month(name, month, figures, updated_at, days, first_day, today)


def sum_period(days: DayAmounts, period: Period) -> Amounts:
    total = Amounts()
    for day, amounts in days.items():
        if period.start <= day <= period.end:
            total = total.plus(amounts)
    return total


def sum_last_month(scope: UsageScope, days: DayAmounts, now: dt.datetime) -> Amounts:
    """Returns the last month up to the same day and hour, or all of it if it has no such day."""
    month = find_month(now.date())
    end = find_end_of_comparison(month, now)
    last_day = midnight(end.date())
    whole_days = sum_period(days, Period(find_previous(month).start, end.date() - DAY))
    return whole_days.plus(scope.hourly_totals(last_day, end).sum_all())


def compare_months(amount: int, before: int, today: dt.date) -> str:
    """Returns the change since the last month by this day and hour: ▲ 8.1% vs. this point in October."""
    month = f"{find_last_month(today).start:%B}"
    if not before:
        return f"nothing at this point in {month}"
    change = Decimal(amount - before) * 100 / before
    if abs(change) < Decimal("0.05"):
        return f"same as at this point in {month}"
    return f"{'▲' if change > 0 else '▼'} {abs(change):,.1f}% vs. this point in {month}"


def build_cost_figure(so_far: Amounts, before: Amounts, today: dt.date) -> Figure:
    note = compare_months(so_far.cost, before.cost, today)
    value, exact = format_money(so_far.cost), format_exact_money(so_far.cost)
    return Figure("Cost this month", value, note, exact)


def build_requests_figure(so_far: Amounts, before: Amounts, today: dt.date) -> Figure:
    note = compare_months(so_far.requests, before.requests, today)
    value = format_short(Decimal(so_far.requests))
    return Figure("Requests this month", value, note, f"{so_far.requests:,}")


def build_forecast_figure(days: DayAmounts, so_far: Amounts, now: dt.datetime) -> Figure:
    """Returns the cost of the month if it continues like the last seven whole days.

    With less history it continues like the whole days since the first usage; without any there is no
    forecast.
    """
    today, end = now.date(), find_month(now.date()).end
    name = f"Forecast by {end.day} {end:%b}"
    pace = [today - DAY * back for back in range(1, PACE_DAYS + 1)]
    first = min((day for day in days if day < today), default=None)
    counted = [day for day in pace if first is not None and day >= first]
    if not counted:
        return Figure(name, "—", "after a whole day of usage")
    spent = sum(days[day].cost for day in counted if day in days)
    left = int((midnight(end + DAY) - now).total_seconds())
    forecast = so_far.cost + spent * left // (len(counted) * SECONDS)
    pace_days = f"the last {len(counted)} days’" if len(counted) > 1 else "the last day’s"
    return Figure(name, format_money(forecast), f"at {pace_days} pace")
