"""Clients that ask a server as fast as it answers: raw keep-alive sockets in processes of their own.

Asking costs a few microseconds, so that on two cores the clients leave the servers most of them.
"""

import itertools
import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END_OF_HEAD, LAST_CHUNK = b"\r\n\r\n", b"0\r\n\r\n"


@dataclass(frozen=True)
class Question:
    """A request with a place for a key, and the status it is answered with. Keys are of one length."""

    head: bytes
    tail: bytes
    status: int

    def about(self, key: bytes) -> bytes:
        return self.head + key + self.tail


def question(
    what: str, *, key_length: int, authorization: str, body: str = "", status: int = 200
) -> Question:
    """`{key}` stands in the Authorization header or in the body."""
    headers = [f"{what} HTTP/1.1", f"Host: {HOST}", f"Authorization: {authorization}"]
    if body:
        length = len(body.replace("{key}", "x" * key_length))
        headers += ["Content-Type: application/json", f"Content-Length: {length}"]
    head, tail = "\r\n".join([*headers, "", body]).encode().split(b"{key}")
    return Question(head, tail, status)


@dataclass
class Tally:
    """What one client saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)  # seconds, one for each answer


class Line:
    """One connection with at most one question under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self.received = b""

    def ask(self, request: bytes) -> None:
        self.received, self.asked_at = b"", time.perf_counter()
        self.socket.sendall(request)

    def listen(self) -> bool:
        """Takes what has come; whether the answer is whole."""
        part = self.socket.recv(65_536)
        if not part:
            raise ConnectionError("the server hung up")
        self.received += part
        head, found, body = self.received.partition(END_OF_HEAD)
        if not found:
            return False
        length = LENGTH.search(head)
        return len(body) >= int(length[1]) if length else body.endswith(LAST_CHUNK)

    def status(self) -> int:
        return int(self.received[9:12])

    def answer_time(self, request: bytes) -> float:
        """Asks and waits for the answer: in how many seconds it came."""
        self.ask(request)
        while not self.listen():
            pass
        return time.perf_counter() - self.asked_at


def drive(wanted: Question, port: int, keys: list[bytes], lines: int, seconds: float) -> Tally:
    """Asks about `keys` in turn over `lines` connections for so long.

    ValueError for an answer that is not the expected one: its time would mean nothing.
    """
    tally, supply = Tally(), itertools.cycle(keys)
    with selectors.DefaultSelector() as selector:
        started = time.perf_counter()
        for _ in range(lines):
            line = Line(port)
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.ask(wanted.about(next(supply)))
        while selector.get_map():
            for line in answered(selector):
                now = time.perf_counter()
                tally.latencies.append(now - line.asked_at)
                if line.status() != wanted.status:
                    raise ValueError(line.received.decode(errors="replace"))
                if now - started < seconds:
                    line.ask(wanted.about(next(supply)))
                else:
                    selector.unregister(line.socket)
                    line.socket.close()
        tally.seconds = time.perf_counter() - started
    return tally


def answered(selector: selectors.BaseSelector) -> Iterator[Line]:
    for ready, _ in selector.select():
        if ready.data.listen():
            yield ready.data
