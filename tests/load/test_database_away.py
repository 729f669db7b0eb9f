"""While the database is away no key is accepted and no answer is a defect; back, all is as before."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.load.browser import Browser
from tests.load.clients import asking
from tests.load.server import Server, serving
from tests.support.postgres import query_server
from tests.world import World

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
]
RECONNECT_SECONDS = 60.0
CUTS = 6
# The server that the other tests share keeps connections that nobody uses meanwhile: they do not count.
OWN = "datname = '{name}' AND backend_start > '{since}'"
STARTED = ""


@pytest.fixture(scope="module")
def own_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    global STARTED  # noqa: PLW0603  (of the one server that this module has)
    STARTED = query_server("SELECT clock_timestamp()")[0]
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(world: World, own_server: Server) -> Server:
    """Not that of the other modules: its threads are left with lost connections."""
    return own_server


def own_connections() -> str:
    """The condition for the connections that were made since this module's server started."""
    return OWN.format(name=settings.DATABASES["default"]["NAME"], since=STARTED)


def connected() -> int:
    """How many of them there are."""
    return int(query_server(f"SELECT count(*) FROM pg_stat_activity WHERE {own_connections()}")[0])


def wait_for(number: int) -> None:
    """Until so many are there again: a request that just makes its second one must not lose that too."""
    deadline = time.monotonic() + RECONNECT_SECONDS
    while connected() < number:
        assert time.monotonic() < deadline, "the server's threads do not come back"
        time.sleep(0.02)


def end_connections() -> None:
    query_server(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {own_connections()}"
    )


@contextmanager
def database_away() -> Iterator[None]:
    """It takes no connections, and those there were are gone."""
    name = connection.ops.quote_name(settings.DATABASES["default"]["NAME"])
    connections.close_all()
    query_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    end_connections()
    try:
        yield
    finally:
        query_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


# First, while no thread of the server has a connection that an earlier test has cut.
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


def test_a_request_that_loses_two_connections_may_be_sent_again(
    world: World, server: Server
) -> None:
    keys = [world.key_secret, world.key_secret]
    with asking(server, *keys) as gateways:
        for _ in range(CUTS):
            connections.close_all()
            time.sleep(0.3)
            # A thread may be making its connection anew just now, because of the cut before.
            end_connections()
        time.sleep(0.3)
    assert {asked.status for asked in gateways.asked} <= {200, 503}
    unavailable = [asked for asked in gateways.asked if asked.status == 503]
    assert all(asked.may_retry for asked in unavailable)
    assert len(unavailable) <= CUTS * len(keys), "more than one request was lost with a connection"
