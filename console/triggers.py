"""Keeps the triggers in the database equal to those that the apps declare, on SQLite and PostgreSQL.

`migrate` calls it (console/management/commands/migrate.py). What is compared is the definition that the
database has, not a name: SQLite keeps the text of each trigger, PostgreSQL the body of its function; the
rest of a trigger stands there as a digest in its comment. What is equal is not touched, so that another
process can serve meanwhile.
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
# Shorter than PostgreSQL's deadlock_timeout of a second: we give way before anybody is sacrificed to us.
LOCK_TIMEOUT = "800ms"
ATTEMPTS = 20
ON_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
# A trigger of ours calls the function of its own name; partitions have copies of their parent's.
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

    On SQLite the statement is all there is. PostgreSQL writes it in words of its own, so there the comment
    has a digest of ours.
    """

    name: str
    table: str
    statement: str
    body: str = ""
    comment: str = ""
    enabled: str = "O"

    @property
    def definition(self) -> tuple[str, str, str]:
        """What is compared with the code."""
        return (self.body or self.statement, self.comment, self.enabled)


def fetch_installed(connection: BaseDatabaseWrapper) -> dict[str, Installed]:
    """Our triggers that the database has now, by name: those on tables of our apps."""
    tables = {
        model._meta.db_table for label in OURS for model in apps.get_app_config(label).get_models()
    }
    with connection.cursor() as cursor:
        cursor.execute(ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE)
        rows = [Installed(*row) for row in cursor.fetchall()]
    return {trigger.name: trigger for trigger in rows if trigger.table in tables}


def list_declared(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    """The triggers of the code whose table exists, and such an event on this database, by name."""
    tables = set(connection.introspection.table_names())
    return {
        trigger.name: trigger
        for trigger in TRIGGERS
        if trigger.table in tables and (connection.vendor == "postgresql" or trigger.sqlite())
    }


def definition(connection: BaseDatabaseWrapper, trigger: Trigger) -> tuple[str, str, str]:
    """What `Installed.definition` is once the trigger is installed; `O` says that it is enabled."""
    if connection.vendor == "postgresql":
        return (trigger.body(), comment(trigger), "O")
    return (trigger.sqlite(), "", "O")


def comment(trigger: Trigger) -> str:
    return f"console {hashlib.sha256(trigger.event_clause().encode()).hexdigest()[:16]}"


def find_differences(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are missing, differ from the code or should not be there; empty if none."""
    have = {name: trigger.definition for name, trigger in fetch_installed(connection).items()}
    want = {
        name: definition(connection, trigger) for name, trigger in list_declared(connection).items()
    }
    return sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))


# --- Installing -----------------------------------------------------------------------------------
def install(connection: BaseDatabaseWrapper) -> None:
    """Creates, replaces and drops what differs; the triggers of a table change in one transaction.

    One table at a time: a transaction that never waits for a lock while it holds another cannot be part of a
    deadlock.
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
    """Runs them in one transaction; OperationalError when its locks cannot be had for a long time."""
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
    """On PostgreSQL they also replace one of that name, without a moment in which there is none."""
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
    """Removes all of our triggers."""
    with connection.cursor() as cursor:
        for name in fetch_installed(connection):
            cursor.execute(drop_statement(connection, name))
