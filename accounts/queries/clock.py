"""The current time in the conditions of querysets, which may be compiled once and run later."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

STAND_IN_TIME = dt.datetime(2999, 12, 30, 12, 34, 56, 789012, tzinfo=dt.UTC)

_compiling: ContextVar[bool] = ContextVar("compiling", default=False)


def query_time() -> dt.datetime:
    """Returns the current time. While a `Statement` is compiled, a stand-in that it replaces in each run."""
    return STAND_IN_TIME if _compiling.get() else timezone.now()


def query_date() -> dt.date:
    """Returns the current day in UTC, as `query_time` returns the time."""
    return query_time().astimezone(dt.UTC).date()


@contextmanager
def stand_in_time() -> Iterator[None]:
    """Makes `query_time` and `query_date` return stand-ins."""
    token = _compiling.set(True)
    try:
        yield
    finally:
        _compiling.reset(token)
