"""The rows of the report on an organization's keys, written with `format_html` like those of a project's."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.web.elements import draw_badge, draw_end, draw_moment
from keys.inventory.lists import ReportRow
from keys.templatetags.key_rows import TONES, creator, leaked, revoked

register = template.Library()

ROW = """
<tr>{box}
<th scope="row"><span class="key"><b>{name}</b><code>{hint}</code></span></th>
<td data-label="Project"><span><a class="row-link" href="{project_url}">{project}</a>{archived}</span></td>
<td data-label="Status"><span>{status}{leaked}{revoked}</span></td>
<td data-label="Created by"><span>{creator}</span></td>
<td data-label="Last used"><span>{used}</span></td>
<td data-label="Expires">{expires}</td>{cost}
</tr>"""
BOX = """
<td class="pick"><label><input type="checkbox" name="keys" value="{}"
 aria-label="Select {} in {}"></label></td>"""
NO_BOX = mark_safe('\n<td class="pick"></td>')
ARCHIVED = mark_safe("<small>Archived</small>")
NEVER_USED = "Never<small>made {}</small>"


@register.simple_tag
def organization_key_rows(
    rows: Iterable[ReportRow], revoke_url: str, costs: Mapping[int, SafeString] | None = None
) -> SafeString:
    """Draw the table's rows, with boxes for who may revoke several; none for one that is revoked.

    `costs` as in `api_key_rows`.
    """
    drawn = (
        table_row(row, boxes=bool(revoke_url), cost=costs[row.key.pk] if costs else "")
        for row in rows
    )
    return mark_safe("".join(drawn))  # noqa: S308  (joins what format_html made)


def table_row(row: ReportRow, *, boxes: bool, cost: str) -> SafeString:
    key = row.key
    return format_html(
        ROW,
        box=box(row) if boxes else "",
        name=key.name,
        hint=row.hint,
        project_url=row.project_url,
        project=key.project.name,
        archived=ARCHIVED if key.project.is_archived else "",
        status=draw_badge(row.status.label, TONES[row.status]),
        leaked=leaked(key),
        revoked=revoked(key),
        creator=creator(key),
        used=draw_moment(row.last_used)
        if row.last_used
        else format_html(NEVER_USED, draw_moment(key.created_at)),
        expires="—" if key.revoked_at else draw_end(key.expires_at),
        cost=cost,
    )


def box(row: ReportRow) -> str:
    key = row.key
    if key.revoked_at:
        return NO_BOX
    return format_html(BOX, key.public_id, key.name, key.project.name)
