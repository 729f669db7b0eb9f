"""Settings refuse to start with what is missing or malformed, naming the variable and the cure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.env_file import NAMES
from console.service_urls import configure_postgresql

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
    ("API_URL", "api.example.com"),
    ("API_URL", "https://"),
    ("FIRST_REQUEST", "curl https://api.example.com"),
    ("FIRST_REQUEST", "curl $API_URL -H 'X-Key: $API_KEY'"),
    ("PORT", "eighty"),
    ("DEMO", "perhaps"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "17"),
    ("PORT", "65536"),
    ("RATE_LIMIT_READ", "1e6"),
    ("RATE_LIMIT_PERSON", "all"),
    ("RATE_LIMIT_ORGANIZATION", "-1"),
    ("RATE_LIMIT_TOKENS", ""),
    ("SECURITY_CONTACT", "call us"),
    ("INVITATIONS_PER_DAY", "99999999999"),
    ("INVITATIONS_PER_DAY_NEW", "-1"),
    ("INVITATIONS_PER_PERSON", "many"),
    ("INVITATIONS_PER_RECIPIENT", "5.5"),
    ("RATE_LIMIT_REFUSED", "1_000"),
    ("RATE_LIMIT_USAGE", ""),
    ("KEY_CACHE_SECONDS", "1s"),
    ("PEPPER_PREVIOUS", "short"),
    ("ENCRYPTION_KEY", "short"),
    ("PORT", "0"),
    ("NO_MAIL", "yes"),
    ("HSTS", "on"),
    ("LOG_LEVEL", "VERBOSE"),
    ("LOG_FILE", "/no/such/folder/console.log"),
    ("LOG_FILE", "/"),
    ("MAIL_FROM", "notanaddress"),
    ("MAIL_FROM", "Console <>"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://mail.example.com:port"),
    ("CACHE_URL", "redis://localhost:port/0"),
    ("DATABASE_URL", "postgresql://user@localhost"),
    ("DATABASE_URL", "postgresql://user@localhost/console?sslmod=require"),
    ("ENV_FILE", "/no/such/file.env"),
]
# Well-formed, but they name something that is not there: refused by tests/console/operations/test_startup.py.
REFUSED_LATER = {"DATA_DIR", "LEAK_REPORT_KEYS"}


def started(
    data: Path,
    code: str = "print(s.SIGNUP, s.CACHES, s.DATABASES)",
    **changes: str | None,
) -> subprocess.CompletedProcess[str]:
    merged = {**GOOD, "DATA_DIR": str(data), **changes}
    environment = {name: value for name, value in merged.items() if value is not None}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"import console.settings as s; {code}",
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


def test_every_setting_is_refused_when_it_is_wrong() -> None:
    assert {name for name, _ in REFUSED} | REFUSED_LATER == {*NAMES, "ENV_FILE"}


POSTGRESQL = [
    ("postgresql://u@%2Frun%2FSockets/db", {"HOST": "/run/Sockets", "USER": "u", "NAME": "db"}),
    ("postgresql:///db?host=/run/Sockets&port=5444", {"HOST": "/run/Sockets", "PORT": "5444"}),
    ("postgresql://u:p%40%2F@db.example:5433/db", {"PASSWORD": "p@/", "PORT": "5433"}),
    ("postgres://u@one,two:5433/db", {"HOST": "one,two", "PORT": ",5433"}),
]


@pytest.mark.parametrize(("url", "expected"), POSTGRESQL)
def test_postgresql_is_named_as_for_psql(url: str, expected: dict[str, str]) -> None:
    config = configure_postgresql(url)
    assert {name: config[name] for name in expected} == expected


def test_options_of_the_database_can_be_set_in_its_url() -> None:
    options = configure_postgresql("postgresql://u@h/db?connect_timeout=9&sslmode=require")[
        "OPTIONS"
    ]
    assert (options["connect_timeout"], options["sslmode"]) == ("9", "require")
    assert options["keepalives_count"] == 3


@pytest.mark.parametrize(
    ("hsts", "expected"),
    [
        ("off", "0 False False"),
        ("host", "31536000 False False"),
        ("subdomains", "31536000 True False"),
        (None, "31536000 True True"),
    ],
)
def test_hsts_can_be_limited_to_the_host(tmp_path: Path, hsts: str | None, expected: str) -> None:
    names = ("SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD")
    values = ", ".join(f"s.SECURE_HSTS_{name}" for name in names)
    done = started(tmp_path, f"print({values})", HSTS=hsts)
    assert done.stdout.strip() == expected


def test_the_environment_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "console.env").write_text('# Ours\nexport SIGNUP="invite"\nMAIL_FROM=a@b.example\n')
    assert started(tmp_path).stdout.startswith("invite")
    assert started(tmp_path, SIGNUP="closed").stdout.startswith("closed")
    elsewhere = tmp_path / "elsewhere.env"
    elsewhere.write_text(f"SIGNUP=closed\nDATA_DIR={tmp_path}\n")
    assert started(tmp_path, DATA_DIR=None, ENV_FILE=str(elsewhere)).stdout.startswith("closed")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SIGNUPS=open", "line 2: SIGNUPS is unknown. Did you mean SIGNUP?"),
        ("TRUSTED_PROXY=1", "Did you mean TRUSTED_PROXIES?"),
        ("signup=open", "Did you mean SIGNUP?"),
        ("SIGNUP open", "line 2 is not NAME=value"),
    ],
)
def test_a_mistake_in_the_environment_file_is_refused(
    tmp_path: Path, line: str, reason: str
) -> None:
    (tmp_path / "console.env").write_text(f"SSL_CERT_FILE=/etc/ssl/ours.pem\n{line}\n")
    done = started(tmp_path)
    assert done.returncode != 0
    assert reason in done.stderr.strip().splitlines()[-1]


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
