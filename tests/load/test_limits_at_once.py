"""Four workers at full speed: of so many requests in a minute exactly as many pass as the limit says."""

import datetime as dt
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys.limits import READS
from tests.load.clients import status_of
from tests.load.server import Server, serving
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
FORK = multiprocessing.get_context("fork")
PROCESSES, EACH, LIMIT = 4, 60, 100
ON_ONE_CONNECTION = 10
ROOM = 15  # seconds of a minute that one trial may take


@pytest.fixture
def server(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setitem(os.environ, "RATE_LIMIT_READ", str(LIMIT))
    with serving(tmp_path) as server:
        yield server


def statuses(server: Server, key: str) -> list[int]:
    """Connects anew now and then, so that every worker is asked."""
    request = (
        f"GET /v3/whoami HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    ).encode()
    found = []
    for _ in range(EACH // ON_ONE_CONNECTION):
        with server.connect() as connection:
            for _ in range(ON_ONE_CONNECTION):
                connection.sendall(request)
                found.append(status_of(connection))
    return found


def wait_for_room_in_this_minute() -> None:
    left = READS.window - time.time() % READS.window
    if left < ROOM:
        time.sleep(left + 0.1)


def test_exactly_as_many_pass_as_the_limit_says(world: World, server: Server) -> None:
    wait_for_room_in_this_minute()
    began = dt.datetime.now(dt.UTC)
    with FORK.Pool(PROCESSES) as pool:
        told = pool.starmap(statuses, [(server, world.key_secret)] * PROCESSES)
    assert began.minute == dt.datetime.now(dt.UTC).minute, "too slow to show anything"
    found = Counter(status for each in told for status in each)
    assert found == {200: LIMIT, 429: PROCESSES * EACH - LIMIT}
