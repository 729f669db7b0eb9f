"""The tag that renders the rows of a long table; see docs/decisions/0023."""

from collections.abc import Iterable

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def render_rows(partial: str, rows: Iterable[object], **context: object) -> SafeString:
    """Returns `rows` as rendered by the Jinja2 template `partial`, which is given `context` as well."""
    html = render_to_string(partial, {"rows": rows, **context}, using="jinja2")
    return mark_safe(html)  # noqa: S308  (escaped by the template)
