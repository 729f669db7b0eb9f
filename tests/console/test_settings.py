"""Settings refuse to start with what is missing or malformed, naming the variable and the cure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "long-enough-and-made-up-for-the-tests-alone-0123456789"
GOOD = {
    "PATH": os.environ["PATH"],
    "BASE_URL": "https://console.example.com",
    "SECRET_KEY": SECRET,
    "PEPPER": SECRET[::-1],
    "ENCRYPTION_KEY": SECRET + "e",
}
REFUSED = [
    ("SECRET_KEY", None),
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "short"),
    ("PEPPER", None),
    ("PEPPER", "short"),
    ("BASE_URL", None),
    ("BASE_URL", "console.example.com"),
    ("BASE_URL", "ftp://console.example.com"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "http://console.example.com"),
    ("BASE_URL", "https://console.example.com/below"),
    ("BASE_URL", "https://[console"),
    ("BASE_URL", "https://console.example.com:port"),
    ("DATABASE_URL", "mysql://user@localhost/console"),
    ("DATABASE_URL", "not an address"),
    ("DATABASE_URL", "postgresql://user@[localhost/console"),
    ("DATABASE_URL", "postgresql://user@localhost:port/console"),
    ("CACHE_URL", "locmem://"),
    ("CACHE_URL", "dummy://"),
    ("CACHE_URL", "memory"),
    ("SIGNUP", "maybe"),
    ("SIGNUP", ""),
    ("EMAIL_URL", "pigeon://"),
    ("SUPPORT_CONTACT", "call us"),
    ("SUPPORT_CONTACT", "https://"),
    ("PORT", "eighty"),
    ("DEMO", "perhaps"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "17"),
    ("PORT", "65536"),
    ("RATE_LIMIT_READ", "1e6"),
    ("INVITATIONS_PER_DAY", "99999999999"),
]


def started(data: Path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    merged = {**GOOD, "DATA_DIR": str(data), **changes}
    environment = {name: value for name, value in merged.items() if value is not None}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import console.settings as s; print(s.SIGNUP, s.CACHES, s.DATABASES)",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_complete_environment_starts(tmp_path: Path) -> None:
    done = started(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "DatabaseCache" in done.stdout


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_missing_or_malformed_value_is_refused_by_name(
    tmp_path: Path, name: str, value: str | None
) -> None:
    done = started(tmp_path, **{name: value})
    assert done.returncode != 0, done.stdout
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured:"), last
    assert name in last


def test_numbers_that_are_no_ports_may_be_larger_than_one(tmp_path: Path) -> None:
    numbers = ("RATE_LIMIT_READ", "KEY_CACHE_SECONDS", "INVITATIONS_PER_DAY")
    done = started(tmp_path, **dict.fromkeys(numbers, "100000"))
    assert done.returncode == 0, done.stderr


def test_a_refusal_does_not_repeat_a_password(tmp_path: Path) -> None:
    done = started(tmp_path, DATABASE_URL="postgresql://user:hunter2hunter2@[localhost/console")
    assert "hunter2" not in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("signup", ["open", "invite", "closed"])
def test_who_may_sign_up_is_one_of_three_words(tmp_path: Path, signup: str) -> None:
    assert started(tmp_path, SIGNUP=signup).stdout.startswith(signup)


def test_redis_is_a_cache_that_workers_share(tmp_path: Path) -> None:
    assert "RedisCache" in started(tmp_path, CACHE_URL="redis://localhost:6379/1").stdout


WITHOUT_SECRETS: dict[str, str | None] = {
    "SECRET_KEY": None,
    "PEPPER": None,
    "ENCRYPTION_KEY": None,
}


def peppers(data: Path, **changes: str | None) -> str:
    """What the settings have as PEPPER and PEPPER_PREVIOUS, or the line with which they refuse."""
    command = [
        sys.executable,
        "-c",
        "from console.settings import *; print(PEPPER, PEPPER_PREVIOUS)",
    ]
    merged = {**GOOD, **WITHOUT_SECRETS, "DATA_DIR": str(data), **changes}
    environment = {name: value for name, value in merged.items() if value is not None}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[-1]


def test_secrets_come_from_the_file_in_data_dir(tmp_path: Path) -> None:
    lines = [f"{name}={SECRET}{name}" for name in WITHOUT_SECRETS]
    (tmp_path / "secrets.env").write_text("\n".join([*lines, f"PEPPER_PREVIOUS={SECRET}"]))
    assert peppers(tmp_path) == f"{SECRET}PEPPER ['{SECRET}']"
    assert peppers(tmp_path, PEPPER=SECRET * 2) == f"{SECRET * 2} ['{SECRET}']"


def test_a_file_that_lost_a_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text(f"SECRET_KEY={SECRET}\nENCRYPTION_KEY={SECRET}\n")
    assert "PEPPER must be set" in peppers(tmp_path)
    assert "restore that file" in peppers(tmp_path)
    assert "PEPPER" not in (tmp_path / "secrets.env").read_text()


def test_log_lines_go_to_a_file_where_one_is_named(tmp_path: Path) -> None:
    command = "import django, logging; django.setup(); logging.getLogger().warning('Here.')"
    log = tmp_path / "console.log"
    environment = {**GOOD, "DATA_DIR": str(tmp_path), "LOG_FILE": str(log)}
    environment["DJANGO_SETTINGS_MODULE"] = "console.settings"
    done = subprocess.run(
        [sys.executable, "-c", command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert '"event": "Here."' in log.read_text()
