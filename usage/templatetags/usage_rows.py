"""The rows of a usage page's table, written with `format_html`, which escapes every value."""

from collections.abc import Iterable, Iterator

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from usage.enums import Dimension
from usage.reports import formatting as shown
from usage.reports.page import Row

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
# What a group comes to; its lines stand below. Units of different kinds are not added up.
HEAD = """
<tr class="group">
<th scope="rowgroup" colspan="2">{name}</th>
<td data-label="Units" class="number">{units}</td>
<td data-label="Cost" class="number"><span title="{exact_cost}">{cost}</span></td>
<td data-label="Share" class="number">{share}</td>
</tr>"""


@register.simple_tag
def usage_rows(rows: Iterable[Row], group_by: Dimension) -> SafeString:
    """Draw the table's rows; those of products and line items say themselves what they are of."""
    if group_by in (Dimension.PRODUCT, Dimension.LINE_ITEM):
        drawn = [table_row(row, "", series(row, row.product)) for row in rows]
    else:
        drawn = [part for row in rows for part in headed(row)]
    return mark_safe("".join(drawn))  # noqa: S308  (joins what format_html made)


def headed(row: Row) -> Iterator[SafeString]:
    """The line, below the head of its group when it is the first."""
    if row.heads:
        cost = sum(line.cost for line in row.group.lines)
        yield format_html(
            HEAD,
            name=series(row, row.name.label),
            units=format_html(UNITS, *row.group_units) if row.group_units[0] else "",
            exact_cost=shown.exact_money(cost),
            cost=shown.money(cost),
            share=row.group_share,
        )
    yield table_row(row, "part", row.product)


def series(row: Row, name: str) -> SafeString:
    note = format_html(NOTE, row.name.note) if row.name.note else ""
    return format_html(SERIES, row.group.series, name, note)


def table_row(row: Row, kind: str, product: str) -> SafeString:
    return format_html(
        ROW,
        kind=kind,
        product=product,
        item=f"{row.model} · {row.item}" if row.model else row.item,
        exact_units=shown.exact_units(row.line.quantity),
        units=shown.units(row.line.quantity),
        unit=row.unit,
        exact_cost=shown.exact_money(row.line.cost),
        cost=shown.money(row.line.cost),
        share=row.share,
    )
