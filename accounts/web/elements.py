"""The small elements that pages and the rows of tables share: icons, badges, times, menus.

Their markup is in `templates/components/elements.jinja`.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol, Self

from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.utils import timezone
from jinja2.environment import TemplateModule
from markupsafe import Markup

from accounts.web.formatting import RECENT, format_day, format_moment


class Person(Protocol):
    """Has initials and one of the eight hues."""

    initials: str
    hue: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A time ready for a page: its text, the machine-readable time, and the exact time in UTC as a tooltip.

    Without a machine-readable time it is text alone, such as *Never*.
    """

    text: str
    iso: str = ""
    exact: str = ""

    @classmethod
    def of(cls, moment: datetime | None, missing: str = "Never") -> Self:
        """Returns `moment` relative to now when it is within seven days, else as a day."""
        return cls.create(moment, moment) if moment else cls(missing)

    @classmethod
    def of_end(cls, end: datetime | None, missing: str = "Never") -> Self:
        """Returns an end like `of`; midnight counts as the day before it, which is the last that counts."""
        return cls.create(end, end - timedelta(microseconds=1)) if end else cls(missing)

    @classmethod
    def create(cls, moment: datetime, last_moment: datetime) -> Self:
        """Returns `moment` when it is near, else the day of `last_moment`; the exact time is `moment`."""
        moment, now = moment.astimezone(UTC), timezone.now()
        near = abs(now - moment) <= RECENT
        return cls(
            text=format_moment(moment, now) if near else format_day(last_moment.astimezone(UTC)),
            iso=moment.isoformat(timespec="seconds"),
            exact=f"{format_day(moment)}, {moment:%H:%M} UTC",
        )

    def within(self, sentence: str, **names: str) -> Self:
        """Returns the same time with `sentence` as its text; `{}` in it stands for the text so far.

        `names` fill in the rest of the sentence.
        """
        return replace(self, text=sentence.format(self.text, **names))


@dataclass(frozen=True, slots=True)
class MenuLink:
    """An item of a row's menu that opens a dialog, or one that leads to a page."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class MenuCopy:
    """An item of a row's menu that copies `text`; it needs script."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RowMenu:
    """The menu of a row: what can be done with it, pages, what can be copied, and last what removes it."""

    label: str
    links: tuple[MenuLink, ...] = ()
    pages: tuple[MenuLink, ...] = ()
    copy: MenuCopy | None = None
    removal: MenuLink | None = None

    @property
    def needs_script(self) -> bool:
        """Whether copying is all that it offers."""
        return not self.links and not self.pages and self.removal is None


@cache
def draw_icon(name: str) -> Markup:
    """Returns an icon of the sprite; decoration only, so the words beside it carry the meaning.

    Cached, because looking up the sprite's URL took a third of the time of a page's frame.
    """
    return draw("sprite_icon", static("icons.svg"), name)


def draw_avatar(person: Person) -> Markup:
    """Returns a person's initials on their hue; their name has to stand beside it."""
    return draw("avatar", person.hue, person.initials)


def draw_badge(text: str, tone: str = "") -> Markup:
    """Returns a short state; the tone is "", accent, ok, warn or bad."""
    return draw("badge", text, tone)


def draw_link(url: str, text: str) -> Markup:
    """Returns a plain link, for the columns of Django admin."""
    return draw("link", url, text)


def draw_moment(moment: datetime | None, missing: str = "Never") -> Markup:
    """Returns a time as `Moment.of` describes."""
    return draw("time", Moment.of(moment, missing))


def draw_end(end: datetime | None, missing: str = "Never") -> Markup:
    """Returns an end as `Moment.of_end` describes."""
    return draw("time", Moment.of_end(end, missing))


def draw(macro: str, *values: object) -> Markup:
    """Returns what `macro` of the elements' template makes of `values`, which it escapes."""
    return Markup(getattr(elements_template(), macro)(*values))  # noqa: S704  (a macro escapes)


@cache
def elements_template() -> TemplateModule:
    backend = engines["jinja2"]
    assert isinstance(backend, Jinja2)
    return backend.env.get_template("components/elements.jinja").module
