"""Gateways at full speed: processes that ask about a key as fast as they can, and note every answer."""

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.load.server import Server

ON_ONE_CONNECTION = 50
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Asked:
    """One request: when it began and ended (on the clock all processes share) and its status.

    `may_retry` says that a refusal had a Retry-After.
    """

    began: float
    ended: float
    status: int
    may_retry: bool = False


@dataclass
class Gateways:
    """The processes while they run, and afterwards what they noted."""

    stop: Any = field(default_factory=FORK.Event)
    asked: list[Asked] = field(default_factory=list)

    def after(self, moment: float) -> list[Asked]:
        return [one for one in self.asked if one.began > moment]

    def before(self, moment: float) -> list[Asked]:
        """Those that were answered by then: one under way may rightly meet what happens after."""
        return [one for one in self.asked if one.ended < moment]


def ask_for_ever(server: Server, key: str, stop: Any, notes: Any) -> None:
    """Sends GET /v1/auth until told to stop, then hands its notes over.

    It connects anew now and then, so that every worker of the server is asked.
    """
    request = (
        f"GET /v1/auth HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    ).encode()
    noted: list[tuple[float, float, int, bool]] = []
    while not stop.is_set():
        with server.connect() as connection:
            for _ in range(ON_ONE_CONNECTION):
                began = time.monotonic()
                connection.sendall(request)
                head = head_of(connection)
                status = int(head.split(b" ", 2)[1])
                may_retry = status == 503 and b"retry-after:" in head.lower()
                noted.append((began, time.monotonic(), status, may_retry))
    notes.send(noted)


def status_of(connection: socket.socket) -> int:
    """Reads one whole answer."""
    return int(head_of(connection).split(b" ", 2)[1])


def head_of(connection: socket.socket) -> bytes:
    """The status line and headers of one answer, which is read to its end."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    missing = int(lengths[0].split(b":")[1]) - len(body)
    while missing > 0:
        missing -= len(received(connection))
    return head


def received(connection: socket.socket) -> bytes:
    part = connection.recv(65536)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part


@contextmanager
def asking(server: Server, *keys: str) -> Iterator[Gateways]:
    """A process for each of `keys`; what they noted is there after the block."""
    gateways = Gateways()
    running = []
    for key in keys:
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=ask_for_ever, args=(server, key, gateways.stop, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
    try:
        yield gateways
    finally:
        gateways.stop.set()
        for process, ours in running:
            gateways.asked += [Asked(*note) for note in ours.recv()]
            process.join(20)
