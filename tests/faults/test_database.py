"""Requests while the database is restarted or frozen: never a defect, never long, well again by itself."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from keys.verification.last_used import FLUSH_SECONDS
from tests.faults.console import Console, wait_until
from tests.faults.postgres import Postgres

pytestmark = pytest.mark.postgresql
THREADS = 4
# What a person waits for at most: until the freeze is noticed, and one attempt to connect.
LONGEST = 6.0
FROZEN_SECONDS = 12.0
UNKNOWN_LINK = "/invitations/nothing/"
PAGES = ("/accounts/login/", UNKNOWN_LINK, "/v1/projects", "/v1/auth", "/readyz")


@dataclass(frozen=True)
class Answer:
    path: str
    status: int
    began: float
    seconds: float


@dataclass
class Traffic:
    answers: list[Answer] = field(default_factory=list)

    def statuses(self, *, since: float = 0) -> Counter[int]:
        return Counter(answer.status for answer in self.answers if answer.began >= since)


@contextmanager
def traffic(console: Console, *paths: str, clients: int = 8) -> Iterator[Traffic]:
    """Clients that each send the requests in turn, until the block is left."""
    seen, over = Traffic(), threading.Event()

    def send() -> None:
        while not over.is_set():
            for path in paths:
                began = time.monotonic()
                status = console.fetch(path, bearer=BEARERS.get(path, ""))[0]
                seen.answers.append(Answer(path, status, began, time.monotonic() - began))
                time.sleep(0.1)

    threads = [threading.Thread(target=send) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


# Well-formed, so that the database is asked about it.
BEARERS: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def web(console: Console) -> Iterator[None]:
    key = console.shell(
        "from keys.formats import Prefix, new_secret; print(new_secret(Prefix.PROJECT_KEY))"
    )
    BEARERS.update(dict.fromkeys(("/v1/projects", "/v1/auth"), key))
    with console.web(threads=THREADS):
        yield


def expected(path: str) -> int:
    return 401 if path in BEARERS else 404 if path == UNKNOWN_LINK else 200


def visit_every_thread(console: Console, *paths: str) -> Counter[int]:
    """Asks from as many clients as there are threads, several times. Returns the wrong answers."""
    with traffic(console, *paths, clients=THREADS) as seen:
        time.sleep(2)
    wrong = [answer for answer in seen.answers if answer.status != expected(answer.path)]
    return Counter(answer.status for answer in wrong)


@pytest.mark.parametrize("path", PAGES)
def test_no_thread_fails_once_the_database_is_back(
    console: Console, postgres: Postgres, path: str
) -> None:
    """Each kind of request alone: a page would profit from a thread that a gateway's request healed."""
    assert visit_every_thread(console, path) == {}
    postgres.restart()
    assert visit_every_thread(console, path) == {}


def test_uses_of_a_credential_are_written_once_the_database_is_back(
    console: Console, postgres: Postgres
) -> None:
    credential = console.manage("create_service_credential", "gateway").split()[-1]
    body = {"key": BEARERS["/v1/auth"]}
    assert console.fetch("/v1/keys/verify", bearer=credential, body=body)[0] == 200
    postgres.stop()
    time.sleep(FLUSH_SECONDS + 1)
    postgres.start()
    used = "SELECT count(last_used_at) FROM keys_servicecredential"
    wait_until(lambda: postgres.query(used) == [(1,)])


def test_a_restart_under_load_is_503_at_most(console: Console, postgres: Postgres) -> None:
    with traffic(console, *PAGES) as seen:
        time.sleep(1)
        postgres.restart()
        back = time.monotonic()
        time.sleep(3)
    assert set(seen.statuses()) <= {200, 401, 404, 503}
    assert set(seen.statuses(since=back)) == {200, 401, 404}


def test_a_frozen_database_holds_no_request_for_long(console: Console, postgres: Postgres) -> None:
    """`/healthz` is answered all the time, and new requests at once when the freeze was noticed."""
    with traffic(console, *PAGES) as pages, traffic(console, "/healthz", clients=1) as health:
        time.sleep(1)
        with postgres.frozen():
            frozen = time.monotonic()
            time.sleep(FROZEN_SECONDS)
        wait_until(lambda: console.fetch("/readyz")[0] == 200)
        back = time.monotonic()
        time.sleep(2)
    assert set(pages.statuses()) <= {200, 401, 404, 503}
    assert max(answer.seconds for answer in pages.answers) < LONGEST * 2  # some wait for a thread
    noticed = [
        answer
        for answer in pages.answers
        if frozen + LONGEST * 2 < answer.began < frozen + FROZEN_SECONDS - 1
    ]
    assert all(answer.status == 503 and answer.seconds < 1 for answer in noticed)
    assert set(pages.statuses(since=back)) == {200, 401, 404}
    outages = [line for line in console.lines("web") if line["event"] != "request"]
    assert all(line["level"] == "warning" for line in outages)
    assert any("/v1/auth (the server" in line["event"] for line in outages)
    assert health.statuses() == {200: len(health.answers)}
    assert max(answer.seconds for answer in health.answers) < 1
