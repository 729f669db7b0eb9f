"""Counts requests for each credential, person and IP address over all workers, and enforces limits.

Counting is one upsert, which also returns the count. Its table is where the cache's is, on SQLite in the same
second file, so that no request waits for the main write lock (docs/decisions/0018).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.web.api.errors import api_error
from accounts.web.client_ip import get_client_ip, get_client_network

log = structlog.get_logger("limits")
RETENTION = 3600  # seconds that a window is kept after it began
# Windows of a day have subjects that begin so, and are kept for longer.
DAY_PREFIX = "day:"
DAY_RETENTION = 3 * 24 * 3600
MAX_SUBJECT_LENGTH = 60
# Unlogged on PostgreSQL: a crash may empty it, but counting never waits for the write-ahead log.
CREATE = """CREATE {kind} TABLE IF NOT EXISTS rate_windows (
    subject varchar(60) NOT NULL PRIMARY KEY, started bigint NOT NULL, used integer NOT NULL)"""
# A node whose clock is behind keeps counting in the window that another node has begun.
ADD = """ON CONFLICT (subject) DO UPDATE SET
        used = CASE WHEN excluded.started > rate_windows.started
            THEN excluded.used ELSE rate_windows.used + excluded.used END,
        started = CASE WHEN excluded.started > rate_windows.started
            THEN excluded.started ELSE rate_windows.started END
    RETURNING used, started, subject"""
COUNT = f"INSERT INTO rate_windows (subject, started, used) VALUES (%s, %s, 1) {ADD}"  # noqa: S608
# A subject over its own quota does not use up the quota that it shares with others. Its row comes last:
# SQLite inserts one row after the other, so the first still sees how much was used before.
COUNT_TWICE = f"""INSERT INTO rate_windows (subject, started, used) VALUES
    (%s, %s, CASE WHEN EXISTS (SELECT 1 FROM rate_windows w
        WHERE w.subject = %s AND w.started >= %s AND w.used >= %s) THEN 0 ELSE 1 END),
    (%s, %s, 1)
    {ADD}"""  # noqa: S608  (constants, as above)
READ = "SELECT used, started FROM rate_windows WHERE subject = %s AND started >= %s"
DELETE = f"""DELETE FROM rate_windows WHERE started < %s
    AND (substr(subject, 1, {len(DAY_PREFIX)}) <> '{DAY_PREFIX}' OR started < %s)"""  # noqa: S608


class Limit(NamedTuple):
    """A quota of requests in `window` seconds, from the setting named `setting` or fixed; 0 means no limit.

    `name` is what the headers call it, `refusal` what a refused request is answered with.
    """

    name: str
    refusal: str
    setting: str = ""
    fixed_quota: int = 0
    window: int = 60

    @property
    def quota(self) -> int:
        return int(getattr(settings, self.setting)) if self.setting else self.fixed_quota


READS = Limit("reads", "This credential sent too many requests.", "RATE_LIMIT_READ")
PERSON = Limit(
    "person", "Your tokens and terminals together sent too many requests.", "RATE_LIMIT_PERSON"
)
ORGANIZATION = Limit(
    "organization",
    "The API keys of your organization together sent too many requests.",
    "RATE_LIMIT_ORGANIZATION",
)
TOKENS = Limit("tokens", "Your IP address sent too many requests for tokens.", "RATE_LIMIT_TOKENS")
USAGE = Limit("usage", "This service credential sent too many requests.", "RATE_LIMIT_USAGE")
REFUSALS = Limit(
    "refused",
    "Your IP address sent too many requests without a valid credential.",
    "RATE_LIMIT_REFUSED",
)


class LimitStatus(NamedTuple):
    """How many requests were `used` in the current window, which ends in `seconds`."""

    limit: Limit
    quota: int
    used: int
    seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.quota - self.used)

    @property
    def is_over(self) -> bool:
        """Whether a request that was just counted is one too many."""
        return self.used > self.quota

    @property
    def is_used_up(self) -> bool:
        """Whether the next request would be one too many."""
        return self.used >= self.quota

    def add_headers(self, response: HttpResponseBase) -> HttpResponseBase:
        """Adds the headers of draft-ietf-httpapi-ratelimit-headers-10 to `response` and returns it."""
        response["RateLimit-Policy"] = f'"{self.limit.name}";q={self.quota};w={self.limit.window}'
        response["RateLimit"] = f'"{self.limit.name}";r={self.remaining};t={self.seconds}'
        return response

    def create_refusal(self) -> HttpResponseBase:
        """Returns a 429 that says when to try again."""
        message = f"{self.limit.refusal} Try again in {self.seconds} s."
        response = api_error(429, message, code="rate_limited")
        response["Retry-After"] = str(self.seconds)
        return response


def enforce_limit(
    limit: Limit, subject: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Counts a request of `subject` and returns `answer()`, or 429 above the limit, with the headers."""
    status = count_request(limit, subject)
    if status is None:
        return answer()
    return status.add_headers(status.create_refusal() if status.is_over else answer())


