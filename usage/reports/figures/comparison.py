"""Compares a report with the period before."""

import datetime as dt
from decimal import Decimal

from usage.amounts import Amounts
from usage.models.totals import TotalQuerySet
from usage.periods import Period, midnight
from usage.reports.periods import DAY, find_end_of_comparison, find_previous
from usage.reports.report import Report


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
