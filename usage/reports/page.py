"""The context of a usage page: figures, filter bar, chart and table of one report."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.safestring import SafeString

from accounts.web.formatting import format_moment
from accounts.web.pagination import PAGE_SIZE, page_number
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS
from usage.enums import Dimension, Granularity, Measure
from usage.reports import formatting as shown
from usage.reports.billed_elsewhere import elsewhere
from usage.reports.charts import Bar, chart
from usage.reports.figures import figures
from usage.reports.filters import PAGING, Address, Link, chips_of, filters
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import Name, model_names, names_of
from usage.reports.periods import Period, Step, presets, step_name
from usage.reports.report import COLOURS, Group, Line, Report
from usage.reports.scope import Scope

OTHER = "Other"
WORDS = {Dimension.API_KEY: "API key"}


class Entry(NamedTuple):
    """A line of the legend."""

    series: int
    name: str
    amount: str


@dataclass(frozen=True)
class Row:
    """A line of the table, in words; the first one of its group on the page `heads` it."""

    group: Group
    name: Name
    line: Line
    heads: bool
    product: str
    item: str
    model: str
    unit: str
    share: str
    group_share: str
    group_units: tuple[str, str]


def usage_page(
    scope: Scope, form: ReportForm, query: QueryDict, now: dt.datetime
) -> dict[str, Any]:
    """All of the page but what names its scope. A form that is not valid has no report."""
    found = figures(scope, now)
    address = Address(query)
    asked = form.asked()
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "figures": found.shown,
        "updated_at": found.updated_at,
        "fresh": freshness(found.updated_at, now),
        "presets": [
            Link(one.label, address.url(**of_period(one.period)), one.period == form.period)
            for one in presets(now.date())
        ],
        "measures": [
            Link(one.label, address.url(measure=one.value, unit=""), one.value == asked["measure"])
            for one in Measure
        ],
        "granularities": Granularity,
        "dimensions": scope.dimensions,
    }
    if not form.is_valid():
        return {**context, "filters": filters(scope, form, {}), "chips": []}
    report = form.report()
    return {**context, **reported(report, form, address, query.get(PAGING, ""))}


def of_period(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def freshness(updated_at: dt.datetime | None, now: dt.datetime) -> str:
    if updated_at is None:
        return "Nothing was recorded since the beginning of last month."
    seconds = int((now - updated_at).total_seconds())
    if 0 <= seconds < 60:
        return f"Updated {seconds} second{'' if seconds == 1 else 's'} ago."
    return f"Updated {format_moment(updated_at, now)}."


def reported(report: Report, form: ReportForm, address: Address, page: str) -> dict[str, Any]:
    """What the report itself says."""
    scope, groups = report.scope, report.groups
    names = names_of(scope, report.items, report.group_by, [one.key for one in groups])
    pages = max(1, -(-len(report.lines) // PAGE_SIZE))
    number = page_number(page, pages)
    chips = {report.group_by: {one.reference: one.label for one in names.values()}}
    offered = filters(scope, form, chips)
    return {
        "report": report,
        "elsewhere": elsewhere(scope, report.period),
        "caption": caption(report),
        "chart": draw(report, names),
        "legend": legend(report, names),
        "rows": rows(report, names, number),
        "total": said(report, report.total),
        "total_exact": exact(report, report.total),
        "page": paged(address, number, pages),
        "filters": offered,
        "chips": list(chips_of(offered, address)),
        "units": [
            Link(shown.unit_name(one), address.url(unit=one), one == report.counted_unit)
            for one in report.units
        ],
        "clear_url": cleared(address, form),
        "csv_url": address.url(format="csv"),
        "records_url": address.url(format="records"),
    }


def caption(report: Report) -> str:
    """What the chart shows, in a sentence."""
    what = "Cost"
    if report.measure == Measure.UNITS:
        what = shown.unit_name(report.counted_unit).capitalize() if report.counted_unit else "Units"
    step = step_name(report.period, report.granularity)
    group = WORDS.get(report.group_by, report.group_by.label.lower())
    return f"{what} by {step} and {group}, {report.period.spoken}, UTC"


def said(report: Report, amount: int) -> str:
    return shown.money(amount) if report.measure == Measure.COST else shown.units(amount)


def exact(report: Report, amount: int) -> str:
    spoken = shown.exact_money if report.measure == Measure.COST else shown.exact_units
    return spoken(amount)


def draw(report: Report, names: dict[int, Name]) -> SafeString:
    """The chart; hovering a bar says its total and parts."""
    labels = {one.series: names[one.key].label for one in report.groups if one.series < COLOURS}
    bars = [
        Bar(step.word, titled(report, step, parts, labels), parts)
        for step, parts in zip(report.steps, report.bars(), strict=True)
    ]
    digits = COST_DIGITS - 2 if report.measure == Measure.COST else QUANTITY_DIGITS
    title = f"{caption(report)}: {said(report, report.total)} in all"
    return chart(bars, title=title, base=10**digits, spoken=axis_words(report))


def axis_words(report: Report) -> Callable[[int], str]:
    """Whole dollars without cents."""

    def spoken(amount: int) -> str:
        words = said(report, amount)
        return words.removesuffix(".00")

    return spoken


def titled(report: Report, step: Step, parts: dict[int, int], labels: dict[int, str]) -> str:
    largest_first = sorted(parts.items(), key=lambda part: -part[1])
    lines = [f"{labels.get(one, OTHER)}: {said(report, amount)}" for one, amount in largest_first]
    return "\n".join([f"{step.label}: {said(report, sum(parts.values()))}", *lines])


def legend(report: Report, names: dict[int, Name]) -> list[Entry]:
    entries = [
        Entry(one.series, names[one.key].label, said(report, one.amount))
        for one in report.groups
        if one.series < COLOURS
    ]
    others = [one.amount for one in report.groups if one.series == COLOURS]
    if others:
        entries.append(Entry(COLOURS, f"{OTHER} ({len(others)})", said(report, sum(others))))
    return entries


def rows(report: Report, names: dict[int, Name], page: int) -> list[Row]:
    """One page of the table."""
    lines = [(group, line) for group in report.groups for line in group.lines]
    on_page = lines[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    models = model_names({line.model for _, line in on_page})
    return [
        Row(
            group,
            names[group.key],
            line,
            place == 0 or on_page[place - 1][0] is not group,
            report.items[line.item].product.name,
            report.items[line.item].name,
            models[line.model],
            shown.unit_name(report.items[line.item].unit, line.quantity),
            shown.share(report.amount(line), report.total),
            shown.share(group.amount, report.total),
            units_of(report, group),
        )
        for place, (group, line) in enumerate(on_page)
    ]


def units_of(report: Report, group: Group) -> tuple[str, str]:
    """How many units a group comes to, and of what; nothing when they are of different kinds."""
    units = {report.items[line.item].unit for line in group.lines}
    if len(units) > 1:
        return "", ""
    quantity = sum(line.quantity for line in group.lines)
    return shown.units(quantity), shown.unit_name(units.pop(), quantity)


def paged(address: Address, number: int, pages: int) -> dict[str, str]:
    def link(page: int) -> str:
        return address.url(page=str(page))

    return {
        "label": f"Page {number} of {pages}",
        "first_url": link(1) if number > 1 else "",
        "previous_url": link(number - 1) if number > 1 else "",
        "next_url": link(number + 1) if number < pages else "",
        "last_url": link(pages) if number < pages else "",
    }


def cleared(address: Address, form: ReportForm) -> str:
    """The address without a filter."""
    names = [name for one in Dimension for name in (one.value, EXCLUDE + one.value)]
    return address.url(**dict.fromkeys(names, ""), unit="")
