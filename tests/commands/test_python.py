"""The commands look for a Python that can run them, and say in one line when there is none."""

import sys
from pathlib import Path

import pytest

from tests.commands.checkout import bare_checkout, finished

OLD = "exit 1"
# The module comes from a directory of the test instead, which -I would leave out.
WITHOUT_VENV = 'shift; PYTHONPATH="{directory}" exec "{python}" "$@"'


def fake_python(directory: Path, body: str) -> str:
    """A PATH in which `python3` is all there is."""
    directory.mkdir()
    (directory / "ensurepip.py").write_text("raise ImportError")
    program = directory / "python3"
    program.write_text(f"#!/bin/sh\n{body.format(directory=directory, python=sys.executable)}\n")
    program.chmod(0o755)
    return str(directory)


@pytest.mark.parametrize("body", [OLD, WITHOUT_VENV])
@pytest.mark.parametrize("command", ["run", "manage", "test"])
def test_an_unusable_python_is_reported_in_one_line(
    tmp_path: Path, command: str, body: str
) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    ended = finished(checkout, command, PATH=fake_python(tmp_path / "path", body))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"{checkout}/bin/{command}: needs Python 3.11 or newer with its modules venv and ensurepip, "
        "and none is in PATH (on Debian and Ubuntu: apt-get install python3-venv).\n"
    )


def test_only_the_missing_module_is_in_the_way(tmp_path: Path) -> None:
    checkout = bare_checkout(tmp_path / "checkout")
    path = fake_python(tmp_path / "path", WITHOUT_VENV)
    (tmp_path / "path" / "ensurepip.py").unlink()
    ended = finished(checkout, "manage", "version", PATH=path, DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode == 0, ended.stderr
