"""A day is its first moment, in every time zone and however its clocks were changed."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

import pytest

from usage.imports.timestamps import InvalidTime, parse_time

SKIPPED = [
    ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00"),
    ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00"),
    ("2024-09-08", "America/Santiago", "2024-09-08T04:00:00"),
    ("2019-03-31", "Asia/Beirut", "2019-03-30T22:00:00"),
    # Clocks went from 23:30 to 00:30, so the day began at 00:30.
    ("1919-03-31", "America/Toronto", "1919-03-31T04:30:00"),
    # Midnight came twice.
    ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00:00"),
]


@pytest.mark.parametrize(("day", "zone", "moment"), SKIPPED)
def test_a_day_counts_from_its_first_moment(day: str, zone: str, moment: str) -> None:
    parsed = parse_time(day, ZoneInfo(zone))
    assert parsed.time.isoformat() == f"{moment}+00:00"
    assert parsed.text == f"{day} 00:00:00"


def test_a_midnight_that_was_asked_for_by_the_minute_must_have_been() -> None:
    with pytest.raises(InvalidTime, match="does not exist in Africa/Cairo"):
        parse_time("2026-04-24 00:00", ZoneInfo("Africa/Cairo"))


@pytest.mark.parametrize(
    ("day", "zone"), [("2011-12-30", "Pacific/Apia"), ("1994-12-31", "Pacific/Kiritimati")]
)
def test_a_day_that_was_skipped_has_no_first_moment(day: str, zone: str) -> None:
    with pytest.raises(InvalidTime, match="does not exist"):
        parse_time(day, ZoneInfo(zone))


def test_every_day_of_every_zone_begins_where_the_day_before_ends() -> None:
    """Each first moment is of that day, and the second before it of the day before."""
    days = [dt.date(2018, 1, 1) + dt.timedelta(n) for n in range(2 * 365)]
    second, checked = dt.timedelta(seconds=1), 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for day in days:
            midnight = dt.datetime.combine(day, dt.time())
            if midnight == midnight.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(
                zone
            ).replace(tzinfo=None):
                continue
            time = parse_time(day.isoformat(), zone).time
            assert time.astimezone(zone).date() == day, (name, day)
            assert (time - second).astimezone(zone).date() == day - dt.timedelta(1), (name, day)
            checked += 1
    assert checked > 10
