"""Reads Django's settings from environment variables. Errors name the variable and say what it must be."""

import ipaddress
import os
import re
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from console.env_file import UnusableFile, read_environment

# The support staff of the demo.
DEMO_SUPPORT = "support@console.example"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Names of up to 63 characters, with dots between them. Also matches an IPv4 address.
HOST = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*")
EMAIL_ADDRESS = re.compile(r"[^@\s:<>]+@[^@\s:/<>]+")
TELEPHONE = re.compile(r"\+?[0-9][0-9().-]*(?:;[a-z0-9=+.-]+)*")


def load_environment_file(default_data_dir: Path) -> None:
    """Adds the variables of the environment file to the environment, where they are not set.

    Raises ImproperlyConfigured for a missing or malformed file.
    """
    try:
        variables = read_environment(os.environ, default_data_dir)
    except UnusableFile as error:
        raise ImproperlyConfigured(str(error)) from None
    for name, value in variables.items():
        os.environ.setdefault(name, value)


def read_secret(env: environ.Env, name: str) -> str:
    """Returns the value of `name`. Raises ImproperlyConfigured for fewer than 32 characters."""
    value: str = env.str(name, default="")
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} must be set to at least 32 random characters. bin/run creates them in "
            "DATA_DIR/secrets.env; restore that file from a backup if it has lost one."
        )
    return value


def read_secrets(env: environ.Env, name: str) -> list[str]:
    """Returns secrets separated by commas, each of at least 32 characters; none if `name` is not set."""
    values = [text.strip() for text in env.str(name, default="").split(",") if text.strip()]
    if any(len(value) < 32 for value in values):
        raise ImproperlyConfigured(f"Each value of {name} must have at least 32 characters.")
    return values


def read_switch(env: environ.Env, name: str) -> bool:
    """Reads 0 or 1 (false or true), 0 by default. Raises ImproperlyConfigured for anything else."""
    text: str = env.str(name, default="0").lower()
    if text not in ("0", "1", "false", "true", ""):
        raise ImproperlyConfigured(f"{name} must be 0 or 1.")
    return text in ("1", "true")


