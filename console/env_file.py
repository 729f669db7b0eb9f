"""Reads the environment file. Only the standard library, since bin/ reads it before anything is installed."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

# Every variable that the console reads; docs/operating.md explains them.
NAMES = (
    *(
        "API_URL",
        "BASE_URL",
        "CACHE_URL",
        "DATABASE_URL",
        "DATA_DIR",
        "DEMO",
        "EMAIL_URL",
        "ENCRYPTION_KEY",
    ),
    *(
        "FIRST_REQUEST",
        "HSTS",
        "INVITATIONS_PER_DAY",
        "INVITATIONS_PER_DAY_NEW",
        "INVITATIONS_PER_PERSON",
    ),
    *("INVITATIONS_PER_RECIPIENT", "KEY_CACHE_SECONDS", "LEAK_REPORT_KEYS", "LOG_FILE"),
    *("LOG_LEVEL", "MAIL_FROM", "NO_MAIL", "PEPPER", "PEPPER_PREVIOUS", "PORT"),
    *("RATE_LIMIT_ORGANIZATION", "RATE_LIMIT_PERSON", "RATE_LIMIT_READ", "RATE_LIMIT_REFUSED"),
    *("RATE_LIMIT_TOKENS", "RATE_LIMIT_USAGE", "SECRET_KEY", "SECURITY_CONTACT", "SIGNUP"),
    *("SUPPORT_CONTACT", "TRUSTED_PROXIES"),
)
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class UnusableFile(Exception):
    """The environment file is missing or malformed; the message says what to change."""


def read_environment(environ: Mapping[str, str], default_data_dir: Path) -> dict[str, str]:
    """Returns the variables of the environment file, if there is one. Raises UnusableFile."""
    path = find_environment_file(environ, default_data_dir)
    return read_environment_file(path) if path else {}


def find_environment_file(environ: Mapping[str, str], default_data_dir: Path) -> Path | None:
    """Returns ENV_FILE, or else DATA_DIR/console.env if it exists.

    Raises UnusableFile if ENV_FILE does not exist.
    """
    if named := environ.get("ENV_FILE"):
        if not Path(named).is_file():
            raise UnusableFile(f"ENV_FILE {named} is not a file.")
        return Path(named)
    path = Path(environ.get("DATA_DIR") or default_data_dir) / "console.env"
    return path if path.is_file() else None


def read_environment_file(path: Path) -> dict[str, str]:
    """Returns the variables in the file: lines of NAME=value, empty ones and comments.

    Quotes around a value are dropped. Raises UnusableFile for other lines, and for a name that is probably
    a misspelt one of the console's.
    """
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{path} cannot be read: {error}.") from None
    variables = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise UnusableFile(f"{path}, line {number} is not NAME=value.")
        name, value = match.groups()
        refuse_misspelt(name, f"{path}, line {number}")
        variables[name] = strip_quotes(value.strip())
    return variables


def refuse_misspelt(name: str, place: str) -> None:
    """Other programs may read the same file, so other names are allowed."""
    similar = difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=0.85)
    if similar and name not in NAMES:
        raise UnusableFile(f"{place}: {name} is unknown. Did you mean {similar[0]}?")


def strip_quotes(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
