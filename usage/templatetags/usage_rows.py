"""Draws the rows of a report's table with `format_html`, which escapes every value."""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from usage.enums import Dimension
from usage.reports.formatting import (
    format_exact_money,
    format_exact_units,
    format_money,
    format_units,
)
from usage.reports.page import TableRow

register = template.Library()

ROW = """
<tr class="{kind}">
<th scope="row">{product}</th>
<td data-label="Line item"><span><code>{item}</code></span></td>
<td data-label="Units" class="number"><span title="{exact_units}">{units} <small>{unit}</small></span></td>
<td data-label="Cost" class="number"><span class="amount" title="{exact_cost}">{cost}</span></td>
<td data-label="Share" class="number">{share}</td>
</tr>"""
SERIES = '<span class="series"><i class="s{}" aria-hidden="true"></i><span>{}{}</span></span>'
UNITS = "<span>{} <small>{}</small></span>"
NOTE = "<small>{}</small>"
# The total of a group above its lines. Different units are not added up.
HEAD = """
<tr class="group">
<th scope="rowgroup" colspan="2">{name}</th>
<td data-label="Units" class="number">{units}</td>
<td data-label="Cost" class="number"><span title="{exact_cost}">{cost}</span></td>
<td data-label="Share" class="number">{share}</td>
</tr>"""


@register.simple_tag
def usage_rows(rows: Iterable[TableRow], group_by: Dimension) -> SafeString:
    """Draws the rows, below the totals of their groups unless the groups are products or line items."""
    if group_by in (Dimension.PRODUCT, Dimension.LINE_ITEM):
        drawn = [draw_row(row, "", draw_series(row, row.product)) for row in rows]
    else:
        drawn = [part for row in rows for part in draw_with_head(row)]
    return mark_safe("".join(drawn))  # noqa: S308  (joins what format_html made)


def draw_with_head(row: TableRow) -> Iterator[SafeString]:
    """Draws the line, below the total of its group if it is the first."""
    if row.starts_group:
        cost = sum(line.amounts.cost for line in row.group.lines)
        yield format_html(
            HEAD,
            name=draw_series(row, row.label.text),
            units=format_html(UNITS, *row.group_units) if row.group_units[0] else "",
            exact_cost=format_exact_money(cost),
            cost=format_money(cost),
            share=row.group_share,
        )
    yield draw_row(row, "part", row.product)


def draw_series(row: TableRow, name: str) -> SafeString:
    note = format_html(NOTE, row.label.note) if row.label.note else ""
    return format_html(SERIES, row.group.series, name, note)


def draw_row(row: TableRow, kind: str, product: str) -> SafeString:
    return format_html(
        ROW,
        kind=kind,
        product=product,
        item=f"{row.model} · {row.item}" if row.model else row.item,
        exact_units=format_exact_units(row.line.amounts.quantity),
        units=format_units(row.line.amounts.quantity),
        unit=row.unit,
        exact_cost=format_exact_money(row.line.amounts.cost),
        cost=format_money(row.line.amounts.cost),
        share=row.share,
    )
