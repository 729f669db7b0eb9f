"""Parses the times in files of history."""

import datetime as dt
import re
from typing import NamedTuple

TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[ T](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,18}))?)?"
    r"\s?(?P<zone>Z|UTC|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
# Seconds since 1970, from 2001 to 2286. Fewer digits could be a day such as 20231116.
EPOCH = re.compile(r"(\d{9,10})(?:\.(\d{1,18}))?", re.ASCII)
# The same in thousandths of a second, which is refused: it could be meant, or be a number of another kind.
EPOCH_MILLISECONDS = re.compile(r"\d{12,13}", re.ASCII)
EXPECTED = "write it as 2026-11-23 08:15:30.123456, with Z or an offset if it has one"


class InvalidTime(ValueError):
    """The text is not a time, or clocks in its time zone skipped that time."""


class ParsedTime(NamedTuple):
    """A time in UTC, cut to microseconds, and the full text in a normalized form."""

    time: dt.datetime
    text: str


def parse_time(text: str, zone: dt.tzinfo) -> ParsedTime:
    """Returns the time that `text` names, in `zone` unless it has an offset.

    Digits after the sixth decimal place are only in `ParsedTime.text`. A local time that occurred twice,
    because clocks went back, is the first of the two. A day without a time is its first moment, even if
    clocks skipped midnight. Raises InvalidTime if clocks skipped the time or the whole day.
    """
    match = TIME.fullmatch(text)
    if match is None:
        return parse_epoch(text)
    day, minute, second, fraction, offset = match.groups()
    fraction = (fraction or "").rstrip("0")
    clock = f"{day} {minute or '00:00'}:{second or '00'}"
    normalized = f"{clock}{'.' if fraction else ''}{fraction}{normalize_offset(offset)}"
    try:
        local = dt.datetime.fromisoformat(clock).replace(
            microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=parse_offset(offset) or zone
        )
        time = local.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidTime(f"{text!r} is not a time: {EXPECTED}") from error
    if not offset and time.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        time = find_change(local)
        if minute or time.astimezone(zone).date() != local.date():
            raise InvalidTime(f"{text!r} does not exist in {zone}: clocks went forward")
    return ParsedTime(time, normalized)


def find_change(skipped: dt.datetime) -> dt.datetime:
    """Returns the moment in UTC at which clocks went forward past a local time, to the second."""
    offset_before, offset_after = (skipped.replace(fold=fold).utcoffset() for fold in (0, 1))
    assert offset_before is not None
    assert offset_after is not None
    # Before the change until `before`, after it from `after` on.
    naive = skipped.replace(tzinfo=dt.UTC)
    before, after = naive - offset_after, naive - offset_before
    while after - before > dt.timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(skipped.tzinfo).utcoffset() == offset_before:
            before = middle
        else:
            after = middle
    return after


def parse_epoch(text: str) -> ParsedTime:
    """Returns a time that is given in seconds since 1970."""
    match = EPOCH.fullmatch(text)
    if match is None:
        problem = f"{text[:40]!r} is not a time" if text else "the time is missing"
        if EPOCH_MILLISECONDS.fullmatch(text):
            raise InvalidTime(f"{problem}: for milliseconds since 1970, divide by 1000")
        raise InvalidTime(f"{problem}: {EXPECTED}")
    fraction = (match[2] or "").rstrip("0")
    time = dt.datetime.fromtimestamp(int(match[1]), dt.UTC)
    normalized = f"{match[1]}{'.' if fraction else ''}{fraction}"
    return ParsedTime(time.replace(microsecond=int(fraction[:6].ljust(6, "0"))), normalized)


def normalize_offset(offset: str | None) -> str:
    """Returns an offset as `Z` or `+0230`, and '' for none."""
    if not offset:
        return ""
    digits = offset.replace(":", "")
    return "Z" if digits in ("Z", "UTC") or not digits.strip("+-0") else digits.ljust(5, "0")


def parse_offset(offset: str | None) -> dt.tzinfo | None:
    normalized = normalize_offset(offset)
    if normalized in ("", "Z"):
        return dt.UTC if normalized else None
    hours, minutes = int(normalized[1:3]), int(normalized[3:5])
    if minutes > 59:
        raise ValueError
    delta = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-delta if normalized[0] == "-" else delta)
