"""`.venv` is made once, remade when it is half-made or the checkout moved, and made by one at a time."""

import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.checkout import bare_checkout, finished, started


def inode(checkout: Path) -> int:
    return (checkout / ".venv").stat().st_ino


@dataclass(frozen=True)
class Fresh:
    """A checkout in which one command has made the .venv, and how that command ended."""

    checkout: Path
    data_dir: Path
    ended: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    directory = tmp_path_factory.mktemp("fresh")
    checkout, data_dir = bare_checkout(directory / "with a space"), directory / "data"
    ended = finished(checkout, "manage", "version", "--x", DATA_DIR=str(data_dir))
    return Fresh(checkout, data_dir, ended)


def test_a_fresh_checkout_gets_its_own_python_and_a_quiet_standard_output(fresh: Fresh) -> None:
    checkout, first = fresh.checkout, fresh.ended
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert told["arguments"] == ["version", "--x"]
    assert told["python"] == str(checkout / ".venv" / "bin" / "python")
    assert "Installing requirements.txt" in first.stderr
    # The second time there is no output but the command's own. (`prepare` sees to the database
    # itself; for any other command it would be prepared again, since this manage.py makes none.)
    made = inode(checkout)
    begun = time.monotonic()
    second = finished(checkout, "manage", "prepare", DATA_DIR=str(fresh.data_dir))
    assert time.monotonic() - begun < 10
    assert (second.returncode, second.stderr, inode(checkout)) == (0, "", made)


def test_a_moved_venv_is_made_again(fresh: Fresh, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(fresh.checkout, moved, symlinks=True)
    ended = finished(moved, "manage", "prepare", DATA_DIR=str(tmp_path / "data"))
    assert json.loads(ended.stdout)["python"] == str(moved / ".venv" / "bin" / "python")


def test_two_commands_at_once_make_one_venv_of_a_half_made_one(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere")
    data_dir = str(tmp_path / "data")
    pair = [started(checkout, "manage", "prepare", DATA_DIR=data_dir) for _ in range(2)]
    ended = [process.communicate(timeout=120) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], ended
    assert sorted("Creating" in errors for _, errors in ended) == [False, True]


@pytest.mark.parametrize(("command", "status"), [("run", 0), ("manage", 143)])
def test_a_signal_to_stop_while_installing_leaves_nothing_running(
    tmp_path: Path, command: str, status: int
) -> None:
    checkout, data_dir = bare_checkout(tmp_path / "checkout"), str(tmp_path / "data")
    process = started(checkout, command, DATA_DIR=data_dir)
    while not (checkout / ".venv").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == status
    assert "Traceback" not in errors
    assert group_is_gone(process.pid)
    assert finished(checkout, "manage", "version", DATA_DIR=data_dir).returncode == 0


def group_is_gone(group: int) -> bool:
    """Whether the session that `started` opened has no process left, give or take a second."""
    for _ in range(20):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_checkout_that_cannot_hold_a_venv_is_reported_in_one_line(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    (checkout / ".venv").write_text("a file in the way")
    ended = finished(checkout, "run", DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"Cannot create {checkout}/.venv")
    assert "Traceback" not in ended.stderr
