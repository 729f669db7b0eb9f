"""Nobody else on the machine can read what the console writes, in a directory that existed before too."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from pytest_django import Settings

from console.operations.mail import DemoBackend
from console.private_files import protect_files

OPEN_FILES = (
    *("console.sqlite3", "console.sqlite3-wal", "console.sqlite3-shm", "cache.sqlite3"),
    *("secrets.env", "console.env", "console.log", "mail/1.eml", "elsewhere/other.db"),
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A directory made by hand, with the files of a console that took no care."""
    before = os.umask(0o022)
    folder = tmp_path / "data"
    for name in OPEN_FILES:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("x")
    (folder / "elsewhere").rename(tmp_path / "elsewhere")
    (folder / "static").mkdir()
    yield folder
    os.umask(before)


def test_what_exists_is_closed_to_others(data_dir: Path) -> None:
    other = data_dir.parent / "elsewhere" / "other.db"
    protect_files(data_dir, [str(data_dir / "console.sqlite3"), str(other)])
    assert mode(data_dir) == mode(data_dir / "mail") == 0o700
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    assert len(files) == len(OPEN_FILES) - 1
    assert {mode(path) for path in (*files, other)} == {0o600}
    assert mode(other.parent) == 0o755


def test_new_files_are_closed_to_others(data_dir: Path, settings: Settings) -> None:
    protect_files(data_dir)
    settings.DATA_DIR = data_dir / "new"
    DemoBackend().send_messages([EmailMessage("Hello", "You", to=["you@example.com"])])
    (mail,) = (settings.DATA_DIR / "mail").iterdir()
    assert (mode(mail), mode(mail.parent)) == (0o600, 0o700)


def test_a_directory_with_files_of_others_stays_open_to_them(data_dir: Path) -> None:
    shared = data_dir / "shared.txt"
    shared.write_text("x")
    protect_files(data_dir)
    assert (mode(data_dir), mode(shared)) == (0o755, 0o644)
    assert mode(data_dir / "console.sqlite3") == 0o600


def test_a_directory_that_does_not_exist_is_left_to_who_makes_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    protect_files(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
    os.umask(before)


def test_an_open_file_of_another_user_is_refused_with_the_cure(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int) -> None:
        raise PermissionError(path, mode)

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ImproperlyConfigured, match=r"chmod go-rwx .*console\.sqlite3"):
        protect_files(data_dir)
