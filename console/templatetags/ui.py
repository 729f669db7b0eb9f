"""The tags pages are written with: icons, people, badges, times, and the blocks that hold them."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Protocol

from django import template
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

NOTICE_ICONS = {"": "info", "ok": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}
RECENT = timedelta(days=7)


class Person(Protocol):
    """Whoever has initials and one of the eight hues."""

    initials: str
    hue: int


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Draw an icon of the sprite; decoration only, so the words beside it carry the meaning.

    In long tables take it once: {% icon "ellipsis-vertical" as dots %}, then {{ dots }} in each row.
    Kept once drawn: finding the sprite's address took a third of the frame's time.
    """
    return format_html(
        '<svg class="icon" width="16" height="16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def avatar(person: Person) -> SafeString:
    """Draw a person's initials on their hue; their name has to stand beside it."""
    return format_html(
        '<span class="avatar hue-{}" aria-hidden="true">{}</span>', person.hue, person.initials
    )


@register.simple_tag
def badge(text: str, tone: str = "") -> SafeString:
    """Draw a short state; the tone is "", accent, ok, warn or bad."""
    return format_html('<span class="badge {}">{}</span>', tone, text)


@register.simple_tag
def when(moment: datetime | None, missing: str = "Never") -> str:
    """Say a moment: relative within seven days of now, else the day; hovering gives the exact time in UTC."""
    return said(moment, moment) if moment else missing


@register.simple_tag
def until(end: datetime | None, missing: str = "Never") -> str:
    """Say an end like `when`; one at midnight by the day before it, the last one that counts."""
    return said(end, end - timedelta(microseconds=1)) if end else missing


def said(moment: datetime, spoken: datetime) -> SafeString:
    """Write `spoken` as one would say it; hovering gives `moment`."""
    moment, now = moment.astimezone(UTC), timezone.now()
    near = abs(now - moment) <= RECENT
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        f"{spoken_day(moment)}, {moment:%H:%M} UTC",
        spoken_moment(moment, now) if near else spoken_day(spoken.astimezone(UTC)),
    )


def spoken_day(moment: date) -> str:
    """Write a day the way the console does: 12 Mar 2026."""
    return f"{moment.day} {moment:%b %Y}"


def spoken_moment(moment: datetime, now: datetime) -> str:
    """Write a moment as one would say it now: 5 minutes ago, in 6 days, 12 Mar 2026."""
    distance = abs(now - moment)
    if distance > RECENT:
        return spoken_day(moment)
    minutes = int(distance.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if moment < now:
        return f"{spoken_amount(minutes)} ago"
    # What is ahead is rounded up: a week that began a minute ago ends in 7 days, not in 6.
    return f"in {spoken_amount(minutes + (60 if minutes >= 24 * 60 - 60 else 1))}"


def spoken_amount(minutes: int) -> str:
    """Write a number of minutes in its largest whole unit: 1 minute, 3 hours, 6 days."""
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            number = minutes // length
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "0 minutes"


@register.simple_block_tag(end_name="endcard")
def card(content: SafeString, title: str = "", text: str = "") -> SafeString:
    """Put content on a padded surface, under a title when there is one."""
    return draw("card", content=content, title=title, text=text)


@register.simple_block_tag(end_name="endnotice")
def notice(content: SafeString, tone: str = "", role: str = "") -> SafeString:
    """Say something that matters here; the tone is "", ok, warn or bad, the role `alert` for an answer."""
    return draw("notice", content=content, tone=tone, role=role, icon=NOTICE_ICONS[tone])


@register.simple_block_tag(end_name="endemptystate")
def emptystate(content: SafeString, icon: str, title: str) -> SafeString:
    """Say why nothing is here; the content is a sentence and the one act that changes it."""
    return draw("empty_state", content=content, icon=icon, title=title)


@register.simple_block_tag(end_name="endpageheader")
def pageheader(content: SafeString, title: str, text: str = "") -> SafeString:
    """Open a page with its title and a sentence; the content is its main acts."""
    return draw("page_header", content=content if content.strip() else "", title=title, text=text)


def draw(component: str, **context: object) -> SafeString:
    """Render one of templates/components with nothing but what it is given."""
    # Rendered by our own autoescaping template, so it is safe to stand in another.
    return mark_safe(get_template(f"components/{component}.html").render(dict(context)))  # noqa: S308
