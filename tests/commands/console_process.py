"""Runs the whole console through bin/run, on a free port and in a DATA_DIR of its own."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.checks.source import ROOT
from tests.commands.checkout import clean_environment

START_SECONDS = 90.0


class Console:
    """A running `bin/run`; its output goes to `log`."""

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        self.data_dir, self.port = data_dir, port
        self.log = data_dir.with_suffix(".log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [ROOT / "bin" / "run"],
                env=clean_environment(DATA_DIR=str(data_dir), PORT=str(port), **environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_said(self, words: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        """What a person reads, and (in a demo) the lines of the log behind it."""
        lines = self.data_dir / "console.log"
        return self.log.read_text() + (lines.read_text() if lines.exists() else "")

    def status_of(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def family(self) -> list[psutil.Process]:
        """The process itself, the web server with its workers, the background worker."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def listens_on(self) -> set[str]:
        """The addresses at which anything of it accepts connections."""
        sockets = (found for process in self.family() for found in process.net_connections("inet"))
        return {found.laddr.ip for found in sockets if found.status == psutil.CONN_LISTEN}

    def signal_group(self, number: int) -> None:
        """What the terminal does at Ctrl-C."""
        os.killpg(self.process.pid, number)


def are_gone(family: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(family, timeout=15)
    return not alive


@contextmanager
def running(data_dir: Path, port: int, **environment: str) -> Iterator[Console]:
    """The console once it has said that it is ready; afterwards nothing of it is left."""
    console = Console(data_dir, port, **environment)
    try:
        console.wait_until_said("Stop it with Ctrl-C")
        yield console
    finally:
        console.process.terminate()
        console.process.wait(30)
