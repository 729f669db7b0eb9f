"""While what counts for the limits cannot be written to, requests pass."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from keys import limits
from tests.keys.helpers.api_client import call
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def locked() -> Iterator[None]:
    """Somebody else holds the table, and this process soon stops waiting for it."""
    ours, other = (
        connections[limits.choose_database()],
        connections[limits.choose_database()].copy(),
    )
    is_sqlite = ours.vendor == "sqlite"
    patience = "PRAGMA busy_timeout = {}" if is_sqlite else "SET lock_timeout = {}"
    try:
        with other.cursor() as cursor:
            for statement in ["BEGIN IMMEDIATE"] if is_sqlite else ["BEGIN", "LOCK rate_windows"]:
                cursor.execute(statement)
            ours.cursor().execute(patience.format(50))
            yield
            cursor.execute("ROLLBACK")
    finally:
        ours.cursor().execute(patience.format(5000 if is_sqlite else 0))
        other.close()


def test_what_cannot_be_counted_is_let_through(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with locked():
        answer = call("/v3/whoami", world.key_secret)
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    assert "not counted" in caplog.text
    assert call("/v3/whoami", world.key_secret)["RateLimit"].startswith('"reads";r=599;')
