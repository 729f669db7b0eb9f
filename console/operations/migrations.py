"""Finds migrations of newer versions, and sets triggers aside while a migration runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from django.db import OperationalError, ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AlterField,
    CreateModel,
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


def find_created_already(
    connection: BaseDatabaseWrapper, migrations: Sequence[Migration]
) -> list[str]:
    """Returns the tables and columns that the migrations, in this order, create although they exist."""
    tables = set(connection.introspection.table_names())
    existing = tables | fetch_columns(connection, tables & find_extended_tables(migrations))
    created: list[str] = []
    for migration in migrations:
        for operation in list_database_operations(migration.operations):
            created += existing & name_created(migration.app_label, operation)
            # What is removed or renamed may be created again later.
            existing -= name_altered(migration.app_label, operation)
    return created


def name_created(label: str, operation: Operation) -> set[str]:
    """Returns the table or column that the operation creates; a foreign key's column ends in _id."""
    if isinstance(operation, CreateModel):
        return {f"{label}_{operation.name_lower}"}
    if isinstance(operation, AddField):
        column = f"{label}_{operation.model_name_lower}.{operation.name}"
        return {column, f"{column}_id"}
    return set()


def name_altered(label: str, operation: Operation) -> set[str]:
    if not isinstance(operation, RemoveField | RenameField):
        return set()
    name = operation.name if isinstance(operation, RemoveField) else operation.old_name
    column = f"{label}_{operation.model_name_lower}.{name}"
    return {column, f"{column}_id"}


def find_extended_tables(migrations: Sequence[Migration]) -> set[str]:
    return {
        f"{migration.app_label}_{operation.model_name_lower}"
        for migration in migrations
        for operation in list_database_operations(migration.operations)
        if isinstance(operation, AddField)
    }


def fetch_columns(connection: BaseDatabaseWrapper, tables: set[str]) -> set[str]:
    """Returns `table.column` for all columns of the tables.

    Django's introspection cannot read the constraints of some of them on SQLite.
    """
    columns = set()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608
            columns |= {f"{table}.{column[0]}" for column in cursor.description}
    return columns


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
