"""The figures on top of a usage page: the month so far, against the last one, and where it leads.

They are of all usage in the scope, whatever the filter below them lets through.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max

from usage.models import DailyTotal
from usage.models.totals import Summed
from usage.reports import formatting as shown
from usage.reports.periods import Period, last_month, midnight, month_of
from usage.reports.scope import Scope

DAY = dt.timedelta(days=1)
PACE_DAYS = 7
SECONDS = 86_400


@dataclass(frozen=True)
class Figure:
    """A number with its name and a line below; `exact` is said when hovering."""

    name: str
    value: str
    note: str = ""
    exact: str = ""


@dataclass(frozen=True)
class Month:
    """What was used from the beginning of a month to a moment of it."""

    cost: int
    requests: int


@dataclass(frozen=True)
class Figures:
    """The figures, and when the totals they are of last changed (None: nothing in these two months)."""

    shown: list[Figure]
    updated_at: dt.datetime | None


def figures(scope: Scope, now: dt.datetime) -> Figures:
    today = now.date()
    months = Period(last_month(today).start, today)
    totals = scope.days(months)
    days = {one.key[0]: one for one in totals.summed("day")}
    so_far = within(days, Period(month_of(today).start, today))
    before = month_before(scope, days, now)
    told = [
        cost_figure(so_far, before, today),
        requests_figure(so_far, before, today),
        elsewhere_figure(scope, today, so_far),
        forecast_figure(days, so_far, now),
    ]
    return Figures(told, totals.aggregate(at=Max("updated_at"))["at"])


def within(days: dict[dt.date, Summed], period: Period) -> Month:
    found = [one for day, one in days.items() if period.start <= day <= period.end]
    return Month(sum(one.cost for one in found), sum(one.requests for one in found))


def month_before(scope: Scope, days: dict[dt.date, Summed], now: dt.datetime) -> Month:
    """The last month up to the same day and hour; all of it when it has no such day."""
    month = last_month(now.date())
    if now.day > month.end.day:
        return within(days, month)
    same_day = month.start.replace(day=now.day)
    whole = within(days, Period(month.start, same_day - DAY))
    begun = midnight(same_day)
    (part,) = scope.hours(begun, begun + dt.timedelta(hours=now.hour)).summed()
    return Month(whole.cost + part.cost, whole.requests + part.requests)


def compared(amount: int, before: int, today: dt.date) -> str:
    """How much more than last month by this day and hour: ▲ 8.1 % on October."""
    month = f"{last_month(today).start:%B}"
    if not before:
        return f"none in {month} by now"
    change = Decimal(amount - before) * 100 / before
    if abs(change) < Decimal("0.05"):
        return f"as in {month} by now"
    return f"{'▲' if change > 0 else '▼'} {abs(change):,.1f} % on {month} by now"


def cost_figure(so_far: Month, before: Month, today: dt.date) -> Figure:
    note = compared(so_far.cost, before.cost, today)
    return Figure("Cost this month", shown.money(so_far.cost), note, shown.exact_money(so_far.cost))


def requests_figure(so_far: Month, before: Month, today: dt.date) -> Figure:
    note = compared(so_far.requests, before.requests, today)
    value = shown.short(Decimal(so_far.requests))
    return Figure("Requests this month", value, note, f"{so_far.requests:,}")


def elsewhere_figure(scope: Scope, today: dt.date, so_far: Month) -> Figure:
    """How much of what was meant for a project sits elsewhere; of an organization, in its Default Project."""
    month = Period(month_of(today).start, today)
    if scope.project is None:
        rows = scope.days(month).filter(project__is_default=True)
        (found,) = rows.summed()
        note = f"{shown.money(found.cost)} of the month's cost"
        return Figure("In the Default Project", shown.share(found.cost, so_far.cost), note)
    meant = DailyTotal.objects.filter(day__range=month, meant_project_id=scope.project.pk)
    (found,) = meant.elsewhere().summed()
    if scope.project.is_default:
        return default_figure(scope, month, so_far)
    here = so_far.cost
    note = f"{shown.money(found.cost)} meant for this project"
    return Figure("In other projects", shown.share(found.cost, here + found.cost), note)


def default_figure(scope: Scope, month: Period, so_far: Month) -> Figure:
    """Of the Default Project: how much of what it has was meant for another."""
    (found,) = scope.days(month).elsewhere().summed()
    note = f"{shown.money(found.cost)} of the month's cost"
    return Figure("Meant for other projects", shown.share(found.cost, so_far.cost), note)


def forecast_figure(days: dict[dt.date, Summed], so_far: Month, now: dt.datetime) -> Figure:
    """What the month will come to when it goes on as in the last seven whole days.

    With less history as in the whole days since the first one with usage; without any there is none.
    """
    today, end = now.date(), month_of(now.date()).end
    pace = [today - DAY * back for back in range(1, PACE_DAYS + 1)]
    first = min((day for day in days if day < today), default=None)
    counted = [day for day in pace if first is not None and day >= first]
    if not counted:
        return Figure("Forecast", "—", "after a whole day of usage")
    spent = sum(days[day].cost for day in counted if day in days)
    left = int((midnight(end + DAY) - now).total_seconds())
    forecast = so_far.cost + spent * left // (len(counted) * SECONDS)
    pace_of = f"the last {len(counted)} days’" if len(counted) > 1 else "the last day’s"
    note = f"by {end.day} {end:%b} at {pace_of} pace"
    return Figure("Forecast", shown.money(forecast), note)
