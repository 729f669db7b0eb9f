"""A worker that loses its database or its mail server waits, and goes on by itself."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.console import Console, wait_until
from tests.faults.postgres import Postgres
from tests.support.smtp import Server

pytestmark = pytest.mark.postgresql
# Longer than the worker takes to notice that the database is away.
AWAY_SECONDS = 4.0


@pytest.fixture(scope="module")
def worker(console: Console) -> Iterator[Any]:
    with console.worker() as process:
        yield process


def queue_mail(console: Console, subject: str) -> None:
    console.shell(
        "from accounts.outbox import queue_text;"
        f"queue_text('somebody@outside.example', '{subject}', 'Hello')"
    )


def events(console: Console) -> list[str]:
    return [line["event"] for line in console.lines("worker")]


def wait_for_mail(mail_server: Server, console: Console, subject: str) -> None:
    wait_until(
        lambda: any(subject in body for _, body in mail_server.received), console.log("worker")
    )


def test_it_goes_on_after_a_restart_of_the_database(
    console: Console, postgres: Postgres, mail_server: Server, worker: Any
) -> None:
    queue_mail(console, "Before the restart")
    wait_for_mail(mail_server, console, "Before the restart")
    postgres.restart()
    queue_mail(console, "After the restart")
    wait_for_mail(mail_server, console, "After the restart")
    assert worker.poll() is None


def test_it_waits_for_a_database_that_is_away(
    console: Console, postgres: Postgres, mail_server: Server, worker: Any
) -> None:
    postgres.stop()
    time.sleep(AWAY_SECONDS)
    assert worker.poll() is None
    postgres.start()
    queue_mail(console, "After it was away")
    wait_for_mail(mail_server, console, "After it was away")
    wait_until(lambda: "the database is back" in events(console), console.log("worker"))
    # Once for each outage, however long it is.
    assert events(console).count("waiting for the database") <= 2


def test_it_goes_on_after_the_database_was_frozen(
    console: Console, postgres: Postgres, mail_server: Server, worker: Any
) -> None:
    with postgres.frozen():
        time.sleep(AWAY_SECONDS)
    queue_mail(console, "After it was frozen")
    wait_for_mail(mail_server, console, "After it was frozen")
    assert worker.poll() is None


def test_it_writes_its_heartbeat_again(console: Console, postgres: Postgres, worker: Any) -> None:
    postgres.query("UPDATE worker_heartbeats SET beaten = 0 WHERE part = 'tasks'")
    beaten = "SELECT beaten > 0 FROM worker_heartbeats WHERE part = 'tasks'"
    wait_until(lambda: postgres.query(beaten) == [(True,)])


def test_a_worker_that_waits_can_be_stopped(console: Console, postgres: Postgres) -> None:
    with console.worker() as process:
        postgres.stop()
        try:
            time.sleep(AWAY_SECONDS)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            postgres.start()
