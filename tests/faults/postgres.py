"""A PostgreSQL of one test module, which can be stopped, started again and frozen."""

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from console.bootstrap import end_with_parent
from tests.support.postgres import free_port, other_identity, server_programs, wait_for
from tests.support.scratch import new_directory

CONNECTIONS = 60
programs = functools.cache(server_programs)


class Postgres:
    """The server's files stay while it is stopped. `url` has the database `console`."""

    def __init__(self) -> None:
        self.home = new_directory("console-faults-postgres-")
        self.port = free_port()
        self.identity = other_identity(self.home)
        initdb = [
            *(programs() / "bin" / "initdb", "--pgdata", self.home / "data", "--no-sync"),
            *("--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--locale", "C.UTF-8"),
        ]
        subprocess.run(
            initdb, check=True, cwd=self.home, stdout=subprocess.DEVNULL, **self.identity
        )
        self.process = self.launch()
        self.query("CREATE DATABASE console", database="postgres")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/console"

    def launch(self) -> subprocess.Popen[bytes]:
        options: list[str | Path] = [
            *("-D", self.home / "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", self.home),
            *("-c", f"max_connections={CONNECTIONS}"),
        ]
        with (self.home / "log").open("a") as log:
            process = subprocess.Popen(
                [programs() / "bin" / "postgres", *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.home,
                preexec_fn=end_with_parent,  # noqa: PLW1509  (nothing else runs while it starts)
                **self.identity,
            )
        wait_for(self.port, process, self.home / "log")
        return process

    def start(self) -> None:
        self.process = self.launch()

    def stop(self) -> None:
        """Ends open connections instead of waiting for them, as a restart does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def restart(self) -> None:
        self.stop()
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """None of its processes runs, though its connections stay open, as with a hanging disk."""
        server = psutil.Process(self.process.pid)
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def query(self, statement: str, *, database: str = "console") -> list[tuple[object, ...]]:
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def remove(self) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGQUIT)
            self.process.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)
