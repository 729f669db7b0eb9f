"""Installs the database triggers that the apps declare, on SQLite and PostgreSQL.

`migrate` calls this (console/management/commands/migrate.py). Triggers are compared by definition: by the
text that SQLite keeps, or on PostgreSQL by the body of the function and a digest of the rest, which is in
the trigger's comment. Triggers that are up to date are not touched, so other processes can keep serving.
"""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

import accounts.triggers
import keys.triggers
import projects.triggers
import usage.triggers
from accounts.triggers.kinds import Trigger

TRIGGERS: tuple[Trigger, ...] = (
    *accounts.triggers.TRIGGERS,
    *projects.triggers.TRIGGERS,
    *keys.triggers.TRIGGERS,
    *usage.triggers.TRIGGERS,
)
OURS = ("accounts", "projects", "keys", "usage")
# Shorter than PostgreSQL's deadlock_timeout of one second, so that this gives way before another
# transaction is canceled as the victim of a deadlock.
LOCK_TIMEOUT = "800ms"
ATTEMPTS = 20
ON_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
# The console's triggers call a function of their own name. Partitions have copies of their parent's triggers.
ON_POSTGRESQL = """
SELECT tgname, relname, pg_get_triggerdef(t.oid), prosrc,
       coalesce(obj_description(t.oid, 'pg_trigger'), ''), tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
WHERE NOT tgisinternal AND tgparentid = 0 AND proname = tgname
  AND relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Installed:
    """A trigger in the database: the statement that creates it, its function's body, its comment.

    SQLite has only the statement. PostgreSQL rewrites the statement, so the comment has a digest of the
    original.
    """

    name: str
    table: str
    statement: str
    body: str = ""
    comment: str = ""
    enabled: str = "O"

    @property
    def definition(self) -> tuple[str, str, str]:
        """The part that is compared with the code."""
        return (self.body or self.statement, self.comment, self.enabled)


def fetch_installed(connection: BaseDatabaseWrapper) -> dict[str, Installed]:
    """Returns the installed triggers on tables of the console's apps, by name."""
    tables = {
        model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()
    }
    with connection.cursor() as cursor:
        cursor.execute(ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)
        rows = [Installed(*row) for row in cursor.fetchall()]
    return {trigger.name: trigger for trigger in rows if trigger.table in tables}


def list_declared(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    """Returns the declared triggers whose table exists and that this kind of database supports, by name."""
    tables = set(connection.introspection.table_names())
    return {
        trigger.name: trigger
        for trigger in TRIGGERS
        if trigger.table in tables and (connection.vendor == "postgresql" or trigger.sqlite())
    }


def definition(connection: BaseDatabaseWrapper, trigger: Trigger) -> tuple[str, str, str]:
    """Returns the `Installed.definition` that the trigger should have. `O` means enabled."""
    if connection.vendor == "postgresql":
        return (trigger.body(), comment(trigger), "O")
    return (trigger.sqlite(), "", "O")


def comment(trigger: Trigger) -> str:
    return f"console {hashlib.sha256(trigger.event_clause().encode()).hexdigest()[:16]}"


def find_differences(connection: BaseDatabaseWrapper) -> list[str]:
    """Returns the names of triggers that are missing, outdated or superfluous."""
    have = {name: trigger.definition for name, trigger in fetch_installed(connection).items()}
    want = {
        name: definition(connection, trigger) for name, trigger in list_declared(connection).items()
    }
    return sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))


# --- Installing -----------------------------------------------------------------------------------
def install(connection: BaseDatabaseWrapper) -> None:
    """Creates, replaces and drops triggers that differ, one table in one transaction.

    A transaction that locks a single table cannot be part of a deadlock.
    """
    have, want = fetch_installed(connection), list_declared(connection)
    statements: dict[str, list[str]] = {}
    for name in find_differences(connection):
        table = (want[name] if name in want else have[name]).table
        if name in have and (name not in want or connection.vendor != "postgresql"):
            statements.setdefault(table, []).append(drop_statement(connection, name))
        if name in want:
            statements.setdefault(table, []).extend(create_statements(connection, want[name]))
    for _, exchange in sorted(statements.items()):
        execute_patiently(connection, exchange)


def execute_patiently(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    """Runs the statements in one transaction. Raises OperationalError after `ATTEMPTS` lock timeouts."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                for statement in statements:
                    cursor.execute(statement)
            return
        except OperationalError:
            if attempt == ATTEMPTS or connection.in_atomic_block:
                raise


def create_statements(connection: BaseDatabaseWrapper, trigger: Trigger) -> list[str]:
    """Returns the statements that create the trigger; on PostgreSQL they also replace it atomically."""
    if connection.vendor != "postgresql":
        return [trigger.sqlite()]
    name, table = trigger.name, trigger.table
    function = f"FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${trigger.body()}$$"
    return [
        f"CREATE OR REPLACE {function}",
        f"CREATE OR REPLACE TRIGGER {name} {trigger.event_clause()} EXECUTE FUNCTION {name}()",
        f"COMMENT ON TRIGGER {name} ON {table} IS '{comment(trigger)}'",
    ]


def drop_statement(connection: BaseDatabaseWrapper, name: str) -> str:
    if connection.vendor == "postgresql":
        return f"DROP FUNCTION {name}() CASCADE"
    return f"DROP TRIGGER {name}"


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drops all triggers of the console."""
    with connection.cursor() as cursor:
        for name in fetch_installed(connection):
            cursor.execute(drop_statement(connection, name))
