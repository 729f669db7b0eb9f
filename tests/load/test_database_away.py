"""While the database is away no key is accepted and no answer is a defect; back, all is as before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from tests.load.browser import Browser
from tests.load.clients import asking
from tests.load.server import Server, serving
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("load"),
    pytest.mark.postgresql,
]
RECONNECT_SECONDS = 20.0


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


def administered(statement: str) -> tuple[Any, ...]:
    """Runs a statement from outside, as whoever operates the server would; the first row it gives."""
    given = settings.DATABASES["default"]
    place = f"host={given['HOST']} port={given['PORT']} user={given['USER']} dbname=postgres"
    with psycopg.connect(place, autocommit=True) as other:
        found = other.execute(statement)  # type: ignore[call-overload]
        return found.fetchone() or () if found.description else ()


def connected() -> int:
    """How many connections to the test's database there are."""
    name = settings.DATABASES["default"]["NAME"]
    counted = administered(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'")
    return int(counted[0])


def wait_for(number: int) -> None:
    """Until so many are there again: a request that just makes its second one must not lose that too."""
    deadline = time.monotonic() + RECONNECT_SECONDS
    while connected() < number:
        assert time.monotonic() < deadline, "the server's threads do not come back"
        time.sleep(0.02)


def end_connections() -> None:
    name = settings.DATABASES["default"]["NAME"]
    administered(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@contextmanager
def database_away() -> Iterator[None]:
    """It takes no connections, and those there were are gone."""
    name = connection.ops.quote_name(settings.DATABASES["default"]["NAME"])
    connections.close_all()
    administered(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    end_connections()
    try:
        yield
    finally:
        administered(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_nothing_is_accepted_while_the_database_is_away(world: World, server: Server) -> None:
    browser, bearer = Browser(server, world.owner), {"Authorization": f"Bearer {world.key_secret}"}
    assert browser.get("/v1/auth", **bearer) == ""
    with database_away():
        for _ in range(8):
            said = browser.get("/v1/auth", **bearer)
            assert '"service_unavailable"' in said
        # What needs no database is still answered.
        assert '"malformed"' in browser.get("/v1/auth", Authorization="Bearer pk_x")
    assert browser.get("/v1/auth", **bearer) == ""


def test_a_lost_connection_is_made_anew_without_a_failure(world: World, server: Server) -> None:
    with asking(server, world.key_secret, world.key_secret) as gateways:
        for _ in range(3):
            connections.close_all()
            time.sleep(0.3)
            before = connected()
            end_connections()
            wait_for(before)
    # Those cut off in the middle of their one question are asked again, by the same request.
    assert {one.status for one in gateways.asked} == {200}
