"""What names something that is not there is refused before a start, in one line and with a status."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.console.test_settings import GOOD
from tests.support.postgres import free_port
from tests.support.smtp import dead_port


def end(words: list[str], data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**GOOD, "DATA_DIR": str(data_dir), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refusal(words: list[str], data_dir: Path, **environment: str) -> str:
    """The one line with which the process ended."""
    ended = end(words, data_dir, **environment)
    assert ended.returncode not in (0, -9), ended.stdout
    lines = [*ended.stdout.splitlines(), *ended.stderr.splitlines()]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with a migrated database, without static files."""
    data_dir = tmp_path_factory.mktemp("data")
    ended = end(["manage.py", "migrate", "--verbosity=0"], data_dir)
    assert ended.returncode == 0, ended.stderr
    return data_dir


GUNICORN = ["-m", "gunicorn", "console.wsgi:application", "--bind", f"127.0.0.1:{free_port()}"]
STARTS = {
    "gunicorn": GUNICORN,
    "worker": ["manage.py", "worker"],
    "check": ["manage.py", "check_start"],
}


@pytest.mark.parametrize("start", STARTS)
def test_every_start_says_it_in_one_line(prepared: Path, start: str) -> None:
    words = STARTS[start]
    assert "SIGNUP must be" in refusal(words, prepared, SIGNUP="maybe")
    port = dead_port()
    line = refusal(words, prepared, CACHE_URL=f"redis://127.0.0.1:{port}/0")
    assert "CACHE_URL does not answer" in line
    assert str(port) in line


def test_a_server_without_the_gunicorn_settings_reports_it_in_one_line_too(prepared: Path) -> None:
    line = refusal(["-c", "import console.wsgi"], prepared, MAIL_FROM="notanaddress")
    assert line.startswith("The console cannot start: MAIL_FROM must be an email address")


def test_what_is_not_there_is_refused(prepared: Path, tmp_path: Path) -> None:
    check = ["manage.py", "check_start"]
    assert "DATA_DIR" in refusal(check, tmp_path / "missing")
    keys = str(tmp_path / "keys.json")
    assert "LEAK_REPORT_KEYS" in refusal(check, prepared, LEAK_REPORT_KEYS=keys)
    Path(keys).write_text(json.dumps({"public_keys": [{"key_identifier": "a", "key": "no PEM"}]}))
    assert "not a PEM public key" in refusal(check, prepared, LEAK_REPORT_KEYS=keys)
    url = f"postgresql://u:s3cr3t-word@127.0.0.1:{dead_port()}/console"
    line = refusal(check, prepared, DATABASE_URL=url)
    assert "The database does not answer" in line
    assert "s3cr3t-word" not in line


def test_a_forgotten_database_is_not_served_empty(tmp_path: Path) -> None:
    for words in STARTS.values():
        assert "There is no console database" in refusal(words, tmp_path)
    assert not list(tmp_path.glob("*.sqlite3"))


def test_an_unprepared_database_is_refused(prepared: Path, tmp_path: Path) -> None:
    shutil.copy(prepared / "console.sqlite3", tmp_path)
    with closing(sqlite3.connect(tmp_path / "console.sqlite3")) as database, database:
        database.execute("DELETE FROM django_migrations WHERE app = 'usage'")
    assert "not prepared for this version" in refusal(["manage.py", "check_start"], tmp_path)


def test_a_prepared_console_may_start(prepared: Path) -> None:
    ended = end(["manage.py", "check_start"], prepared)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
