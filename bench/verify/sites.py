"""The servers side by side: each a gunicorn of its own with the same options, on a database of its own."""

import hashlib
import importlib.metadata
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg

from bench.verify.load import HOST
from console.bootstrap import end_with_parent
from console.service_urls import SQLITE_OPTIONS
from tests.support.postgres import started_postgres

ROOT, HERE = Path(__file__).resolve().parents[2], Path(__file__).resolve().parent
GUNICORN = (
    *("-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4"),
    *("--log-level", "warning", "--no-control-socket"),
)
# The peers run on the same Django, server and driver as ours.
SHARED = {"Django": "Django", "gunicorn": "gunicorn", "psycopg": "psycopg[binary]"}
PEERS = (
    "djangorestframework==3.18.3",
    "djangorestframework-api-key==3.1.0",
    "django-rest-knox==5.1.0",
)
READY_SECONDS = 60


def peers_python() -> str:
    """The interpreter of an environment with the peers; made once and kept in the temporary directory."""
    version = importlib.metadata.version
    wanted = [*(f"{name}=={version(package)}" for package, name in SHARED.items()), *PEERS]
    name = hashlib.sha256(" ".join([sys.version, *wanted]).encode()).hexdigest()[:12]
    place = Path(tempfile.gettempdir()) / f"console-bench-peers-{os.getuid()}-{name}"
    python = place / "bin" / "python"
    if not (place / "complete").exists():
        print("Installing the peers …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        quiet = ["-qq", "--disable-pip-version-check", "--no-input"]
        subprocess.run([python, "-m", "pip", "install", *quiet, *wanted], check=True)
        (place / "complete").touch()
    return str(python)


class Postgres:
    """A server of our own, reached over its unix socket."""

    def __init__(self) -> None:
        self.over_tcp = started_postgres()
        with psycopg.connect(self.over_tcp) as connection:
            shown = connection.execute("SHOW unix_socket_directories").fetchone()
            self.version = connection.info.server_version // 10_000
        self.directory, self.port = str(shown[0] if shown else ""), urlsplit(self.over_tcp).port
        children = psutil.Process().children()
        self.process = next(one for one in children if one.name() == "postgres")

    def execute(self, statement: str, database: str = "postgres") -> None:
        address = f"{self.over_tcp.rpartition('/')[0]}/{database}"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())

    def new_database(self, name: str) -> str:
        """Its address."""
        self.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={self.directory}&port={self.port}"


def as_django_settings(address: str) -> dict[str, Any]:
    """For the peers what console/service_urls.py makes of the address for ours."""
    if address.startswith("sqlite"):
        options = {"transaction_mode": "IMMEDIATE"} | SQLITE_OPTIONS
        name = address.removeprefix("sqlite:///")
        engine = "django.db.backends.sqlite3"
        return {"ENGINE": engine, "NAME": name, "OPTIONS": options, "CONN_MAX_AGE": None}
    parts = urlsplit(address)
    where = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "OPTIONS": where,
        "CONN_MAX_AGE": None,
    }


@dataclass
class Site:
    """One server: what it runs, with which environment."""

    name: str
    application: str
    environment: dict[str, str]
    python: str = sys.executable
    directory: Path = ROOT
    database: psutil.Process | None = None  # whose CPU time counts as well
    port: int = 0
    server: psutil.Popen | None = field(default=None, repr=False)

    def run(self, arguments: list[str], **more: Any) -> psutil.Popen:
        return psutil.Popen(
            [self.python, *arguments],
            cwd=self.directory,
            env=os.environ | self.environment,
            preexec_fn=end_with_parent,
            **more,
        )

    def start(self, port: int) -> None:
        self.port = port
        self.server = self.run([*GUNICORN, "--bind", f"{HOST}:{port}", self.application])
        deadline = time.monotonic() + READY_SECONDS
        while not listens(port):
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} did not start")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.server:
            self.server.terminate()
            self.server.wait(15)

    def cpu_seconds(self) -> float:
        """What its processes and its database server have used so far."""
        trees = [one for one in (self.server, self.database) if one]
        processes = [one for tree in trees for one in (tree, *tree.children(recursive=True))]
        return sum(sum(one.cpu_times()[:2]) for one in processes)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
