"""Refuses to start with settings that cannot work, before a request or task meets them.

Malformed settings are refused as they are read. This checks what settings refer to: files, the database
and the cache.
"""

from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from redis import RedisError

from console.operations.durability import refuse_unsafe_database
from console.operations.outages import describe_outage
from keys.leaks.signatures import UnusableKeys, load_key, read_public_keys


def refuse_unusable_settings() -> None:
    """Raises CommandError or ImproperlyConfigured, with the reason in one line."""
    if not settings.DATA_DIR.is_dir():
        raise CommandError(f"DATA_DIR {settings.DATA_DIR} is not a directory.")
    refuse_unusable_keys()
    refuse_missing_database()
    refuse_unreachable_database()
    refuse_unsafe_database()
    refuse_unprepared_database()
    refuse_unreachable_cache()


def refuse_unusable_keys() -> None:
    if settings.LEAK_REPORT_KEYS:
        try:
            for pem in read_public_keys().values():
                load_key(pem)
        except UnusableKeys as error:
            raise CommandError(str(error)) from error


def refuse_missing_database() -> None:
    """Connecting would create an empty SQLite file, which looks like a console without customers."""
    if is_missing():
        raise CommandError(
            f"There is no console database at {connection.settings_dict['NAME']}. Set DATABASE_URL or "
            "DATA_DIR, or ENV_FILE to the file that has them. bin/manage prepare creates a new database."
        )


def is_missing() -> bool:
    """Returns whether the file of the SQLite database does not exist."""
    return connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists()


def refuse_unreachable_database() -> None:
    for each in connections.all():
        try:
            each.ensure_connection()
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {describe_outage(error)}") from error


def refuse_unprepared_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is not prepared for this version of the console. Run bin/manage prepare."
        )


def refuse_unreachable_cache() -> None:
    """The default cache is in the database, where its table may not exist yet."""
    if not settings.CACHES["default"]["BACKEND"].endswith("RedisCache"):
        return
    try:
        cache.get("start")
    except RedisError as error:
        raise CommandError(
            f"The cache in CACHE_URL does not answer: {describe_outage(error)}"
        ) from error
