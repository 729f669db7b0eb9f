"""Directories that last as long as the process.

Those for databases are in memory where there is room: the tests commit thousands of times, and on a disk
each commit waits for it. The databases keep the settings of production all the same.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108  (mkdtemp makes a directory of its own in it)
ROOM = 2 * 1024**3  # bytes; containers often have 64 MB


def new_directory(prefix: str, parent: Path | None = None) -> Path:
    """A new directory in `parent`, by default that for temporary files; removed with this process."""
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def database_directory(name: str) -> Path:
    """A new directory for the files of a database; removed with this process."""
    has_room = os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    if not has_room:
        return new_directory(f"{name}-")
    remove_abandoned(name)
    return new_directory(f"{name}-{os.getpid()}-", MEMORY)


def remove_abandoned(name: str) -> None:
    """Gives back the memory of processes that were killed."""
    for directory in MEMORY.glob(f"{name}-*-*"):
        pid = directory.name.removeprefix(f"{name}-").partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(directory, ignore_errors=True)
