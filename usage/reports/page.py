"""The context of a report's page: the month, controls, figures, chart and table."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.http import QueryDict

from accounts.web.formatting import format_moment
from accounts.web.pagination import PAGE_SIZE, page_number
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS
from usage.enums import Dimension, Measure
from usage.reports.billed_elsewhere import build_section
from usage.reports.charts import Chart, ChartBar, build_chart
from usage.reports.figures.comparison import format_change
from usage.reports.figures.month import Month, build_month, sum_period
from usage.reports.figures.sparks import draw_spark
from usage.reports.figures.view import build_view_figures
from usage.reports.filtering.controls import build_controls
from usage.reports.filtering.drilling import GroupLinks, build_breadcrumbs
from usage.reports.filtering.filters import (
    PAGE_PARAMETER,
    FilterLink,
    ReportUrl,
    build_chips,
    name_all_choices,
)
from usage.reports.formatting import (
    format_amount,
    format_exact_amount,
    format_share,
    format_unit,
    name_measure,
)
from usage.reports.forms import ReportForm
from usage.reports.labels import Label, fetch_labels, label_model
from usage.reports.lines import COLORS
from usage.reports.periods import ChartStep
from usage.reports.report import Report
from usage.reports.scope import UsageScope
from usage.reports.table import build_change, build_columns, build_rows, sum_before

OTHER = "Other"


class LegendEntry(NamedTuple):
    series: int
    color: int
    name: str
    amount: str


def build_page(
    scope: UsageScope, form: ReportForm, query: QueryDict, now: dt.datetime
) -> dict[str, Any]:
    """Returns the context of the page. A form with errors has no report."""
    month = build_month(scope, now)
    context: dict[str, Any] = {
        **build_controls(form, query, now.date()),
        "month": month,
        "fresh": describe_freshness(month.updated_at, now),
        "products": scope.items.products.values(),
    }
    if not form.is_valid():
        return {**context, "chips": []}
    report = form.build_report(now)
    return {
        **context,
        **build_report_context(report, form, query, now.date()),
        "elsewhere": build_section(scope, report.period, sum_whole(report, month)),
    }


def describe_freshness(updated_at: dt.datetime | None, now: dt.datetime) -> str:
    if updated_at is None:
        return "Nothing has been recorded since the start of last month."
    seconds = int((now - updated_at).total_seconds())
    if 0 <= seconds < 60:
        return f"Updated {seconds} second{'' if seconds == 1 else 's'} ago."
    return f"Updated {format_moment(updated_at, now)}."


def build_report_context(
    report: Report, form: ReportForm, query: QueryDict, today: dt.date
) -> dict[str, Any]:
    """Returns the context of what depends on the report."""
    url = ReportUrl(query)
    labels = fetch_group_labels(report)
    names = name_all_choices(form, labels)
    links = GroupLinks.of(form, url, report.group_by, report.step)
    pages = max(1, -(-len(report.lines) // PAGE_SIZE))
    number = page_number(query.get(PAGE_PARAMETER, ""), pages)
    bars = report.sum_bars()
    return {
        "report": report,
        "figures": build_view_figures(report, bars, today),
        "caption": build_caption(report),
        "chart": build_report_chart(report, bars, labels, url),
        "legend": build_legend(report, labels),
        "compared_with": name_comparison(report),
        "columns": build_columns(report),
        "rows": build_rows(report, labels, links, number),
        "total": format_amount(report.measure, report.total),
        "total_spark": draw_spark([sum(bar.values()) for bar in bars]),
        "total_change": build_change(report, report.total, sum_before(report)),
        "total_exact": format_exact_amount(report.measure, report.total),
        "page": build_pagination(url, number, pages),
        "chips": build_chips(form, names, url),
        "breadcrumbs": build_breadcrumbs(form, names, url),
        "units": [
            FilterLink(format_unit(unit), url.build(unit=unit), unit == report.counted_unit)
            for unit in report.units
        ],
        "csv_url": url.build(format="csv"),
        "records_url": url.build(format="records"),
    }


def sum_whole(report: Report, month: Month) -> int | None:
    """Returns the cost of everything in the period without any filter, None if it has not been read."""
    if report.filter.is_empty:
        return sum(line.amounts.cost for line in report.all_lines)
    start, end = report.period
    if month.first_day <= start and end <= month.last_day:
        return sum_period(month.days, report.period).cost
    return None


def fetch_group_labels(report: Report) -> dict[int, Label]:
    if report.group_by == Dimension.MODEL:  # the lines have the names
        lines = report.all_lines
        return {line.group: label_model(line.model_name) for line in lines}
    return fetch_labels(report.scope, report.group_by, [group.key for group in report.groups])


def build_caption(report: Report) -> str:
    """Returns what the chart shows in a sentence."""
    what = name_measure(report.measure, report.counted_unit)
    return f"{what} by {report.step} and {report.group_by.noun}, {report.period.label}, UTC"


def build_report_chart(
    report: Report, amounts: list[dict[int, int]], labels: dict[int, Label], url: ReportUrl
) -> Chart:
    """Returns the chart.

    The tooltip of a bar has its total and its parts, the largest first. The bar is a link to a report of
    its days.
    """
    names = {
        group.series: labels[group.key].text for group in report.groups if group.series < COLORS
    }
    colors = {group.series: group.color for group in report.groups}
    starts = [step.start for step in report.steps]
    ends = [*starts[1:], report.period.moments[1]]
    bars = []
    compared = describe_bars_before(report, ends)
    for position, (step, end, parts) in enumerate(zip(report.steps, ends, amounts, strict=True)):
        largest_first = dict(sorted(parts.items(), key=lambda part: -part[1]))
        before, line = compared[position]
        title = build_tooltip(report, step, largest_first, names) + line
        bar_url = build_bar_url(report, url, step.start, end)
        bars.append(ChartBar(step.label, title, largest_first, colors, bar_url, before))
    digits = COST_DIGITS - 2 if report.measure == Measure.COST else QUANTITY_DIGITS
    total = format_amount(report.measure, report.total)
    title = f"{build_caption(report)}: {total} in total"
    return build_chart(bars, title=title, base=10**digits, format_amount=axis_formatter(report))


def describe_bars_before(
    report: Report, ends: Sequence[dt.datetime]
) -> list[tuple[int | None, str]]:
    """Returns what each bar is compared with, and the line about it in its tooltip."""
    bars, before = report.bar_sums
    if not report.comparison or not any(before):
        return [(None, "")] * len(bars)
    described: list[tuple[int | None, str]] = []
    for step, end, bar, amount in zip(report.steps, ends, bars, before, strict=True):
        name = report.comparison.name_bar(step.start, end)
        change = format_change(sum(bar.values()), amount)
        line = f"\n{name}: {format_amount(report.measure, amount)} ({change})"
        described.append((amount, line) if name else (None, ""))
    return described


def name_comparison(report: Report) -> str:
    """Returns the name of the period before for the legend, '' if nothing of it is drawn."""
    return report.comparison.label if report.comparison and any(report.bar_sums[1]) else ""


def build_bar_url(report: Report, url: ReportUrl, start: dt.datetime, end: dt.datetime) -> str:
    """Returns the URL of a report of the bar's days; '' for an hour or if the bar is the whole report."""
    if report.by_hour or len(report.steps) == 1:
        return ""
    last = end.date() - dt.timedelta(days=1)
    return url.build(start=f"{start.date()}", end=f"{last}", granularity="")