def count_refusal(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponseBase:
    """Counts a request without a valid credential for its IP address.

    Returns `refusal`, or 429 above the limit.
    """
    return enforce_limit(REFUSALS, identify_address(request), lambda: refusal)


def count_request(limit: Limit, subject: str) -> LimitStatus | None:
    """Counts one request of `subject`. Returns None if there is no limit, or if the database does not answer.

    What cannot be counted is let through: limits share the console fairly, they do not decide who gets in.
    """
    return query_status(COUNT, limit, subject)


def count_request_twice(own: tuple[Limit, str], shared: tuple[Limit, str]) -> LimitStatus | None:
    """Counts one request for a limit of its subject's own and, if within it, for one that others share.

    Returns the status of the limit with fewer requests left. Both have windows of the same length. If one
    of them is no limit, the other still is.
    """
    (own_limit, own_subject), (shared_limit, shared_subject) = own, shared
    if not own_limit.quota or not shared_limit.quota:
        return count_request(*(own if own_limit.quota else shared))
    now = int(timezone.now().timestamp())
    start = now - now % own_limit.window
    counted_before = [own_subject, start, own_limit.quota]
    both = [shared_subject, start, *counted_before, own_subject, start]
    rows = fetch(COUNT_TWICE, both, own_limit)
    if rows is None:
        return None
    used = {subject: (used, started) for used, started, subject in rows}
    statuses = [make_status(limit, used[subject], now) for limit, subject in (own, shared)]
    return min(statuses, key=lambda status: status.quota - status.used)


def read_status(limit: Limit, subject: str) -> LimitStatus | None:
    """Returns the same as `count_request` without counting a request."""
    return query_status(READ, limit, subject)


def query_status(statement: str, limit: Limit, subject: str) -> LimitStatus | None:
    if not limit.quota:
        return None
    now = int(timezone.now().timestamp())
    start = now - now % limit.window
    rows = fetch(statement, [subject[:MAX_SUBJECT_LENGTH], start], limit)
    return None if rows is None else make_status(limit, (rows or [(0, start)])[0], now)


def fetch(statement: str, parameters: list[Any], limit: Limit) -> list[tuple[Any, ...]] | None:
    """Returns the rows of the statement; None, with a log line, if the database does not answer."""
    try:
        with connections[choose_database()].cursor() as cursor:
            cursor.execute(statement, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    except (OperationalError, InterfaceError) as error:
        log.warning("not counted", limit=limit.name, error=type(error).__name__)
        return None


def make_status(limit: Limit, row: tuple[Any, ...], now: int) -> LimitStatus:
    used, started = row[:2]
    return LimitStatus(limit, limit.quota, used, max(1, started + limit.window - now))


def identify_address(request: HttpRequest) -> str:
    """Returns the subject of limits by IP address."""
    return f"address:{get_client_network(get_client_ip(request))}"


def choose_database() -> str:
    """Returns the alias of the database that counts: the cache's own file if there is one."""
    return "cache" if "cache" in settings.DATABASES else DEFAULT_DB_ALIAS


def create_table(connection: BaseDatabaseWrapper) -> None:
    kind = "UNLOGGED" if connection.vendor == "postgresql" else ""
    execute(connection, CREATE.format(kind=kind))


def delete_old_windows() -> int:
    """Deletes the windows that began more than an hour ago, of days three days ago. Returns how many."""
    now = int(timezone.now().timestamp())
    oldest = (now - RETENTION, now - DAY_RETENTION)
    return execute(connections[choose_database()], DELETE, *oldest)


def execute(connection: BaseDatabaseWrapper, statement: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
