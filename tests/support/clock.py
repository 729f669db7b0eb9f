"""The clock of a test: time stands where the test puts it."""

import datetime as dt

import pytest
from django.utils import timezone

DAY = dt.timedelta(days=1)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    """From now on it is `moment` for whoever asks `timezone.now()`."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


def last_second_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59, 59), dt.UTC)
