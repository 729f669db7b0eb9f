"""Brings the database, the cache table, the static files and the demo world up to this code.

Every step may be repeated; what is done already costs little, so each start goes through all of them.
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
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from console.operations.migrations import unknown_migrations

# Any number will do, as long as all nodes that share a PostgreSQL ask for the same one.
ADVISORY_LOCK = 7_206_115


def prepare(*, with_demo: bool) -> None:
    """Does everything that a start needs, in order; raises CommandError when a person has to act."""
    refuse_unreachable_database()
    with hold_preparation_lock():
        refuse_newer_database()
        refuse_half_replaced_migrations()
        migrate()
        collect_static_files()
        if with_demo:
            call_command("seed_demo", verbosity=0)


def is_fresh() -> bool:
    """Whether no migration was ever applied here; CommandError when the database does not answer."""
    refuse_unreachable_database()
    return not MigrationRecorder(connection).applied_migrations()


def refuse_unreachable_database() -> None:
    for each in connections.all():
        try:
            each.ensure_connection()
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(f"The database does not answer: {reason}") from error


def refuse_newer_database() -> None:
    """An older version on a newer database would not know the rules its rows follow."""
    unknown = unknown_migrations(connection)
    if unknown:
        names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise CommandError(
            f"The database was made by a newer version of the console (it knows {names}{more}): "
            "start that version, or restore a backup made with this one."
        )


def refuse_half_replaced_migrations() -> None:
    """Django would run neither a squashed migration nor what is left of those it replaces."""
    loader = MigrationLoader(connection)
    for (app, name), migration in loader.disk_migrations.items():
        missing = sorted(set(migration.replaces) - set(loader.applied_migrations))
        if (
            0 < len(missing) < len(migration.replaces)
            and (app, name) not in loader.applied_migrations
        ):
            raise CommandError(
                f"The database is too old for this version of the console ({app}.{missing[0][1]} was "
                f"never applied, {app}.{name} replaces it): start the version in between once, then "
                "this one."
            )


@contextmanager
def hold_preparation_lock() -> Iterator[None]:
    """Two starts at once prepare one after the other: by a file lock here, by PostgreSQL across nodes."""
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
    for alias in connections:  # the router says which of them holds the cache
        call_command("createcachetable", database=alias, verbosity=0)


def collect_static_files() -> None:
    """Copies, hashes and compresses the static files, unless they are the same as the last time."""
    marker = Path(settings.STATIC_ROOT) / ".collected"
    digest = compute_static_digest()
    if not marker.exists() or marker.read_text() != digest:
        call_command("collectstatic", interactive=False, verbosity=0)
        marker.write_text(digest)


def compute_static_digest() -> str:
    """Changes with the name, size or time of any source file, and with the way they are stored."""
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            state = os.stat(storage.path(name))
            seen.update(f"{name}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return seen.hexdigest()
