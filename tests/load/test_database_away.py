"""While the database is away no key is accepted and no answer is a defect; back, all is as before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from tests.load.browser import Browser
from tests.load.clients import asking
from tests.load.server import Server
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("load"),
    pytest.mark.postgresql,
]


def administered(statement: str) -> None:
    """Runs a statement from outside, as whoever operates the server would."""
    given = settings.DATABASES["default"]
    place = f"host={given['HOST']} port={given['PORT']} user={given['USER']} dbname=postgres"
    with psycopg.connect(place, autocommit=True) as other:
        other.execute(statement)  # type: ignore[call-overload]


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
            end_connections()
            time.sleep(1)  # or one request could lose both of its connections
    # Those cut off in the middle of their one question are asked again, by the same request.
    assert {one.status for one in gateways.asked} == {200}
