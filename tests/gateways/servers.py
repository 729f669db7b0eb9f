"""Small servers beside a gateway: the service behind it, and what misbehaves in place of the console."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.gateways.sent import lenient


@dataclass(frozen=True)
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Of all headers that a lenient server could take for `name`."""
        wanted = lenient(name)
        return [value for each, value in self.headers if lenient(each) == wanted]


Answer = tuple[int, dict[str, str], bytes]


def welcome(seen: Seen) -> Answer:
    return 200, {}, b"served"


@dataclass
class Server:
    """Answers as `answer` says and keeps what it got."""

    answer: Callable[[Seen], Answer] = welcome
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    port: int = 0


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def setup(self) -> None:
            server.connections += 1
            super().setup()

        def take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b"".join(chunks(self.rfile))
            seen = Seen(self.command, self.path, list(self.headers.items()), body)
            server.seen.append(seen)
            status, headers, content = server.answer(seen)
            if not status:  # hangs up
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = take  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def chunks(stream: Any) -> Iterator[bytes]:
    while size := int(stream.readline().split(b";")[0], 16):
        yield stream.read(size)
        stream.readline()
    while stream.readline().strip():  # trailers
        pass


@contextmanager
def served(answer: Callable[[Seen], Answer] = welcome) -> Iterator[Server]:
    server = Server(answer)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server)) as listening:
        listening.daemon_threads = True
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        listening.shutdown()
