"""The console behind a real gunicorn, on the database of the running test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
from django.conf import settings
from django.db import connection

from console.bootstrap import end_with_parent
from tests.checks.source import ROOT
from tests.support.postgres import free_port

START_SECONDS = 60.0


@dataclass(frozen=True)
class Server:
    """Where it listens; its log is what it and the application said. `public` is its address when
    that is another one, behind a proxy."""

    port: int
    log: Path
    pids: list[int] = field(default_factory=list)
    public: str = ""

    @property
    def url(self) -> str:
        return self.public or f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """kill -9 of the server and all of its workers, in the middle of whatever they do."""
        master = psutil.Process(self.pids[0])
        for process in (master, *master.children(recursive=True)):
            process.kill()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


@contextmanager
def serving(
    directory: Path, *, workers: int = 4, urlconf: str = "console.urls", public: str = ""
) -> Iterator[Server]:
    """gunicorn with that many workers, until the block is left."""
    server = Server(free_port(), directory / "gunicorn.log", public=public)
    words = [
        *(
            sys.executable,
            "-m",
            "gunicorn",
            "console.wsgi:application",
            "--worker-class",
            "gthread",
        ),
        *("--bind", f"127.0.0.1:{server.port}", "--workers", str(workers), "--threads", "4"),
        *("--log-level", "warning", "--no-control-socket", "--keep-alive", "75"),
    ]
    with server.log.open("w") as log:
        process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment(server, urlconf),
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (nothing else runs while it starts)
        )
    server.pids.append(process.pid)
    try:
        wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def environment(server: Server, urlconf: str) -> dict[str, str]:
    """The test's own, so that secrets made here are good there, pointed at the test's database."""
    cache = settings.DATABASES.get("cache")
    return {
        **os.environ,
        **({"TEST_CACHE": str(cache["NAME"])} if cache else {}),
        "DJANGO_SETTINGS_MODULE": "tests.load.settings",
        "TEST_URLCONF": urlconf,
        "BASE_URL": server.url,
        "TRUSTED_PROXIES": "1" if server.public else "0",
        "PORT": str(server.port),
        "DATABASE_URL": database_url(),
        "LOG_LEVEL": "INFO",
    }


def database_url() -> str:
    given = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgresql://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


def wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    host = {"Host": urlsplit(server.url).netloc}
    asked = Request(f"http://127.0.0.1:{server.port}/readyz", headers=host)
    while True:
        try:
            with urlopen(asked, timeout=START_SECONDS) as answer:
                assert answer.status == 200
                return
        except OSError:
            assert process.poll() is None, server.log.read_text()
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.05)
