"""A report compared with the period before: the month before a whole month, else as many days before."""

import datetime as dt
from decimal import Decimal

from usage.amounts import Amounts
from usage.models.totals import TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.periods import find_last_month, find_month
from usage.reports.report import Report

DAY = dt.timedelta(days=1)


def find_previous(period: Period) -> Period:
    """Returns the period before."""
    if period == find_month(period.start):
        return find_last_month(period.start)
    return Period(period.start - DAY * period.days, period.start - DAY)


def find_end_of_comparison(period: Period, now: dt.datetime) -> dt.datetime:
    """Returns the moment up to which the period before counts.

    While `period` lasts, as much of the period before counts as has passed of `period`, in whole hours.
    """
    start, end = find_previous(period).moments
    first, last = period.moments
    if not first <= now < last:
        return end
    passed = now.replace(minute=0, second=0, microsecond=0) - first
    return min(end, start + passed)


def sum_previous(report: Report, now: dt.datetime) -> Amounts:
    """Returns what the report would have counted in the period before."""
    start = find_previous(report.period).start
    end = find_end_of_comparison(report.period, now)
    total = Amounts()
    if start < end.date():
        days = report.scope.daily_totals(Period(start, end.date() - DAY))
        total = total.plus(count(report, days))
    if end > midnight(end.date()):
        total = total.plus(count(report, report.scope.hourly_totals(midnight(end.date()), end)))
    return total


def count(report: Report, totals: TotalQuerySet) -> Amounts:
    return report.narrow_to_unit(report.narrow_to_filter(totals)).sum_all()


def format_change(amount: int, before: int) -> str:
    """Formats how much larger an amount is than before in percent: +16.9%; `new` if there was nothing."""
    if not before:
        return "new" if amount else "—"
    change = Decimal(amount - before) * 100 / before
    return f"{change:+,.1f}%".replace("-", "−")
