"""The rows of the API keys table, written with `format_html`, which escapes every value.

As with people: fifty rows would cost the template engine more than all the rest of the page.
"""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from accounts.web.elements import draw_badge, draw_end, draw_icon, draw_moment
from keys.api_keys.lists import REVOKE, KeyRow, RowAct
from keys.enums import KeyStatus
from keys.models import ApiKey

register = template.Library()

TONES = {
    KeyStatus.ACTIVE: "ok",
    KeyStatus.EXPIRES_SOON: "warn",
    KeyStatus.ROTATING: "accent",
    KeyStatus.EXPIRED: "bad",
    KeyStatus.REVOKED: "",
}
ROW = """
<tr>
<th scope="row"><span class="key"><b>{name}</b><code>{hint}</code>{old}</span></th>
<td data-label="Status"><span>{status}{leaked}{revoked}</span></td>
<td data-label="Created"><span>{creator}<small>{created}</small></span></td>
<td data-label="Last used"><span>{used}{old_used}</span></td>
<td data-label="Expires">{expires}</td>{cost}
<td class="acts">{menu}</td>
</tr>"""
OLD = "<small><code>{}</code> old, ends {}</small>"
OLD_USED = "<small>old: {}</small>"
LEAKED = "<small>{}</small>"
REVOKED = "<small>{}{}</small>{}"
BECAUSE = '<small title="{}">{}</small>'
MOST_OF_REASON = 80  # characters; all of it is in the audit log
GONE = "{}<small>no longer here</small>"
MENU = """<details class="menu {visible}" name="menu">
<summary class="icon-button" aria-label="Actions for {name}">{dots}</summary>
<div class="menu-items">{acts}{copy}{revoke}</div></details>"""
ACT = '<a class="menu-item" href="{}{}/" data-dialog>{}{}</a>'
COPY = '<button class="menu-item" type="button" data-copy="{}" hidden>{}Copy key ID</button>'
REVOKE_ACT = '<hr><a class="menu-item bad" href="{}{}/" data-dialog>{}{}</a>'


@register.simple_tag
def api_key_rows(
    rows: Iterable[KeyRow], costs: Mapping[int, SafeString] | None = None
) -> SafeString:
    """Draw the table's rows; an act that is not possible is absent.

    `costs` are cells by the keys' primary keys; without them there is no such column.
    """
    drawn = (table_row(row, costs[row.key.pk] if costs else "") for row in rows)
    return mark_safe("".join(drawn))  # noqa: S308  (joins what format_html made)


def table_row(row: KeyRow, cost: str) -> SafeString:
    key, old = row.key, row.old
    return format_html(
        ROW,
        name=key.name,
        hint=row.hint,
        old=format_html(OLD, old.hint, draw_moment(key.outgoing_until)) if old else "",
        status=draw_badge(row.status.label, TONES[row.status]),
        leaked=leaked(key),
        revoked=revoked(key),
        creator=creator(key),
        created=draw_moment(key.created_at),
        used=draw_moment(row.last_used),
        old_used=format_html(OLD_USED, draw_moment(old.last_used_at, "never used")) if old else "",
        expires="—" if key.revoked_at else draw_end(key.expires_at),
        cost=cost,
        menu=menu(row),
    )


def revoked(key: ApiKey) -> str:
    """Since when, by whom, and why when a rule or a report did it."""
    if not key.revoked_at:
        return ""
    by, reason = f" by {key.revoked_by.name}" if key.revoked_by else "", key.revoked_because
    short = Truncator(reason).chars(MOST_OF_REASON)
    because = format_html(BECAUSE, reason, short) if reason else ""
    return format_html(REVOKED, draw_moment(key.revoked_at), by, because)


def leaked(key: ApiKey) -> str:
    """For who can still do something about it; a revoked key says why it is."""
    shown = key.is_leaked and not key.revoked_at  # type: ignore[attr-defined]
    return format_html(LEAKED, draw_badge("Reported as leaked", "bad")) if shown else ""


def creator(key: ApiKey) -> str:
    user = key.created_by
    if user is None:
        return "—"
    gone = not key.creator_is_in  # type: ignore[attr-defined]
    return format_html(GONE, user.name) if gone and not user.deleted_at else user.name


def menu(row: KeyRow) -> str:
    """The key's acts; of a revoked one copying its id remains, which needs script."""
    others = [one for one in row.acts if one != REVOKE]
    return format_html(
        MENU,
        visible="" if row.acts else "only-js",
        name=row.key.name,
        dots=draw_icon("ellipsis-vertical"),
        acts=format_html_join("", ACT, [item(row, one) for one in others]),
        copy=format_html(COPY, row.key.public_id, draw_icon("copy")),
        revoke=format_html(REVOKE_ACT, *item(row, REVOKE)) if REVOKE in row.acts else "",
    )


def item(row: KeyRow, act: RowAct) -> tuple[str, str, SafeString, str]:
    return row.url, act.path, draw_icon(act.icon), act.label
