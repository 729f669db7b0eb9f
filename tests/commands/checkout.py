"""A checkout of nothing but the commands: its requirements are empty, its manage.py tells what it got."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.checks.source import ROOT

MANAGE = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "python": sys.executable, **os.environ}))
"""
LOCK = "# Nothing to install.\n"


def clean_environment(**more: str) -> dict[str, str]:
    """What a fresh shell has; none of the variables that the tests' own settings made."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **more}


def bare_checkout(directory: Path) -> Path:
    (directory / "console").mkdir(parents=True)
    shutil.copytree(ROOT / "bin", directory / "bin")
    for name in ("bootstrap.py", "env_file.py"):
        shutil.copy(ROOT / "console" / name, directory / "console")
    (directory / "manage.py").write_text(MANAGE)
    (directory / "requirements.txt").write_text(LOCK)
    return directory


def started(checkout: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    """`bin/<words>` of the checkout, in a session of its own, its two outputs kept apart."""
    return subprocess.Popen(
        [checkout / "bin" / words[0], *words[1:]],
        env=clean_environment(**environment),
        cwd=checkout.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(checkout: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    process = started(checkout, *words, **environment)
    try:
        output, errors = process.communicate(timeout=120)
    finally:
        process.kill()  # only if it did not end; what it started ends with it
    return subprocess.CompletedProcess(words, process.returncode, output, errors)
