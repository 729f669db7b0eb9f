"""How often a credential, or an address without a good one, may ask: so many times a minute over all workers.

A request is one upsert that also tells how many there were. The table lies beside the cache's, on SQLite in
the same second file, so that no request waits for the main write lock (docs/decisions/0018).
"""

import ipaddress
from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.actors import client_ip
from accounts.web.api.errors import api_error

log = structlog.get_logger("limits")
WINDOW = 60  # seconds
KEPT = 3600  # seconds that a row nobody counted on is kept
LONGEST_SUBJECT = 60
# Lost in a crash of PostgreSQL, and therefore never waited for: counting costs no write to its log.
CREATE = """CREATE {kind} TABLE IF NOT EXISTS rate_windows (
    subject varchar(60) NOT NULL PRIMARY KEY, started bigint NOT NULL, used integer NOT NULL)"""
# A node whose clock is behind counts on in the window that another one has begun.
COUNT = """INSERT INTO rate_windows (subject, started, used) VALUES (%s, %s, 1)
    ON CONFLICT (subject) DO UPDATE SET
        used = CASE WHEN excluded.started > rate_windows.started THEN 1 ELSE rate_windows.used + 1 END,
        started = CASE WHEN excluded.started > rate_windows.started
            THEN excluded.started ELSE rate_windows.started END
    RETURNING used, started"""
FORGET = "DELETE FROM rate_windows WHERE started < %s"
Answer = Callable[[], HttpResponseBase]


class Limit(NamedTuple):
    """`name` is what the headers call it, `setting` where its number is; 0 there is no limit."""

    name: str
    setting: str
    told: str


READS = Limit("reads", "RATE_LIMIT_READ", "This credential asked too often.")
USAGE = Limit("usage", "RATE_LIMIT_USAGE", "This service credential posted too often.")
REFUSALS = Limit(
    "refused", "RATE_LIMIT_REFUSED", "Too many requests without a good credential came from here."
)


class Standing(NamedTuple):
    """How a limit stands after a request was counted: `used` in this window, which ends in `seconds`."""

    limit: Limit
    quota: int
    used: int
    seconds: int

    @property
    def is_over(self) -> bool:
        return self.used > self.quota

    def told_in(self, response: HttpResponseBase) -> HttpResponseBase:
        """With the headers of draft-ietf-httpapi-ratelimit-headers-10."""
        left = max(0, self.quota - self.used)
        response["RateLimit-Policy"] = f'"{self.limit.name}";q={self.quota};w={WINDOW}'
        response["RateLimit"] = f'"{self.limit.name}";r={left};t={self.seconds}'
        return response

    def refusal(self) -> HttpResponseBase:
        wait = f"{self.limit.told} Try again in {self.seconds} s."
        response = api_error(429, wait, code="rate_limited")
        response["Retry-After"] = str(self.seconds)
        return response


def limited(limit: Limit, subject: str, answer: Answer) -> HttpResponseBase:
    """`answer()`, or 429 when the limit is used up; its headers on either."""
    standing = counted(limit, subject)
    if standing is None:
        return answer()
    return standing.told_in(standing.refusal() if standing.is_over else answer())


def refused_at(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponseBase:
    """`refusal` of a request without a good credential, counted for where it came from."""
    return limited(REFUSALS, f"address:{place(client_ip(request))}", lambda: refusal)


def counted(limit: Limit, subject: str) -> Standing | None:
    """Counts one request. None without a limit, and when the table does not answer: what cannot be
    counted is let through, for the limits share the console out and keep nobody out of it."""
    quota = getattr(settings, limit.setting)
    if not quota:
        return None
    now = int(timezone.now().timestamp())
    try:
        with connections[alias()].cursor() as cursor:
            cursor.execute(COUNT, [subject[:LONGEST_SUBJECT], now - now % WINDOW])
            used, started = cursor.fetchone()
    except (OperationalError, InterfaceError) as error:
        log.warning("not counted", limit=limit.name, error=type(error).__name__)
        return None
    return Standing(limit, quota, used, max(1, started + WINDOW - now))


def place(ip: str) -> str:
    """Whose address it is: of IPv6 the 64 bits that one customer has."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def alias() -> str:
    """The database whose table counts: the cache's own file where there is one."""
    return "cache" if "cache" in settings.DATABASES else DEFAULT_DB_ALIAS


def create_table(connection: BaseDatabaseWrapper) -> None:
    kind = "UNLOGGED" if connection.vendor == "postgresql" else ""
    run(connection, CREATE.format(kind=kind))


def forget_windows() -> int:
    """Deletes the rows of those who have not asked for an hour."""
    return run(connections[alias()], FORGET, int(timezone.now().timestamp()) - KEPT)


def run(connection: BaseDatabaseWrapper, statement: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
