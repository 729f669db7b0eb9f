"""The version before goes on serving while the migrations of this one run on its database.

On PostgreSQL nothing may be refused or fail meanwhile. SQLite has one writer, so there a write may be asked
to come again (503) for as long as the migrations hold the database; reads go on.
"""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.upgrade.installation import (
    Installation,
    fetch,
    previous_installation,
    previous_secrets,
)

pytestmark = pytest.mark.django_db
SECONDS_BEFORE_AND_AFTER = 1.0


@contextmanager
def requests(port: int, key: str) -> Iterator[Counter[tuple[str, int]]]:
    """Counts (path, status) of requests sent without a pause until the block is left."""
    secrets, seen, over = previous_secrets(), Counter[tuple[str, int]](), threading.Event()

    def send() -> None:
        for number in range(1_000_000):
            if over.is_set():
                return
            for method, path, body, bearer in (
                ("GET", "/v1/auth", None, secrets["live"]),
                ("GET", "/accounts/login/", None, ""),
                ("GET", "/readyz", None, ""),
                ("POST", "/v1/usage/events", event(number, key), secrets["credential"]),
            ):
                seen[path, fetch(port, method, path, body, bearer)] += 1

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@contextmanager
def forbidden_writes(installation: Installation) -> Iterator[Counter[str]]:
    """Counts how often audit events could be deleted, which a trigger refuses, until the block is left."""
    seen, over = Counter[str](), threading.Event()

    def try_to_write() -> None:
        while not over.is_set():
            try:
                installation.query("DELETE FROM accounts_auditevent")
                seen["allowed"] += 1
            except (psycopg.errors.CheckViolation, sqlite3.IntegrityError):
                seen["refused"] += 1
            except sqlite3.OperationalError:
                seen["busy"] += 1

    thread = threading.Thread(target=try_to_write)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def event(number: int, key: str) -> dict[str, Any]:
    return {
        "events": [
            {
                "id": f"upgrade-{number}",
                "time": datetime.now(UTC).isoformat(),
                "product": "code-interpreter",
                "line_item": "sessions",
                "quantity": "1",
                "unit": "session",
                "api_key_id": key,
            }
        ]
    }


def test_the_version_before_serves_while_this_one_migrates(tmp_path: Path) -> None:
    with previous_installation(tmp_path) as previous:
        previous.prepare()
        [(key,)] = previous.query("SELECT public_id FROM keys_apikey WHERE name = 'Upgrade, live'")
        with (
            previous.serving() as port,
            requests(port, key) as seen,
            forbidden_writes(previous) as writes,
        ):
            time.sleep(SECONDS_BEFORE_AND_AFTER)
            previous.upgraded().prepare()
            time.sleep(SECONDS_BEFORE_AND_AFTER)
        paths = {path for path, _ in seen}
        allowed = {(path, 200) for path in paths}
        if connection.vendor == "sqlite":
            allowed.add(("/v1/usage/events", 503))
        assert set(seen) <= allowed, seen
        assert min(seen[path, 200] for path in paths) > 10, seen
        assert writes["refused"] > 10
        assert not writes["allowed"]
        stored = "SELECT count(*) FROM usage_usagerecord WHERE event_id LIKE 'upgrade-%'"
        assert previous.query(stored) == [(seen["/v1/usage/events", 200],)]
        assert "difference 0" in previous.upgraded().manage("reconcile")
