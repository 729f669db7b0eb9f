"""What a first start leaves, for the tests that need a console which has been started before."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.commands.checkout import finished
from tests.commands.console_process import Console, running
from tests.support.postgres import free_port
from tests.support.scratch import database_directory


@dataclass(frozen=True)
class FirstStart:
    """A DATA_DIR in which one command has made everything, and how that command ended."""

    data_dir: Path
    ended: subprocess.CompletedProcess[str]
    organizations: int


@pytest.fixture(scope="session")
def first_start() -> FirstStart:
    """By `bin/manage create_service_credential`; `bin/run` adds a demo world to it.

    tests/support/scheduling.py keeps the tests that use it in one process, so that it is made once.
    """
    data_dir = database_directory("console-commands") / "data"
    words = ("manage", "create_service_credential", "gateway")
    ended = finished(ROOT, *words, DATA_DIR=str(data_dir))
    with closing(sqlite3.connect(data_dir / "console.sqlite3")) as database:
        (count,) = database.execute("SELECT COUNT(*) FROM accounts_organization").fetchone()
    return FirstStart(data_dir, ended, count)


@pytest.fixture(scope="module")
def prepared(first_start: FirstStart) -> Path:
    """A DATA_DIR that has seen a first start."""
    assert first_start.ended.returncode == 0, first_start.ended.stderr
    data_dir = first_start.data_dir
    ended = finished(ROOT, "manage", "showmigrations", "--plan", DATA_DIR=str(data_dir))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout
    assert "[ ]" not in ended.stdout
    return data_dir


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def console(prepared: Path, port: int) -> Iterator[Console]:
    with running(prepared, port) as console:
        yield console
