"""Runs any version of the console as an operator would: its code, a database and a data directory.

`previous/` holds the code and the demo databases of the version before (see `previous/README.md`).
"""

import json
import lzma
import os
import secrets
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3._functions import register as register_functions

from console.bootstrap import end_with_parent
from tests.checks.source import ROOT
from tests.support.postgres import free_port

DATA = Path(__file__).parent / "previous"
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Installation:
    """A checkout in `code`, and the environment with which its commands find their database."""

    code: Path
    environment: dict[str, str]

    def manage(self, *words: str, fails: bool = False) -> str:
        """What the command printed, both streams. `fails`: its exit status must not be 0."""
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.code,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (ended.returncode != 0) is fails, ended.stdout
        return ended.stdout

    def upgraded(self) -> "Installation":
        """The same database and data directory with the code that is tested here."""
        return replace(self, code=ROOT)

    def prepare(self, *, fails: bool = False) -> str:
        """As at a start, but without filling the demo world."""
        plain = {**self.environment, "DEMO": "0"}
        return replace(self, environment=plain).manage("prepare", fails=fails)

    def migrate(self) -> None:
        """Migrations and the cache's table alone, without the seconds that static files take."""
        self.manage("migrate", "--verbosity=0")
        sqlite = self.environment["DATABASE_URL"].startswith("sqlite")
        self.manage("createcachetable", f"--database={'cache' if sqlite else 'default'}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one statement, which is committed."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
                return list(database.execute(sql))
        with psycopg.connect(url) as server:
            cursor = server.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The port of a gunicorn with two workers that is ready."""
        port = int(self.environment["PORT"])
        words = [
            *(sys.executable, "-m", "gunicorn", "console.wsgi:application", "--no-control-socket"),
            *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "4", "--log-level", "warning"),
        ]
        process = subprocess.Popen(
            words,
            cwd=self.code,
            env=self.environment,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (nothing else runs while it starts)
        )
        try:
            deadline = time.monotonic() + READY_SECONDS
            while fetch(port, "GET", "/readyz") != 200:
                assert process.poll() is None, "gunicorn ended by itself"
                assert time.monotonic() < deadline, "the console was not ready in time"
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def fetch(port: int, method: str, path: str, body: Any = None, bearer: str = "") -> int:
    """The status of one request; 0 when nothing answers there."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    if body is not None:
        headers["Content-Type"] = "application/json"
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as http:
        try:
            http.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = http.getresponse()
            answer.read()
        except OSError:
            return 0
        return answer.status


def previous_secrets() -> dict[str, str]:
    """`live`, `revoked` (keys of ml-research) and `credential` of the dump for this database."""
    known: dict[str, dict[str, str]] = json.loads((DATA / "secrets.json").read_text())
    return known[connection.vendor]


@contextmanager
def previous_installation(directory: Path) -> Iterator[Installation]:
    """The version before with its demo database, on the kind of database that this run tests."""
    code, data = directory / "code", directory / "previous"
    with tarfile.open(DATA / "code.tar.xz") as archive:
        archive.extractall(code, filter="data")
    (data / "static").mkdir(parents=True)
    port = free_port()
    with database_from_dump(data) as url:
        yield Installation(
            code,
            {
                "PATH": os.environ["PATH"],
                "DATA_DIR": str(data),
                "DATABASE_URL": url,
                "DEMO": "1",
                "DJANGO_SETTINGS_MODULE": "console.settings",
                "BASE_URL": f"http://127.0.0.1:{port}",
                "PORT": str(port),
                "LOG_LEVEL": "ERROR",
                "RATE_LIMIT_READ": "0",
                "RATE_LIMIT_REFUSED": "0",
                **{name: os.environ[name] for name in ("SECRET_KEY", "PEPPER", "ENCRYPTION_KEY")},
            },
        )


@contextmanager
def database_from_dump(data: Path) -> Iterator[str]:
    """The DATABASE_URL of a database that holds the dump."""
    script = lzma.decompress((DATA / f"demo.{connection.vendor}.sql.xz").read_bytes()).decode()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(data / "console.sqlite3")) as database:
            register_functions(database)  # some constraints call functions that Django brings
            database.executescript(script)
            database.execute("PRAGMA journal_mode = WAL")
        yield f"sqlite:///{data / 'console.sqlite3'}"
        return
    server = settings.DATABASES["default"]
    base = f"postgresql://{server['USER']}@{server['HOST']}:{server['PORT']}"
    name = f"upgrade_{secrets.token_hex(4)}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(f"{base}/{name}") as database:
                database.execute(script)
            yield f"{base}/{name}"
        finally:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
