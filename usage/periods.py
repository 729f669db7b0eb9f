"""Periods of UTC days."""

import datetime as dt
from typing import NamedTuple

from accounts.web.formatting import format_day


class Period(NamedTuple):
    """UTC days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The first moment of the period and the first moment after it."""
        return midnight(self.start), midnight(self.end + dt.timedelta(days=1))

    @property
    def label(self) -> str:
        """The period as people write it: 1 – 30 Nov 2026."""
        if self.start == self.end:
            return format_day(self.end)
        first = format_day(self.start)
        if self.start.year == self.end.year:
            same_month = self.start.month == self.end.month
            first = str(self.start.day) if same_month else f"{self.start.day} {self.start:%b}"
        return f"{first} – {format_day(self.end)}"

    def each_day(self) -> list[dt.date]:
        return [self.start + dt.timedelta(days=number) for number in range(self.days)]


def midnight(day: dt.date) -> dt.datetime:
    """Returns the first moment of a UTC day."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)
