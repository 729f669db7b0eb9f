"""Formats days, moments and lengths of time the way people read them; plain text, in UTC."""

from datetime import date, datetime, timedelta

# Within so long of now a moment is relative to it; further away its day is enough.
RECENT = timedelta(days=7)


def format_day(day: date) -> str:
    """A day, or that of a moment: 12 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def format_moment(moment: datetime, now: datetime) -> str:
    """A moment within `RECENT` relative to `now`, others as a day: 5 minutes ago, in 6 days, 12 Mar 2026."""
    distance = abs(now - moment)
    if distance > RECENT:
        return format_day(moment)
    minutes = int(distance.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if moment < now:
        return f"{format_minutes(minutes)} ago"
    # What is ahead is rounded up: a week that began a minute ago ends in 7 days, not in 6.
    return f"in {format_minutes(minutes + (60 if minutes >= 24 * 60 - 60 else 1))}"


def format_minutes(minutes: int) -> str:
    """A number of minutes in its largest whole unit: 1 minute, 3 hours, 6 days."""
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            return format_count(minutes // length, unit)
    return "0 minutes"


def format_count(number: int, unit: str) -> str:
    """A number with its unit, whose plural ends in s: 1 day, 3 days."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
