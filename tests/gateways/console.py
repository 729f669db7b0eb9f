"""The console as gateways reach it: gunicorn on a free port, on the database of the tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from console.bootstrap import end_with_parent
from tests.checks.source import ROOT
from tests.gateways.sent import send
from tests.load.server import database_url
from tests.support.postgres import free_port

# Over https in the world, as in production: the hot routes must not redirect who asks them without.
HOST = "console.example.com"
START_SECONDS = 30.0


class Console:
    """gunicorn with one worker; it can be killed, made to hang, and started again on the same port."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.port = directory, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "console.wsgi:application"),
                    *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
                    *("--threads", "4", "--no-control-socket", "--log-level", "warning"),
                ],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509  (one system call)
            )
        self.wait()

    def environment(self) -> dict[str, str]:
        cache = settings.DATABASES.get("cache")
        secrets = {name: getattr(settings, name) for name in ("SECRET_KEY", "PEPPER")}
        return {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(self.directory),
            "DATABASE_URL": database_url(),
            # Of SQLite the tests' own cache, which has the tables.
            "DJANGO_SETTINGS_MODULE": "tests.load.settings",
            "TEST_URLCONF": "console.urls",
            **({"TEST_CACHE": str(cache["NAME"])} if cache else {}),
            "BASE_URL": f"https://{HOST}",
            "TRUSTED_PROXIES": "1",
            "ENCRYPTION_KEY": settings.ENCRYPTION_KEY,
            **secrets,
        }

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process is not None
            assert self.process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, (self.directory / "log").read_text()
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return send(self.port, path="/v1/auth", host=HOST).status == 401
        except OSError:
            return False

    def signal(self, number: int) -> None:
        """To the server and its worker."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def stop(self, number: int) -> None:
        if self.process is not None:
            self.signal(number)
            self.process.wait(15)
            self.process = None


@contextmanager
def running(directory: Path) -> Iterator[Console]:
    console = Console(directory)
    console.start()
    try:
        yield console
    finally:
        console.stop(signal.SIGKILL)
