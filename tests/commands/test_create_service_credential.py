"""`bin/manage create_service_credential`: the secret alone on standard output, on a fresh clone as well."""

import re
import sqlite3
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.commands.checkout import finished
from tests.commands.conftest import FirstStart

SECRET = re.compile(r"sc_[0-9A-Za-z]{49}\n")


def made(data_dir: Path, *words: str) -> tuple[int, str, str]:
    ended = finished(ROOT, "manage", "create_service_credential", *words, DATA_DIR=str(data_dir))
    return ended.returncode, ended.stdout, ended.stderr


def test_the_secret_is_all_there_is_on_standard_output(first_start: FirstStart) -> None:
    data_dir, output = first_start.data_dir, first_start.ended.stdout
    assert (first_start.ended.returncode, bool(SECRET.fullmatch(output))) == (0, True)
    assert output.strip() not in first_start.ended.stderr
    for name in (f"{path}" for path in data_dir.rglob("*") if path.is_file()):
        assert output.strip().encode() not in Path(name).read_bytes()
    with sqlite3.connect(data_dir / "console.sqlite3") as database:
        rows = database.execute("SELECT name, created_by_id FROM keys_servicecredential").fetchall()
    assert ("gateway", None) in rows

    taken = made(data_dir, "gateway")
    assert taken[:2] == (1, "")
    assert taken[2].splitlines() == [
        "CommandError: An unrevoked service credential already has this name. Choose another one."
    ]


def test_only_bin_run_makes_a_demo_world(first_start: FirstStart) -> None:
    assert first_start.organizations == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x07b"])
def test_an_invalid_name_is_refused_in_one_line(first_start: FirstStart, name: str) -> None:
    status, output, errors = made(first_start.data_dir, name)
    assert (status, output) == (1, "")
    [line] = [line for line in errors.splitlines() if "Error" in line]
    assert line.startswith("CommandError: ")
    assert "Traceback" not in errors
