"""Turns environment variables into Django's settings; every refusal names the variable and the cure."""

import ipaddress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS: dict[str, Any] = {
    # IMMEDIATE takes the write lock at BEGIN: a read-then-write transaction can then never fail
    # half way because somebody else wrote in between.
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        " PRAGMA busy_timeout=5000;"
    ),
}


def read_secret(env: environ.Env, name: str) -> str:
    """The value of `name`, at least 32 characters; ImproperlyConfigured otherwise."""
    value: str = env.str(name, default="")
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} must be set to at least 32 random characters. bin/run creates them in "
            "DATA_DIR/secrets.env; restore that file from a backup if it has lost one."
        )
    return value


def read_secrets(env: environ.Env, name: str) -> list[str]:
    """Several secrets divided by commas, none when absent; each is held to what `secret` asks."""
    values = [text.strip() for text in env.str(name, default="").split(",") if text.strip()]
    if any(len(value) < 32 for value in values):
        raise ImproperlyConfigured(f"{name}: each of its values has at least 32 characters.")
    return values


def read_switch(env: environ.Env, name: str) -> bool:
    """0 or 1 (false or true); off when absent. A word that is neither is refused, not taken as off."""
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
    """The address people use: scheme, host and perhaps port; https unless it is a loopback address."""
    url: str = env.str("BASE_URL", default=default).rstrip("/")
    try:
        parts = urlsplit(url)
        well_formed = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ImproperlyConfigured("BASE_URL cannot be read as an address.") from None
    if (
        not well_formed
        or parts.scheme not in ("http", "https")
        or url != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ImproperlyConfigured(
            "BASE_URL must be the address people use, such as https://console.example.com."
        )
    if parts.scheme == "http" and not is_loopback(url):
        raise ImproperlyConfigured("BASE_URL must be https:// unless it is a loopback address.")
    return url


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def list_allowed_hosts(base_url: str, *, demo: bool) -> list[str]:
    """Exactly the host of BASE_URL; a loopback demo also answers to the other loopback names."""
    host = urlsplit(base_url).hostname or ""
    exact = f"[{host}]" if ":" in host else host
    return ["127.0.0.1", "localhost", "[::1]"] if demo and is_loopback(base_url) else [exact]


# Nothing in the cache's file is missed after a power cut, so no commit waits for the disk.
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
    """SQLite in DATA_DIR, or PostgreSQL when DATABASE_URL says so.

    On SQLite the cache has a file of its own, so that a throttle never waits for the main write lock.
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
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from None
    if scheme.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        cache = configure_sqlite(path.with_name("cache.sqlite3"), CACHE_OPTIONS)
        return {"default": configure_sqlite(path), "cache": cache}
    if scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// (or be absent, for SQLite in DATA_DIR)."
        )
    try:
        config: dict[str, Any] = env.db_url_config(url)
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured("DATABASE_URL cannot be read as an address.") from None
    config["CONN_MAX_AGE"] = None
    config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    return {"default": config}


def read_cache_settings(env: environ.Env) -> dict[str, Any]:
    """A cache that all workers share: Redis when CACHE_URL says so, else a table in the database.

    A per-process cache would give each worker its own count of failed sign-ins, so it is refused.
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
            "CACHE_URL must begin with redis:// or rediss://: other caches are not shared by workers."
        )
    return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}


def read_mail_settings(env: environ.Env, *, demo: bool) -> dict[str, Any]:
    """EMAIL_URL (smtp://…); the demo prints mail and keeps each message as a file instead."""
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
