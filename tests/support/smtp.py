"""Mail servers as they are in life: one that works, one that hangs, one that refuses, one that is away."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

Received = list[tuple[str, str]]


class Server(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP; `received` are (address, message), `connections` counts who came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *, refuses: str = "", hangs: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.refuses, self.hangs = refuses, hangs
        self.received: Received = []
        self.connections = 0
        self.ended = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Conversation(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        if self.server.hangs:
            self.server.ended.wait(30)
            return
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            if not self.answer(line):
                return

    def answer(self, line: str) -> bool:
        """Whether the conversation goes on."""
        word = line.split(" ", maxsplit=1)[0].split(":", maxsplit=1)[0].upper()
        if word == "RCPT":
            self.address = line.split("<")[1].split(">", maxsplit=1)[0]
            self.say(self.server.refuses or "250 ok")
        elif word == "DATA":
            self.say("354 go on")
            body = b"".join(iter(self.rfile.readline, b".\r\n"))
            self.server.received.append((self.address, body.decode()))
            self.say("250 ok")
        else:
            self.say("221 bye" if word == "QUIT" else "250 ok")
        return word != "QUIT"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(*, refuses: str = "", hangs: bool = False) -> Iterator[Server]:
    """A server on a free loopback port until the block ends."""
    server = Server(refuses=refuses, hangs=hangs)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def dead_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
