"""Keeps the files that the console writes private to the system user that it runs as."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# Of everyone else: what a new file lacks, and what is taken from an existing one.
OTHERS = 0o077
FILES = ("*.sqlite3*", "*.env", "*.log", "mail/*.eml")
FOLDERS = ("mail", "static")


def protect_files(data_dir: Path, elsewhere: Iterable[str] = ()) -> None:
    """Lets no one else read the console's files: new ones get mode 600, or 700 for a folder.

    Takes the same from existing ones in `data_dir`, from the files `elsewhere`, such as databases, and from
    `data_dir` itself unless it has other files too. Raises ImproperlyConfigured, with the cure, for a file
    that others can read and that belongs to another user.
    """
    os.umask(OTHERS)
    for path in list_own_files(data_dir, elsewhere):
        # Databases create and delete files beside their own.
        with suppress(FileNotFoundError):
            restrict(path)


def list_own_files(data_dir: Path, elsewhere: Iterable[str]) -> Iterator[Path]:
    own = [path for pattern in (*FILES, *FOLDERS) for path in data_dir.glob(pattern)]
    yield from own
    for name in elsewhere:
        yield from Path(name).parent.glob(f"{Path(name).name}*")
    if data_dir.is_dir() and set(data_dir.iterdir()) <= set(own):
        yield data_dir


def restrict(path: Path) -> None:
    status = path.lstat()
    is_file_or_folder = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    if not is_file_or_folder or not status.st_mode & OTHERS:
        return
    try:
        path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
    except PermissionError:
        raise ImproperlyConfigured(
            f"Other users of this machine can read {path}, which belongs to another user. "
            f"Run `chmod go-rwx {path}` as its owner, or make the console's user its owner."
        ) from None


def list_sqlite_files(databases: dict[str, Any]) -> list[str]:
    """Returns the paths of SQLite's files among the databases of the settings."""
    return [config["NAME"] for config in databases.values() if config["ENGINE"].endswith("sqlite3")]