def read_number(
    env: environ.Env, name: str, *, default: int, least: int = 0, most: int = 1_000_000_000
) -> int:
    """A whole number from `least` to `most`. Raises ImproperlyConfigured for anything else."""
    text: str = env.str(name, default=str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def read_choice(env: environ.Env, name: str, choices: Sequence[str], *, default: str) -> str:
    """Returns one of at least two `choices`. Raises ImproperlyConfigured for anything else."""
    value: str = env.str(name, default=default)
    if value not in choices:
        *others, last = choices
        raise ImproperlyConfigured(f"{name} must be {', '.join(others)} or {last}.")
    return value


def read_sender(env: environ.Env, *, default: str) -> str:
    """Reads MAIL_FROM, an email address with or without a name."""
    sender: str = env.str("MAIL_FROM", default=default)
    if not EMAIL_ADDRESS.fullmatch(parseaddr(sender)[1]):
        raise ImproperlyConfigured(
            "MAIL_FROM must be an email address, such as Console <console@example.com>."
        )
    return sender


def read_log_file(env: environ.Env) -> str:
    """Reads LOG_FILE, empty for standard error. Raises ImproperlyConfigured if it cannot be written to."""
    path: str = env.str("LOG_FILE", default="")
    writable = Path(path) if Path(path).exists() else Path(path).parent
    if path and (Path(path).is_dir() or not os.access(writable, os.W_OK)):
        raise ImproperlyConfigured(f"LOG_FILE {path} cannot be written to.")
    return path


def base_url(env: environ.Env, default: str) -> str:
    """Reads the URL that people use: scheme, host and optionally a port, https unless it is loopback."""
    url: str = env.str("BASE_URL", default=default).rstrip("/")
    is_origin = not set("/?#").intersection(url.partition("://")[2])
    # A browser sends the host in ASCII, so only that can be compared with it.
    if not (is_web_url(url) and url.isascii() and is_origin):
        raise ImproperlyConfigured(
            "BASE_URL must be the URL that people use, such as https://console.example.com."
        )
    url = url.lower()
    if url.startswith("http:") and not is_loopback(url):
        raise ImproperlyConfigured(
            "BASE_URL must begin with https:// unless its host is a loopback address."
        )
    return url


def is_web_url(text: str) -> bool:
    """Returns whether the text is an absolute http: or https: URL of a host, without a user or spaces."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and text.isprintable()  # urlsplit drops tabs and line breaks
        and not any(character.isspace() or character in '\\<>"' for character in text)
        and "@" not in parts.netloc
        and not parts.netloc.endswith(":")
        and port != 0
        and is_host(host, is_bracketed="[" in parts.netloc)
    )


def is_host(host: str, *, is_bracketed: bool) -> bool:
    if is_bracketed:
        return ":" in host  # urlsplit has checked the address
    return HOST.fullmatch(host) is not None


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def list_allowed_hosts(base_url: str, *, demo: bool) -> list[str]:
    """Returns the host of BASE_URL; for a demo on a loopback address, all loopback names."""
    host = urlsplit(base_url).hostname or ""
    exact = f"[{host}]" if ":" in host else host
    return ["127.0.0.1", "localhost", "[::1]"] if demo and is_loopback(base_url) else [exact]


def read_contact(env: environ.Env, sender: str, *, demo: bool) -> str:
    """Reads SUPPORT_CONTACT, an email address or a URL; the sender's address, or that of the demo's staff."""
    default = DEMO_SUPPORT if demo else parseaddr(sender)[1]
    contact: str = env.str("SUPPORT_CONTACT", default="").strip() or default
    if not (is_web_url(contact) or is_email_address(contact)):
        raise ImproperlyConfigured("SUPPORT_CONTACT must be an email address or an https:// URL.")
    return contact


def read_api_url(env: environ.Env) -> str:
    """Returns the URL in API_URL without a slash at its end, or ''."""
    url: str = env.str("API_URL", default="").strip().rstrip("/")
    if url and not is_web_url(url):
        raise ImproperlyConfigured("API_URL must be a URL, such as https://api.example.com/v1.")
    return url


def read_first_request(env: environ.Env, *, api_url: str) -> str:
    """Returns the command in FIRST_REQUEST, or ''. A shell may have replaced the variables in it."""
    command: str = env.str("FIRST_REQUEST", default="").strip()
    if command and "$API_KEY" not in command:
        raise ImproperlyConfigured("FIRST_REQUEST must contain $API_KEY, for the customer's key.")
    if "$API_URL" in command and not api_url:
        raise ImproperlyConfigured("FIRST_REQUEST contains $API_URL, so set API_URL too.")
    return command


def read_security_contact(env: environ.Env) -> str:
    """Returns the URI in SECURITY_CONTACT: https:, mailto: or tel:. An email address becomes mailto:."""
    contact: str = env.str("SECURITY_CONTACT", default="").strip()
    if not contact or is_contact_uri(contact):
        return contact
    if not is_email_address(contact):
        raise ImproperlyConfigured(
            "SECURITY_CONTACT must be an email address, or begin with https://, mailto: or tel:."
        )
    return f"mailto:{contact}"


def is_contact_uri(text: str) -> bool:
    """Returns whether security.txt can name the URI, which is ASCII (RFC 9116, 2.5.3)."""
    if not (text.isascii() and text.isprintable()) or " " in text:
        return False
    scheme, _, rest = text.partition(":")
    match scheme.lower():
        case "https":
            return is_web_url(text)
        case "mailto":
            return is_email_address(rest.partition("?")[0])
        case "tel":
            return TELEPHONE.fullmatch(rest) is not None
    return False


def is_email_address(text: str) -> bool:
    return text.isprintable() and EMAIL_ADDRESS.fullmatch(text) is not None
