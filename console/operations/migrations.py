"""Finds migrations of newer versions, and sets triggers aside while a migration runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from django.db import OperationalError, ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AlterField,
    RemoveField,
    RenameField,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation

from console.triggers import Installed, fetch_installed

log = structlog.get_logger("migrations")


def unknown_migrations(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Returns (app, name) of applied migrations that this version of the console does not have."""
    loader = MigrationLoader(connection)
    replaced = (migration.replaces for migration in loader.disk_migrations.values())
    existing = set(loader.disk_migrations).union(*replaced)
    return sorted(set(loader.applied_migrations) - existing)


@contextmanager
def set_triggers_aside(connection: BaseDatabaseWrapper, migration: Migration) -> Iterator[None]:
    """Drops the triggers that are in the way of `migration` and restores them, in one transaction with it.

    SQLite rebuilds an altered table, which loses its triggers, and cannot do so while other triggers use
    it. PostgreSQL refuses to alter a column that a trigger names in `UPDATE OF`. Triggers that cannot be
    restored, because their table or column is gone, are left to `install`.
    """
    with foreign_keys_off(connection), transaction.atomic(using=connection.alias):
        removed = [
            trigger
            for trigger in fetch_installed(connection).values()
            if connection.vendor != "postgresql" or trigger.table in find_altered_tables(migration)
        ]
        with connection.cursor() as cursor:
            for trigger in removed:
                cursor.execute(removal_statement(connection, trigger))
        yield
        for trigger in removed:
            restore_trigger(connection, trigger)


def removal_statement(connection: BaseDatabaseWrapper, trigger: Installed) -> str:
    """Returns the statement that drops the trigger. On PostgreSQL, its function stays."""
    on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER {trigger.name}{on}"


def restore_trigger(connection: BaseDatabaseWrapper, trigger: Installed) -> None:
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(trigger.statement)
            if connection.vendor == "postgresql" and trigger.comment:
                on = f"{trigger.name} ON {trigger.table}"
                cursor.execute(f"COMMENT ON TRIGGER {on} IS '{trigger.comment}'")
    except (OperationalError, ProgrammingError):
        log.info("trigger left to its new definition", trigger=trigger.name)


@contextmanager
def foreign_keys_off(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Turns foreign keys off on SQLite, which otherwise cannot rebuild a table inside a transaction."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        connection.enable_constraint_checking()


def find_altered_tables(migration: Migration) -> set[str]:
    """Returns the tables of which the migration alters, renames or removes a column."""
    return {
        f"{migration.app_label}_{operation.model_name_lower}"
        for operation in list_database_operations(migration.operations)
        if isinstance(operation, AlterField | RemoveField | RenameField)
    }


def list_database_operations(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from list_database_operations(operation.database_operations)
        else:
            yield operation
