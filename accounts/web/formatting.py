"""Formats days, moments and durations for people, as plain text in UTC."""

from datetime import date, datetime, timedelta

# Moments within this distance of now are formatted relative to it, others as a day.
RECENT = timedelta(days=7)


def format_day(day: date) -> str:
    """Returns a day, or the day of a moment, such as 12 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def format_moment(moment: datetime, now: datetime) -> str:
    """Returns a moment relative to `now` if within `RECENT`, else its day: in 6 days, 12 Mar 2026."""
    distance = abs(now - moment)
    if distance > RECENT:
        return format_day(moment)
    minutes = int(distance.total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if moment < now:
        return f"{format_minutes(minutes)} ago"
    # The future is rounded up: a week that began a minute ago ends in 7 days, not in 6.
    return f"in {format_minutes(minutes + (60 if minutes >= 24 * 60 - 60 else 1))}"


def format_minutes(minutes: int) -> str:
    """Returns a number of minutes in its largest whole unit: 1 minute, 3 hours, 6 days."""
    for unit, length in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            return format_count(minutes // length, unit)
    return "0 minutes"


def format_count(number: int, unit: str) -> str:
    """Returns a number with its unit, whose plural ends in s: 1 day, 3 days, 1,200 days."""
    return f"{number} {unit}" if number == 1 else f"{number:,} {unit}s"
