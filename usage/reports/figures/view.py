"""The figures of a report: its total, the change since the period before, requests, and the average a day."""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from accounts.web.formatting import format_count
from usage.amounts import Amounts
from usage.enums import Measure, Step
from usage.reports.figures.comparison import format_change
from usage.reports.figures.month import Figure
from usage.reports.formatting import (
    format_amount,
    format_exact_amount,
    format_money,
    format_short,
    name_measure,
)
from usage.reports.report import Report


def build_view_figures(
    report: Report, bars: Sequence[dict[int, int]], today: dt.date
) -> list[Figure]:
    """Returns the figures; `bars` are those of the chart."""
    before = Amounts()
    for amounts in report.amounts_before.values():
        before = before.plus(amounts)
    return [
        build_total_figure(report),
        build_change_figure(report, before),
        build_requests_figure(report, before),
        build_average_figure(report, bars, today),
    ]


def build_total_figure(report: Report) -> Figure:
    groups = format_count(len(report.groups), report.group_by.noun)
    note = f"{report.period.label}, {groups}"
    return Figure(
        name_measure(report.measure, report.counted_unit),
        format_amount(report.measure, report.total),
        note,
        format_exact_amount(report.measure, report.total),
    )


def build_change_figure(report: Report, before: Amounts) -> Figure:
    amount = report.measure_amount(before)
    difference = format_amount(report.measure, abs(report.total - amount))
    sign = "+" if report.total >= amount else "−"
    note = f"{sign}{difference} on {format_amount(report.measure, amount)}"
    return Figure("Change", format_change(report.total, amount), note)


def build_requests_figure(report: Report, before: Amounts) -> Figure:
    requests = report.requests
    notes = [f"{format_change(requests, before.requests)}"]
    if requests and report.measure == Measure.COST:
        per_thousand = (Decimal(report.total) * 1000 / requests).quantize(1, ROUND_HALF_EVEN)
        notes.append(f"{format_money(int(per_thousand))} per 1,000")
    return Figure("Requests", format_short(Decimal(requests)), ", ".join(notes), f"{requests:,}")


def build_average_figure(report: Report, bars: Sequence[dict[int, int]], today: dt.date) -> Figure:
    """Returns the average over the days until today, and the largest bar of the chart."""
    passed = report.period._replace(end=min(report.period.end, max(today, report.period.start)))
    average = int((Decimal(report.total) / passed.days).quantize(1, ROUND_HALF_EVEN))
    amounts = [sum(bar.values()) for bar in bars]
    largest = max(amounts, default=0)
    note = ""
    if largest:
        step = report.steps[amounts.index(largest)]
        word = "in" if report.step in (Step.WEEK, Step.MONTH) else "on"
        note = f"Most {word} {step.name}, {format_amount(report.measure, largest)}"
    return Figure("Average a day", format_amount(report.measure, average), note)
