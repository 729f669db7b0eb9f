"""Installs and removes our triggers, for SQLite and PostgreSQL, in one idempotent place.

`migrate` calls it (console/management/commands/migrate.py): SQLite loses a table's triggers when
Django rebuilds it, and cannot rebuild one that a trigger elsewhere names. The list is guards.py.
"""

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from console.guards import TRIGGERS


def drop(connection: BaseDatabaseWrapper) -> None:
    """Removes our triggers, whichever of them exist."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            if trigger.table in tables:
                on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def install(connection: BaseDatabaseWrapper) -> None:
    """Makes every trigger whose table exists; those that exist already are replaced."""
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop(connection)
        for trigger in TRIGGERS:
            statement = (
                trigger.postgresql() if connection.vendor == "postgresql" else trigger.sqlite()
            )
            if statement and trigger.table in tables:
                cursor.execute(statement)


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the triggers the database has now, foreign-key machinery left out."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}
