"""Times as files of history write them, brought to UTC."""

import datetime as dt
import re
from typing import NamedTuple

TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[ T](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,18}))?)?"
    r"\s?(?P<zone>Z|UTC|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
# Seconds since 1970, from 2001 to 2286: what is shorter could be a day such as 20231116.
EPOCH = re.compile(r"(\d{9,10})(?:\.(\d{1,18}))?", re.ASCII)
WANTED = "write it as 2026-11-23 08:15:30.123456, with Z or an offset if it has one"


class NoTime(ValueError):
    """The text is no time, or one that never was in its zone."""


class Moment(NamedTuple):
    """A time in UTC, cut to microseconds; `text` is all that was written, in one way of writing it."""

    time: dt.datetime
    text: str


def read_time(text: str, zone: dt.tzinfo) -> Moment:
    """`text`, in `zone` unless it says another; NoTime.

    Digits past the sixth are in `Moment.text` only. A local time that happened twice, because clocks
    went back, is the first; one that never was, because they went forward, is refused.
    """
    match = TIME.fullmatch(text)
    if match is None:
        return of_epoch(text)
    day, minute, second, fraction, offset = match.groups()
    fraction = (fraction or "").rstrip("0")
    clock = f"{day} {minute or '00:00'}:{second or '00'}"
    written = f"{clock}{'.' if fraction else ''}{fraction}{canonical(offset)}"
    try:
        local = dt.datetime.fromisoformat(clock).replace(
            microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=offset_of(offset) or zone
        )
        time = local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise NoTime(f"{text!r} is no time: {WANTED}") from error
    if not offset and time.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise NoTime(f"{text!r} never was in {zone}: the clocks went forward")
    return Moment(time, written)


def of_epoch(text: str) -> Moment:
    match = EPOCH.fullmatch(text)
    if match is None:
        shown = f"{text[:40]!r} is no time" if text else "there is no time"
        raise NoTime(f"{shown}: {WANTED}")
    fraction = (match[2] or "").rstrip("0")
    time = dt.datetime.fromtimestamp(int(match[1]), dt.UTC)
    written = f"{match[1]}{'.' if fraction else ''}{fraction}"
    return Moment(time.replace(microsecond=int(fraction[:6].ljust(6, "0"))), written)


def canonical(offset: str | None) -> str:
    """One way of writing an offset: `Z`, or `+0230`."""
    if offset in (None, ""):
        return ""
    digits = (offset or "").replace(":", "")
    return "Z" if digits in ("Z", "UTC") or not digits.strip("+-0") else digits.ljust(5, "0")


def offset_of(offset: str | None) -> dt.tzinfo | None:
    written = canonical(offset)
    if written in ("", "Z"):
        return dt.UTC if written else None
    hours, minutes = int(written[1:3]), int(written[3:5])
    if minutes > 59:
        raise ValueError
    away = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-away if written[0] == "-" else away)
