"""When the parts of a worker last did something, so that a missing worker is noticed.

The rows are in a table beside the rate limits. It needs no migrations or backups, since its rows may be lost.
"""

import time

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from keys.limits import choose_database

TASKS, CHORES = "tasks", "chores"
BEAT_SECONDS = 20.0
# A part of a worker is missing after this time. A single task or chore must not take longer.
MISSING_SECONDS = 300
CREATE = """CREATE TABLE IF NOT EXISTS worker_heartbeats (
    part varchar(20) NOT NULL PRIMARY KEY, beaten bigint NOT NULL)"""
BEAT = """INSERT INTO worker_heartbeats (part, beaten) VALUES (%s, %s)
    ON CONFLICT (part) DO UPDATE SET beaten = excluded.beaten"""
EXPECT = (
    "INSERT INTO worker_heartbeats (part, beaten) VALUES (%s, %s) ON CONFLICT (part) DO NOTHING"
)
READ = "SELECT part, beaten FROM worker_heartbeats"


class Heartbeat:
    """The heartbeat of one part of this process, written at most every `BEAT_SECONDS`."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.written = float("-inf")

    def beat(self) -> None:
        if time.monotonic() - self.written < BEAT_SECONDS:
            return
        execute(BEAT, self.part)
        self.written = time.monotonic()


def create_table(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CREATE)


def expect_worker() -> None:
    """Counts the time without a worker from now on, unless there has been one."""
    for part in (TASKS, CHORES):
        execute(EXPECT, part)


def now() -> int:
    return int(timezone.now().timestamp())


def execute(statement: str, part: str) -> None:
    with connections[choose_database()].cursor() as cursor:
        cursor.execute(statement, [part, now()])


def find_missing_parts() -> dict[str, int]:
    """Returns the parts that no worker has, each with the seconds since the last one had it."""
    with connections[choose_database()].cursor() as cursor:
        cursor.execute(READ)
        ages = {part: now() - beaten for part, beaten in cursor.fetchall()}
    return {part: age for part, age in sorted(ages.items()) if age > MISSING_SECONDS}
