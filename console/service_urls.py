"""Reads the URLs of the database, the cache and the mail server from environment variables."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import redis
from django.core.exceptions import ImproperlyConfigured
from redis.backoff import NoBackoff
from redis.retry import Retry

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
# The cache may lose its last writes in a power cut, so commits do not wait for the disk.
CACHE_OPTIONS = {
    **SQLITE_OPTIONS,
    "init_command": SQLITE_OPTIONS["init_command"].replace(
        "synchronous=FULL", "synchronous=NORMAL"
    ),
}

POSTGRESQL_WORDS = {
    "NAME": "dbname",
    "USER": "user",
    "PASSWORD": "password",
    "HOST": "host",
    "PORT": "port",
}
# In seconds and, for tcp_user_timeout, milliseconds. A server that vanished without a word, as in a power
# cut, is noticed within half a minute.
POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
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
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        cache = configure_sqlite(path.with_name("cache.sqlite3"), CACHE_OPTIONS)
        return {"default": configure_sqlite(path), "cache": cache}
    if not url.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgresql:// or sqlite:///. Leave it empty for SQLite in DATA_DIR."
        )
    return {"default": configure_postgresql(url)}


def configure_postgresql(url: str) -> dict[str, Any]:
    """Returns Django's settings from everything that libpq, and so psql, understands as a URL."""
    import psycopg  # not at the top: on SQLite nothing needs it

    try:
        options: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
        config = {key: options.pop(word, "") for key, word in POSTGRESQL_WORDS.items()}
        [int(port) for port in str(config["PORT"]).split(",") if port]
    except (ValueError, psycopg.Error):
        raise ImproperlyConfigured("DATABASE_URL is not a valid URL.") from None
    if not config["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL must end with the name of a database.")
    return {
        "ENGINE": "console.postgresql",
        **config,
        "CONN_MAX_AGE": None,
        # A connection that was lost between two requests is opened again by the second one.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**POSTGRESQL_OPTIONS, **options},
    }


# A frozen server holds a request for a second, at most. A connection that the server closed is made
# anew, once; what timed out is not tried again.
REDIS_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry": Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
}


# Django's default is 300, after which it deletes every third entry: counts of failed sign-ins, too.
CACHE_ENTRIES = 100_000


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
                "OPTIONS": {"MAX_ENTRIES": CACHE_ENTRIES},
            }
        }
    try:
        is_redis = urlsplit(url).scheme in ("redis", "rediss") and bool(urlsplit(url).port or 6379)
    except ValueError:
        is_redis = False
    if not is_redis:
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
    if not is_mail_server(url):
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://, smtp+tls:// or smtp+ssl:// with the host of a mail server."
        )
    config: dict[str, Any] = env.email_url_config(url)
    return {**config, "EMAIL_TIMEOUT": 10}


def is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return has_host and parts.scheme in ("smtp", "smtps", "smtp+tls", "smtp+ssl")
