"""What a first start leaves, for the tests that need a console which has been started before."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.commands.checkout import finished
from tests.support.scratch import database_directory


@dataclass(frozen=True)
class FirstStart:
    """A DATA_DIR in which one command has made everything, and how that command ended."""

    data_dir: Path
    ended: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def first_start() -> FirstStart:
    """By `bin/manage create_service_credential`; `bin/run` makes the same of an empty DATA_DIR.

    tests/support/scheduling.py keeps the tests that use it in one process, so that it is made once.
    """
    data_dir = database_directory("console-commands") / "data"
    words = ("manage", "create_service_credential", "gateway")
    return FirstStart(data_dir, finished(ROOT, *words, DATA_DIR=str(data_dir)))
