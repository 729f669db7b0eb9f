"""`bin/run`: ready in seconds, one clear line when it cannot be, and nothing left when it ends."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.commands.checkout import clean_environment, finished
from tests.commands.console_process import Console, are_gone, running
from tests.support.postgres import free_port

# About 2.5 on two idle cores, where the aim is 5; a loaded machine must not fail the tests.
SECOND_START_SECONDS = 30.0


def refusal(data_dir: Path, **environment: str) -> str:
    """The line with which bin/run ends, which must be a failure without a trace of the stack."""
    ended = finished(ROOT, "run", DATA_DIR=str(data_dir), **environment)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


def test_a_second_start_takes_seconds_and_serves(prepared: Path, port: int) -> None:
    begun = time.monotonic()
    with running(prepared, port) as console:
        assert time.monotonic() - begun < SECOND_START_SECONDS
        assert "Installing" not in console.said()
        assert [console.status_of(path) for path in ("/healthz", "/readyz")] == [200, 200]
        assert console.status_of("/accounts/login/") == 200
        assert f"http://localhost:{port}/" in console.said()
        assert "owner@northwind.example" in console.said()
        assert "demo-console-2026" in console.said()
        assert console.listens_on() == {"127.0.0.1"}
        # A newcomer reads where to go and how to sign in; the rest is in files.
        printed = console.log.read_text().splitlines()
        assert len(printed) < 20
        assert not any(line.startswith("{") for line in printed)


def test_sigterm_ends_all_of_it_cleanly(console: Console) -> None:
    family = console.family()
    assert len(family) >= 5  # itself, gunicorn, two workers, the background worker
    console.process.send_signal(signal.SIGTERM)
    assert console.process.wait(20) == 0
    assert are_gone(family)
    assert "Traceback" not in console.said()


def test_ctrl_c_ends_all_of_it_cleanly_also_when_pressed_twice(console: Console) -> None:
    family = console.family()
    console.signal_group(signal.SIGINT)
    time.sleep(0.2)
    if console.process.poll() is None:
        console.signal_group(signal.SIGINT)
    assert console.process.wait(20) == 0
    assert are_gone(family)
    assert "Traceback" not in console.said()


@pytest.mark.parametrize("seconds", [0.0, 0.3, 0.6, 1.0])
def test_ctrl_c_is_clean_while_it_starts(prepared: Path, port: int, seconds: float) -> None:
    console = Console(prepared, port)
    console.wait_until_said("Preparing the console")
    time.sleep(seconds)
    family = console.family()
    console.signal_group(signal.SIGINT)
    assert console.process.wait(20) == 0
    assert are_gone(family)
    assert "Traceback" not in console.said()


def test_even_an_outright_kill_leaves_nothing_running(console: Console) -> None:
    family = console.family()
    console.process.kill()
    console.process.wait(5)
    assert are_gone(family)


def test_the_end_of_one_process_ends_the_console_with_an_error(console: Console) -> None:
    family = console.family()
    (worker,) = [process for process in family if "worker" in process.cmdline()]
    worker.kill()
    assert console.process.wait(20) == 1
    assert are_gone(family)
    assert "The background worker ended by itself (signal SIGKILL)" in console.said()


def test_a_busy_port_is_reported_in_one_line(prepared: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        line = refusal(prepared, PORT=str(number))
    assert f"127.0.0.1:{number}" in line
    assert "PORT=" in line


def test_an_unreachable_database_is_one_clear_line(prepared: Path, port: int) -> None:
    url = f"postgresql://console:s3cr3t-word@127.0.0.1:{free_port()}/console"
    line = refusal(prepared, PORT=str(port), DATABASE_URL=url)
    assert "The database does not answer" in line
    assert "s3cr3t-word" not in line


def test_a_database_of_a_newer_version_is_reported_in_one_line(prepared: Path, port: int) -> None:
    database = prepared / "console.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_new', 0)"
        )
    try:
        line = refusal(prepared, PORT=str(port))
    finally:
        with sqlite3.connect(database) as connection:
            connection.execute("DELETE FROM django_migrations WHERE name = '9999_new'")
    assert "newer version" in line
    assert "accounts.9999_new" in line


def test_an_invalid_base_url_is_reported_in_one_line(prepared: Path, port: int) -> None:
    assert "BASE_URL" in refusal(prepared, PORT=str(port), BASE_URL="http://console.example.com")


def test_without_the_demo_it_says_how_to_begin(prepared: Path, tmp_path: Path, port: int) -> None:
    data_dir = tmp_path / "data"
    # Compressing the static files takes longer than all else, and is the same with the demo.
    shutil.copytree(prepared / "static", data_dir / "static")
    with running(data_dir, port, DEMO="0") as console:
        assert "createsuperuser" in console.said()
        assert "create_organization" in console.said()
        assert "northwind" not in console.said()


def test_manage_works_while_the_console_runs(console: Console) -> None:
    counting = "from accounts.models import Organization; print(Organization.objects.count())"
    ended = subprocess.run(
        [ROOT / "bin" / "manage", "shell", "--no-imports", "-c", counting],
        env=clean_environment(DATA_DIR=str(console.data_dir)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "3\n"
