"""Reads Django's settings from environment variables. Errors name the variable and say what it must be."""

import ipaddress
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import redis
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

# The support staff of the demo.
DEMO_SUPPORT = "support@console.example"
SQLITE_OPTIONS: dict[str, Any] = {
    # IMMEDIATE takes the write lock at BEGIN, so a transaction that reads and then writes cannot fail
    # because of another write in between.
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA busy_timeout=5000;"
    ),
}


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


def read_number(env: environ.Env, name: str, *, default: int, most: int = 1_000_000_000) -> int:
    """A whole number from 0 to `most`. Raises ImproperlyConfigured for anything else."""
    text: str = env.str(name, default=str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most):
        raise ImproperlyConfigured(f"{name} must be a whole number from 0 to {most}.")
    return int(text)


def base_url(env: environ.Env, default: str) -> str:
    """Reads the URL that people use: scheme, host and optionally a port, https unless it is loopback."""
    url: str = env.str("BASE_URL", default=default).rstrip("/")
    try:
        parts = urlsplit(url)
        well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ImproperlyConfigured("BASE_URL is not a valid URL.") from None
    if (
        not well_formed
        or parts.scheme not in ("http", "https")
        or url != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ImproperlyConfigured(
            "BASE_URL must be the URL that people use, such as https://console.example.com."
        )
    if parts.scheme == "http" and not is_loopback(url):
        raise ImproperlyConfigured(
            "BASE_URL must begin with https:// unless its host is a loopback address."
        )
    return url


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


# The cache may lose its last writes in a power cut, so commits do not wait for the disk.
CACHE_OPTIONS = {
    **SQLITE_OPTIONS,
    "init_command": SQLITE_OPTIONS["init_command"].replace(
        "synchronous=FULL", "synchronous=NORMAL"
    ),
}


def configure_sqlite(path: Path, options: dict[str, Any] = SQLITE_OPTIONS) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        # Race tests and the live server need a file: an in-memory database has one connection.
        "TEST": {"NAME": str(path.with_name(f"test-{path.name}"))},
    }


def read_database_settings(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """Reads DATABASE_URL; without it, returns SQLite files in DATA_DIR.

    On SQLite the cache has its own file, so that rate limits never wait for the main write lock.
    """
    url = env.str("DATABASE_URL", default="")
    if not url:
        return {
            "default": configure_sqlite(data_dir / "console.sqlite3"),
            "cache": configure_sqlite(data_dir / "cache.sqlite3", CACHE_OPTIONS),
        }
    try:
        scheme, _ = urlsplit(url).scheme, urlsplit(url).port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL is not a valid URL.") from None
    if scheme.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        cache = configure_sqlite(path.with_name("cache.sqlite3"), CACHE_OPTIONS)
        return {"default": configure_sqlite(path), "cache": cache}
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql://. Leave it empty for SQLite in DATA_DIR."
        )
    try:
        config: dict[str, Any] = env.db_url_config(url)
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured("DATABASE_URL is not a valid URL.") from None
    config["CONN_MAX_AGE"] = None
    config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    return {"default": config}


# A frozen server holds a request for a second, at most. A connection that the server closed is made
# anew, once; what timed out is not tried again.
REDIS_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
}


def read_cache_settings(env: environ.Env) -> dict[str, Any]:
    """Reads CACHE_URL; without it, returns a cache in a table of the database.

    A cache in memory is refused: each process would count failed sign-ins separately.
    """
    url = env.str("CACHE_URL", default="")
    if not url:
        return {
            "default": {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "cache_entries",
            }
        }
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise ImproperlyConfigured(
            "CACHE_URL must begin with redis:// or rediss://. Other caches are not shared by all processes."
        )
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "OPTIONS": REDIS_OPTIONS,
        }
    }


def read_mail_settings(env: environ.Env, *, demo: bool) -> dict[str, Any]:
    """Reads EMAIL_URL (smtp://…); without it, a demo keeps each email as a file."""
    url = env.str("EMAIL_URL", default="")
    if not url:
        backend = (
            "console.operations.mail.DemoBackend"
            if demo
            else "django.core.mail.backends.smtp.EmailBackend"
        )
        return {"EMAIL_BACKEND": backend, "EMAIL_TIMEOUT": 10}
    if not urlsplit(url).scheme.startswith("smtp"):
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtp+tls:// or smtp+ssl://.")
    config: dict[str, Any] = env.email_url_config(url)
    return {**config, "EMAIL_TIMEOUT": 10}


def read_contact(env: environ.Env, sender: str, *, demo: bool) -> str:
    """Reads SUPPORT_CONTACT, an email address or a URL; the sender's address, or that of the demo's staff."""
    default = DEMO_SUPPORT if demo else parseaddr(sender)[1]
    contact: str = env.str("SUPPORT_CONTACT", default="").strip() or default
    is_url = contact.startswith(("https://", "http://")) and urlsplit(contact).hostname
    if any(character.isspace() for character in contact) or not (is_url or "@" in contact):
        raise ImproperlyConfigured("SUPPORT_CONTACT must be an email address or an https:// URL.")
    return contact
