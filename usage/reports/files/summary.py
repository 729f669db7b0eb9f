"""A report as a CSV file: what its page has, with a line for each period and line of the table, exact."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from accounts.web.csv_files import Number
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, format_decimal
from usage.enums import Dimension
from usage.periods import Period
from usage.reports.labels import Label, fetch_labels
from usage.reports.lines import ReportLine
from usage.reports.report import Report
from usage.reports.tags import TagDimension

# Longer periods are read in parts, so that memory stays flat.
DAYS_PER_PART, DAYS_PER_PART_BY_HOUR = 31, 2
GROUP_HEADINGS = {
    Dimension.PROJECT: ("project", "project slug"),
    Dimension.API_KEY: ("API key", "key id"),
    Dimension.COLLABORATOR: ("collaborator", "user id"),
}
HEADINGS = ("product", "line item", "model", "unit", "units", "cost (USD)", "requests")


class SummaryRow(NamedTuple):
    """A line of the table in one period, which is a day or, by the hour, the start of an hour."""

    period: dt.date
    line: ReportLine

    @property
    def formatted_period(self) -> str:
        if isinstance(self.period, dt.datetime):
            return f"{self.period:%Y-%m-%d %H:%M}"
        return self.period.isoformat()


def build_summary(report: Report) -> Iterator[list[object]]:
    """Yields the headings and the lines of the file as cells."""
    period = "hour (UTC)" if report.by_hour else "day (UTC)"
    yield [period, *list_group_headings(report), *HEADINGS]
    for part in split_period(report):
        rows = list(read_part(report, part))
        labels = fetch_group_labels(report, rows)
        for row in rows:
            yield [row.formatted_period, *build_cells(report, row.line, labels)]


def list_group_headings(report: Report) -> tuple[str, ...]:
    """Returns the headings of the columns with the group, beside those of products, line items and models."""
    if isinstance(report.group_by, TagDimension):
        return (report.group_by.value,)
    return GROUP_HEADINGS.get(report.group_by, ())


def read_summary(report: Report) -> Iterator[SummaryRow]:
    """Yields the lines of the file before they are formatted."""
    for part in split_period(report):
        yield from read_part(report, part)


def read_part(report: Report, part: Period) -> Iterator[SummaryRow]:
    totals = report.filter_counted_totals(part)
    for period, sums in totals.sum_by_period(report.period_column, report.line_key):
        lines = report.merge_lines(sums)
        for line in sorted(lines, key=lambda line: (line.group, line.item, line.model)):
            yield SummaryRow(period, line)


def split_period(report: Report) -> Iterator[Period]:
    """Yields the parts of the period that are read one after the other."""
    days = dt.timedelta(days=DAYS_PER_PART_BY_HOUR if report.by_hour else DAYS_PER_PART)
    day = dt.timedelta(days=1)
    start, end = report.period
    while start <= end:
        last = min(end, start + days - day)
        yield Period(start, last)
        start = last + day


def fetch_group_labels(report: Report, rows: Sequence[SummaryRow]) -> dict[int, Label]:
    """Returns the labels of the groups, if the file has columns for them."""
    if not list_group_headings(report):
        return {}
    groups = {row.line.group for row in rows}
    return fetch_labels(report.scope, report.group_by, groups)


def build_cells(report: Report, line: ReportLine, labels: dict[int, Label]) -> Iterator[object]:
    if labels and isinstance(report.group_by, TagDimension):
        yield labels[line.group].text if line.group else ""
    elif labels:
        yield labels[line.group].text
        yield labels[line.group].reference
    item = report.items[line.item]
    yield from (item.product.code, item.code, line.model_name, item.unit)
    yield Number(format_decimal(line.amounts.quantity, QUANTITY_DIGITS))
    yield Number(format_decimal(line.amounts.cost, COST_DIGITS))
    yield Number(line.amounts.requests)
