"""The console as an operator runs it: gunicorn and a worker, each a process that can be lost."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from console.bootstrap import SECRET_NAMES, end_with_parent
from tests.checks.source import ROOT
from tests.commands.checkout import clean_environment
from tests.support.postgres import free_port

READY_SECONDS = 60.0


class Console:
    """An installation in `directory`. Every process has a log there that is named like it."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory, self.port = directory, free_port()
        secrets = {name: f"{name}-of-a-console-that-only-tests-use" for name in SECRET_NAMES}
        self.environment = clean_environment(
            DATA_DIR=str(directory),
            DEMO="0",
            RATE_LIMIT_REFUSED="0",
            RATE_LIMIT_READ="0",
            RATE_LIMIT_USAGE="0",
            PORT=str(self.port),
            BASE_URL=f"http://127.0.0.1:{self.port}",
            **secrets,
        )
        self.environment.update(environment)

    def manage(self, *words: str, fails: bool = False) -> str:
        """Returns what the command printed, both streams."""
        ended = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (ended.returncode != 0) is fails, ended.stdout
        return ended.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code).strip()

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a process, each of which must be a JSON object."""
        return [json.loads(line) for line in self.log(name).read_text().splitlines()]

    @contextmanager
    def running(self, name: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        with self.log(name).open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,  # noqa: PLW1509  (nothing else runs while it starts)
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(70)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker that has begun: before that it refuses to start without a database."""
        with self.running("worker", "manage.py", "worker") as process:
            log = self.log("worker")
            wait_until(lambda: "worker started" in log.read_text(), log)
            yield process

    @contextmanager
    def web(self, *, workers: int = 1, threads: int = 4) -> Iterator[subprocess.Popen[bytes]]:
        words = ["-m", "gunicorn", "console.wsgi:application", "--no-control-socket"]
        size = ["--workers", str(workers), "--threads", str(threads)]
        bind = ["--bind", f"127.0.0.1:{self.port}"]
        with self.running("web", *words, *bind, *size) as process:
            wait_until(lambda: self.fetch("/readyz")[0] == 200, self.log("web"))
            yield process

    def fetch(
        self, path: str, *, timeout: float = 40, body: Any = None, bearer: str = ""
    ) -> tuple[int, str]:
        """Returns the status and body of a response; (0, reason) if there was none."""
        request = Request(f"http://127.0.0.1:{self.port}{path}")
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urlopen(request, timeout=timeout) as response:
                return response.status, response.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)


def wait_until(condition: Any, log: Path | None = None, *, seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text() if log else "it did not happen"
        time.sleep(0.05)
