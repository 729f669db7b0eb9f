"""The rows of the collaborators table, written with `format_html`, which escapes every value.

Fifty rows of `{% if %}` and `{{ }}` took the template engine as long as all the rest of the page.
"""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.web.elements import draw_icon, draw_moment
from projects.collaborator_lists import CollaboratorRow

register = template.Library()

ROW = """
<tr>
<th scope="row"><span class="person"><span class="avatar hue-{hue}" aria-hidden="true">{initials}</span>
<span><b>{name}</b>{you}<small>{email}</small>{voucher}</span></span></th>
<td data-label="Type"><span><span class="badge {tone}">{kind}</span>{unvouched}</span></td>
<td data-label="Project role"><span>{role}{end}</span></td>
<td data-label="Added">{added}</td>
<td class="acts">{menu}</td>
</tr>"""
YOU = mark_safe(' <span class="muted">(you)</span>')
UNVOUCHED = mark_safe(' <span class="badge warn">Nobody vouches</span>')
VOUCHER = "<small>Vouched for by {}</small>"
ROLE_LINK = (
    '<a class="role-link" href="{url}" data-dialog'
    ' aria-label="{role}, change the role of {name}">{role}{chevron}</a>'
)
END = '<br><small class="{}">{}</small>'
MENU = """<details class="menu {visible}" name="menu">
<summary class="icon-button" aria-label="Actions for {name}">{dots}</summary>
<div class="menu-items">{change}{end_date}{vouch}{copy}{remove}</div></details>"""
ACT = '<a class="menu-item" href="{}" data-dialog>{}{}</a>'
COPY = '<button class="menu-item" type="button" data-copy="{}" hidden>{}Copy email</button>'
REMOVE = '<hr><a class="menu-item bad" href="{}" data-dialog>{}Remove user</a>'


@register.simple_tag
def collaborator_rows(rows: Iterable[CollaboratorRow]) -> SafeString:
    """Draw the table's rows; what a person may not do has no address and is absent."""
    return mark_safe("".join(map(table_row, rows)))  # noqa: S308  (joins what format_html made)


def table_row(row: CollaboratorRow) -> SafeString:
    return format_html(
        ROW,
        hue=row.hue,
        initials=row.initials,
        name=row.name,
        you=YOU if row.is_you else "",
        email=row.email,
        voucher=part(VOUCHER, row.voucher),
        tone=row.kind.lower(),
        kind=row.kind,
        unvouched=UNVOUCHED if row.unvouched else "",
        role=role(row),
        end=end(row),
        added=draw_moment(row.added),
        menu=menu(row),
    )


def role(row: CollaboratorRow) -> str:
    if not row.role_url:
        return row.role_label
    return format_html(
        ROLE_LINK,
        url=row.role_url,
        role=row.role_label,
        name=row.name,
        chevron=draw_icon("chevron-down"),
    )


def end(row: CollaboratorRow) -> str:
    """When their access ends, if a day is set."""
    if not row.end:
        return ""
    return format_html(END, f"badge {row.end_tone}" if row.end_tone else "muted", row.end)


def menu(row: CollaboratorRow) -> str:
    """The row's acts; without any, copying the address remains, which needs script."""
    acts = row.role_url or row.remove_url
    if not acts and not row.email:
        return ""
    return format_html(
        MENU,
        visible="" if acts else "only-js",
        name=row.name,
        dots=draw_icon("ellipsis-vertical"),
        change=part(ACT, row.role_url, draw_icon("user-cog"), row.promote_label),
        end_date=part(
            ACT,
            row.end_date_url,
            draw_icon("clock"),
            "Change end date" if row.end else "Set end date",
        ),
        vouch=part(ACT, row.vouch_url, draw_icon("shield-check"), "Vouch for them"),
        copy=part(COPY, row.email, draw_icon("copy")),
        remove=part(REMOVE, row.remove_url, draw_icon("user-minus")),
    )


def part(text: str, value: str, *others: str) -> str:
    """`text` with `value` and `others` in it; nothing when there is no value."""
    return format_html(text, value, *others) if value else ""
