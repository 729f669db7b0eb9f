"""The commands look for a Python that will do, and say in one line when there is none."""

from pathlib import Path

import pytest

from tests.commands.checkout import bare_checkout, finished

OLD = "exit 1"
WITHOUT_VENV = "echo ensurepip; exit 2"


def fake_python(directory: Path, body: str) -> str:
    """A PATH in which `python3` is all there is."""
    directory.mkdir()
    program = directory / "python3"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return str(directory)


@pytest.mark.parametrize("command", ["run", "manage", "test"])
def test_an_old_python_alone_is_one_clear_line(tmp_path: Path, command: str) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    ended = finished(checkout, command, PATH=fake_python(tmp_path / "path", OLD))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        f"{checkout}/bin/{command}: no Python 3.11 or newer found in PATH."
    ]


def test_a_python_without_venv_names_the_package(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    ended = finished(checkout, "run", PATH=fake_python(tmp_path / "path", WITHOUT_VENV))
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "python3-venv" in ended.stderr
    assert "ensurepip" in ended.stderr
