"""A report as a file: what its page shows, a line for each bar and line of the table, exact."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from accounts.web.csv_files import Number
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, text_of
from usage.enums import Dimension
from usage.reports.labels import Name, model_names, names_of
from usage.reports.periods import Period
from usage.reports.report import CELL, COLUMNS, Line, Report

# So much is read at once; longer periods are read in parts, so that memory stays flat.
DAYS_AT_ONCE, DAYS_AT_ONCE_BY_HOUR = 31, 2
GROUP_HEADINGS = {
    Dimension.PROJECT: ("project", "project slug"),
    Dimension.API_KEY: ("API key", "key id"),
    Dimension.COLLABORATOR: ("collaborator", "user id"),
}
HEADINGS = ("product", "line item", "model", "unit", "units", "cost (USD)", "requests")


def exported(report: Report) -> Iterator[list[object]]:
    """The lines of the file, with their headings."""
    step = "hour (UTC)" if report.by_hour else "day (UTC)"
    yield [step, *GROUP_HEADINGS.get(report.group_by, ()), *HEADINGS]
    spoken: Callable[[Any], str] = spoken_hour if report.by_hour else dt.date.isoformat
    for part in parts(report):
        sums = report.counted(part).summed(
            report.period_column, *COLUMNS.get(report.group_by, ()), *CELL
        )
        names = names_of_lines(report, list(report.merged(sums, 1)))
        models = model_names({one.key[-1] for one in sums})
        for moment, of_moment in groupby(sums, key=lambda one: one.key[0]):
            lines = sorted(report.merged(of_moment, 1), key=lambda one: one[:3])
            for line in lines:
                yield [spoken(moment), *cells(report, line, names, models[line.model])]


def parts(report: Report) -> Iterator[Period]:
    """The period in parts that are read one after the other."""
    at_once = dt.timedelta(days=DAYS_AT_ONCE_BY_HOUR if report.by_hour else DAYS_AT_ONCE)
    day = dt.timedelta(days=1)
    start, end = report.period
    while start <= end:
        last = min(end, start + at_once - day)
        yield Period(start, last)
        start = last + day


def spoken_hour(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def names_of_lines(report: Report, lines: list[Line]) -> dict[int, Name]:
    if report.group_by not in GROUP_HEADINGS:
        return {}
    groups = {line.group for line in lines}
    return names_of(report.scope, report.items, report.group_by, groups)


def cells(report: Report, line: Line, names: dict[int, Name], model: str) -> Iterator[object]:
    if names:
        yield names[line.group].label
        yield names[line.group].reference
    item = report.items[line.item]
    yield from (item.product.code, item.code, model, item.unit)
    yield Number(text_of(line.quantity, QUANTITY_DIGITS))
    yield Number(text_of(line.cost, COST_DIGITS))
    yield Number(line.requests)
