"""Draws the small elements that pages and their table rows have in common: icons, badges, times."""

from datetime import UTC, datetime, timedelta
from functools import cache

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.web.formatting import RECENT, format_day, format_moment


@cache
def draw_icon(name: str) -> SafeString:
    """An icon of the sprite; decoration only, so the words beside it carry the meaning.

    Kept once drawn: finding the sprite's address took a third of the frame's time.
    """
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


def draw_badge(text: str, tone: str = "") -> SafeString:
    """A short state; the tone is "", accent, ok, warn or bad."""
    return format_html('<span class="badge {}">{}</span>', tone, text)


def draw_moment(moment: datetime | None, missing: str = "Never") -> str:
    """A moment: relative within seven days of now, else the day; hovering gives the exact time in UTC."""
    return draw_time(moment, moment) if moment else missing


def draw_end(end: datetime | None, missing: str = "Never") -> str:
    """An end like `draw_moment`; at midnight by the day before it, the last one that counts."""
    return draw_time(end, end - timedelta(microseconds=1)) if end else missing


def draw_time(moment: datetime, last_moment: datetime) -> SafeString:
    """`moment` when it is near, else the day of `last_moment`; hovering gives `moment` exactly."""
    moment, now = moment.astimezone(UTC), timezone.now()
    near = abs(now - moment) <= RECENT
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{format_day(moment)}, {moment:%H:%M} UTC",
        format_moment(moment, now) if near else format_day(last_moment.astimezone(UTC)),
    )
