"""The rows of a report's table: everything that they show, ready for the template."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.web.columns import Column
from accounts.web.pagination import PAGE_SIZE
from usage.amounts import Amounts
from usage.enums import Dimension
from usage.reports.figures.comparison import format_change
from usage.reports.figures.sparks import draw_spark
from usage.reports.filtering.drilling import GroupLinks
from usage.reports.formatting import (
    format_amount,
    format_exact_money,
    format_exact_units,
    format_money,
    format_share,
    format_unit,
    format_units,
)
from usage.reports.labels import Label
from usage.reports.lines import COLORS, ReportGroup, ReportLine
from usage.reports.report import Report


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A name beside its color in the chart, with the URL of a report of it alone."""

    color: int
    text: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class RowChange:
    """How much more it is than in the period before: in percent (or `new`), and the difference."""

    percent: str
    difference: str = ""


@dataclass(frozen=True, slots=True)
class GroupTotal:
    """The total of a group above its lines; '' for both units if the units of its lines differ.

    `spark` is the path of its bars, '' for a group without bars of its own.
    """

    name: SeriesName
    units: str
    unit: str
    cost: str
    exact_cost: str
    share: str
    change: RowChange
    spark: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of the table. `name` is None below a `total`, which is with the first row of its group."""

    total: GroupTotal | None
    name: SeriesName | None
    product: str
    model: str
    item: str
    units: str
    exact_units: str
    unit: str
    cost: str
    exact_cost: str
    share: str
    change: RowChange


def build_columns(report: Report) -> dict[str, Column]:
    """Returns the columns of the table by name."""
    label = str(report.group_by.label)
    if report.group_by == Dimension.LINE_ITEM:
        label = Dimension.PRODUCT.label
    return {
        "name": Column(label, "name"),
        "item": Column("Line item", "item"),
        "units": Column("Units", "number"),
        "cost": Column("Cost", "number"),
        "share": Column("Share", "number"),
        "change": Column("Change", "number"),
    }


def build_rows(
    report: Report, labels: Mapping[int, Label], links: GroupLinks, page: int
) -> list[TableRow]:
    """Returns the rows on a page of the table."""
    lines = [(group, line) for group in report.groups for line in group.lines]
    on_page = lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    # Products and line items need no total above their lines.
    has_totals = report.group_by not in (Dimension.PRODUCT, Dimension.LINE_ITEM)
    rows = []
    previous = None
    for group, line in on_page:
        label, product = labels[group.key], report.items[line.item].product
        total = None
        if has_totals and group is not previous:
            total = build_total(report, group, label, links.build(label))
        name = None
        if not has_totals:
            url = links.build(label, product.code)
            name = SeriesName(group.color, product.name, label.note, url)
        rows.append(build_row(report, line, total, name))
        previous = group
    return rows


def build_row(
    report: Report,
    line: ReportLine,
    total: GroupTotal | None,
    name: SeriesName | None,
) -> TableRow:
    item, amounts = report.items[line.item], line.amounts
    # A report by model has it above these lines.
    own_model = "" if report.group_by == Dimension.MODEL else line.model_name
    return TableRow(
        total=total,
        name=name,
        product=item.product.name,
        model=line.model_name,
        item=f"{own_model} · {item.name}" if own_model else item.name,
        units=format_units(amounts.quantity),
        exact_units=format_exact_units(amounts.quantity),
        unit=format_unit(item.unit, amounts.quantity),
        cost=format_money(amounts.cost),
        exact_cost=format_exact_money(amounts.cost),
        share=format_share(report.measure_amount(amounts), report.total),
        change=build_change(
            report,
            report.measure_amount(amounts),
            report.measure_amount(report.amounts_before.get(line.place, Amounts())),
        ),
    )


def build_total(report: Report, group: ReportGroup, label: Label, url: str) -> GroupTotal:
    units, unit = sum_units(report, group)
    cost = sum(line.amounts.cost for line in group.lines)
    return GroupTotal(
        name=SeriesName(group.color, label.text, label.note, url),
        units=units,
        unit=unit,
        cost=format_money(cost),
        exact_cost=format_exact_money(cost),
        share=format_share(group.amount, report.total),
        change=build_change(report, group.amount, sum_before(report, group.key)),
        spark=draw_spark(list_bars(report, group)),
    )


def list_bars(report: Report, group: ReportGroup) -> list[int]:
    """Returns the amounts of a group in the bars of the chart, [] if it is one of the others."""
    if group.series == COLORS:
        return []
    return [bar.get(group.series, 0) for bar in report.sum_bars()]


def sum_before(report: Report, group: int | None = None) -> int:
    """Returns what a group, or the whole report, came to in the period before."""
    return sum(
        report.measure_amount(amounts)
        for (key, _, _), amounts in report.amounts_before.items()
        if group in (None, key)
    )


def build_change(report: Report, amount: int, before: int) -> RowChange:
    if amount == before:
        return RowChange("—" if not amount else format_change(amount, before))
    sign = "+" if amount > before else "−"
    difference = format_amount(report.measure, abs(amount - before))
    return RowChange(format_change(amount, before), f"{sign}{difference}")


def sum_units(report: Report, group: ReportGroup) -> tuple[str, str]:
    """Returns the number of units of a group and their name, '' for both if the units differ."""
    units = {report.items[line.item].unit for line in group.lines}
    if len(units) > 1:
        return "", ""
    quantity = sum(line.amounts.quantity for line in group.lines)
    return format_units(quantity), format_unit(units.pop(), quantity)
