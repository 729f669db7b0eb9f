"""Brings the database, the static files and the demo world up to this version.

Every step can be repeated and is quick when there is nothing to do, so each start goes through all of them.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from console.operations.heartbeats import expect_worker
from console.operations.migrations import find_created_already, unknown_migrations
from console.operations.startup import (
    refuse_unreachable_cache,
    refuse_unreachable_database,
    refuse_unusable_keys,
)

# An arbitrary number, the same for all nodes that share a database.
ADVISORY_LOCK = 7_206_115


def prepare(*, with_demo: bool) -> None:
    """Prepares everything for a start. Raises CommandError if a person has to act."""
    refuse_unreachable_database()
    refuse_unreachable_cache()
    refuse_unusable_keys()
    with hold_preparation_lock():
        refuse_newer_database()
        refuse_half_replaced_migrations()
        refuse_remains_of_newer_version()
        migrate()
        collect_static_files()
        if with_demo:
            call_command("seed_demo", verbosity=0)


def is_fresh() -> bool:
    """Returns whether the database is empty. Raises CommandError if it does not answer."""
    refuse_unreachable_database()
    return not MigrationRecorder(connection).applied_migrations()


def refuse_newer_database() -> None:
    """Raises CommandError if a newer version, with rules unknown to this one, migrated the database."""
    unknown = unknown_migrations(connection)
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise CommandError(
            f"A newer version of the console has migrated the database ({names}{more}). "
            "Start that version, or restore a backup made with this one."
        )


def refuse_half_replaced_migrations() -> None:
    """Raises CommandError if only some of the migrations that a squashed one replaces were applied."""
    loader = MigrationLoader(connection)
    for (app, name), migration in loader.disk_migrations.items():
        missing = sorted(set(migration.replaces) - set(loader.applied_migrations))
        if (
            0 < len(missing) < len(migration.replaces)
            and (app, name) not in loader.applied_migrations
        ):
            raise CommandError(
                f"The database is too old for this version of the console: {app}.{name} replaces "
                f"{app}.{missing[0][1]}, which was never applied. Start the version in between once, "
                "then this one."
            )


def refuse_remains_of_newer_version() -> None:
    """Raises CommandError if a backup was restored into a database that a newer version had migrated.

    The restored table of migrations knows nothing of the newer tables and columns, which stay.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    remains = find_created_already(connection, [migration for migration, _ in plan]) if plan else []
    if remains:
        raise CommandError(
            f"The database contains parts of a newer version ({remains[0]}): a backup was restored over it. "
            "Restore the backup into an empty database."
        )


@contextmanager
def hold_preparation_lock() -> Iterator[None]:
    """Lets one start at a time prepare: a file lock on this machine, a PostgreSQL lock across nodes."""
    directory = os.open(settings.DATA_DIR, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
    finally:
        os.close(directory)


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    for alias in connections:  # the router selects the one with the cache
        call_command("createcachetable", database=alias, verbosity=0)
    expect_worker()


def collect_static_files() -> None:
    """Copies, hashes and compresses the static files if they have changed."""
    marker = Path(settings.STATIC_ROOT) / ".collected"
    digest = compute_static_digest()
    if not marker.exists() or marker.read_text() != digest:
        call_command("collectstatic", interactive=False, verbosity=0)
        marker.write_text(digest)


def compute_static_digest() -> str:
    """Returns a digest of the names, sizes and times of the source files and of how they are stored."""
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            state = os.stat(storage.path(name))
            seen.update(f"{name}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return seen.hexdigest()
