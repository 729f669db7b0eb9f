"""Counts the requests of limited keys and projects: all windows of a request at once, or none of them.

The windows are rows of `rate_windows` (keys/limits.py), which is where the cache is. Without that database
requests are let through: what they may cost is the matter of budgets.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import structlog
from django.db import InterfaceError, OperationalError, connections, transaction
from django.utils import timezone

from keys.limits import DAY_PREFIX, choose_database
from keys.verification.rules import Rules

log = structlog.get_logger("limits")
MINUTE, DAY = 60, 24 * 60 * 60
PER_MINUTE, PER_DAY = "requests_per_minute", "requests_per_day"
# A node whose clock is behind counts in the window that another one has begun, which is the next one at
# most. A later one is left over from a clock that was set back: it ends now.
CURRENT = "{stored}.started BETWEEN {now}.started AND {now}.started + {span}"
IS_DAY = f"substr(excluded.subject, 1, {len(DAY_PREFIX)}) = '{DAY_PREFIX}'"
SPAN = f"(CASE WHEN {IS_DAY} THEN {DAY} ELSE {MINUTE} END)"
STORED_NOW = CURRENT.format(stored="rate_windows", now="excluded", span=SPAN)
# In the order of the subjects, so that requests which share some of them cannot deadlock.
COUNT = f"""WITH requested (subject, started, span, quota) AS (VALUES {{values}})
    INSERT INTO rate_windows (subject, started, used)
    SELECT requested.subject, requested.started, 1 FROM requested
    WHERE NOT EXISTS (SELECT 1 FROM rate_windows w, requested a WHERE w.subject = a.subject
        AND w.used >= a.quota AND {CURRENT.format(stored="w", now="a", span="a.span")})
    ORDER BY requested.subject
    ON CONFLICT (subject) DO UPDATE SET
        used = CASE WHEN {STORED_NOW} THEN rate_windows.used + 1 ELSE 1 END,
        started = CASE WHEN {STORED_NOW} THEN rate_windows.started ELSE excluded.started END
    RETURNING subject, used, started"""  # noqa: S608  (constants)
VALUES = "(CAST(%s AS varchar(60)), CAST(%s AS bigint), CAST(%s AS bigint), CAST(%s AS bigint))"
READ = "SELECT subject, used, started FROM rate_windows WHERE subject IN ({values})"


class Window(NamedTuple):
    """A limit of requests in a minute or a day, and the row in which they are counted."""

    name: str
    subject: str
    span: int
    quota: int


class WindowStatus(NamedTuple):
    """How many requests were counted in a window that ends at `ends` in Unix seconds."""

    window: Window
    used: int
    ends: int

    @property
    def remaining(self) -> int:
        return max(0, self.window.quota - self.used)


class RateStatus(NamedTuple):
    """Where the limits of a key stand, after its request was counted or refused.

    `tightest` has, for each name, the window with the fewest requests left.
    """

    is_over: bool
    tightest: tuple[WindowStatus, ...]
    # When the last of the windows ends that are used up, in Unix seconds; 0 if the request was counted.
    opens: int

    def describe(self) -> dict[str, dict[str, Any]]:
        """Returns the limits, what is left of them, and when that is the whole limit again."""
        return {
            "limits": {status.window.name: status.window.quota for status in self.tightest},
            "remaining": {status.window.name: status.remaining for status in self.tightest},
            "reset": {status.window.name: format_time(status.ends) for status in self.tightest},
        }


def format_time(seconds: int) -> str:
    """Returns a time in Unix seconds as RFC 3339."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def list_windows(limits: Sequence[Rules]) -> list[Window]:
    return [window for rules in limits for window in list_own_windows(rules)]


def list_own_windows(rules: Rules) -> Iterator[Window]:
    if rules.per_minute:
        yield Window(PER_MINUTE, f"minute:{rules.subject}", MINUTE, rules.per_minute)
    if rules.per_day:
        yield Window(PER_DAY, f"{DAY_PREFIX}{rules.subject}", DAY, rules.per_day)


def count_request(limits: Sequence[Rules]) -> RateStatus | None:
    """Counts a request in all windows of its limits, in none if one of them is used up.

    Returns None if they have no windows, or if the database does not answer.
    """
    windows = list_windows(limits)
    if not windows:
        return None
    now = int(timezone.now().timestamp())
    try:
        return count_windows(windows, now)
    except (OperationalError, InterfaceError) as error:
        log.warning("not counted", limit="key", error=type(error).__name__)
        return None


def count_windows(windows: Sequence[Window], now: int) -> RateStatus:
    alias = choose_database()
    requested = [(w.subject, now - now % w.span, w.span, w.quota) for w in windows]
    statement = COUNT.format(values=", ".join([VALUES] * len(requested)))
    parameters = [value for row in requested for value in row]
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
        used = {subject: used for subject, used, _ in rows}
        # Another request may have taken the last one since the statement looked (PostgreSQL).
        is_over = any(used.get(w.subject, w.quota + 1) > w.quota for w in windows)
        if is_over:
            transaction.set_rollback(True, using=alias)
    return create_status(windows, read_windows(windows) if is_over else rows, now, is_over=is_over)


def read_windows(windows: Sequence[Window]) -> list[tuple[Any, ...]]:
    """Returns subject, count and start of the windows that have a row."""
    statement = READ.format(values=", ".join(["%s"] * len(windows)))
    with connections[choose_database()].cursor() as cursor:
        cursor.execute(statement, [window.subject for window in windows])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def create_status(
    windows: Sequence[Window], rows: Sequence[tuple[Any, ...]], now: int, *, is_over: bool
) -> RateStatus:
    stored = {subject: (used, started) for subject, used, started in rows}
    statuses = [get_status(window, stored.get(window.subject), now) for window in windows]
    tightest: dict[str, WindowStatus] = {}
    for status in statuses:
        other = tightest.get(status.window.name)
        if other is None or (status.remaining, status.window.quota) < (
            other.remaining,
            other.window.quota,
        ):
            tightest[status.window.name] = status
    # A window that another request used up at this moment may have ended since it was read.
    opens = max((status.ends for status in statuses if not status.remaining), default=now + 1)
    return RateStatus(is_over, tuple(tightest.values()), opens if is_over else 0)


def get_status(window: Window, stored: tuple[int, int] | None, now: int) -> WindowStatus:
    start = now - now % window.span
    used, started = stored or (0, start)
    if not start <= started <= start + window.span:
        used, started = 0, start
    return WindowStatus(window, used, started + window.span)