def axis_formatter(report: Report) -> Callable[[int], str]:
    """Returns a function that formats amounts on the axis: whole dollars without cents."""
    return lambda amount: format_amount(report.measure, amount).removesuffix(".00")


def build_tooltip(
    report: Report, step: ChartStep, parts: dict[int, int], names: dict[int, str]
) -> str:
    """Returns the name of the step with its total, and a line for each of the parts."""
    total = sum(parts.values())
    lines = [
        f"{names.get(series, OTHER)}: {format_amount(report.measure, amount)}"
        f" ({format_share(amount, total)})"
        for series, amount in parts.items()
    ]
    return "\n".join([f"{step.name}: {format_amount(report.measure, total)}", *lines])


def build_legend(report: Report, labels: dict[int, Label]) -> list[LegendEntry]:
    entries = [
        LegendEntry(
            series=group.series,
            color=group.color,
            name=labels[group.key].text,
            amount=format_amount(report.measure, group.amount),
        )
        for group in report.groups
        if group.series < COLORS
    ]
    others = [group.amount for group in report.groups if group.series == COLORS]
    if others:
        name, amount = f"{OTHER} ({len(others)})", format_amount(report.measure, sum(others))
        entries.append(LegendEntry(series=COLORS, color=COLORS, name=name, amount=amount))
    return entries


def build_pagination(url: ReportUrl, number: int, pages: int) -> dict[str, str]:
    def link(page: int) -> str:
        return url.build(page=str(page))

    return {
        "label": f"Page {number} of {pages}",
        "first_url": link(1) if number > 1 else "",
        "previous_url": link(number - 1) if number > 1 else "",
        "next_url": link(number + 1) if number < pages else "",
        "last_url": link(pages) if number < pages else "",
    }
