"""Kinds of triggers, each with its SQL for SQLite and PostgreSQL.

On PostgreSQL a trigger is a function of the same name (its `body`, in PL/pgSQL) and the `event_clause` that
calls it. A trigger without an event clause for a database does not exist there.
"""

from dataclasses import dataclass

REFUSAL = "USING ERRCODE = 'check_violation'"
# The present moment in the SQL of a reaction.
NOW = "NOW()"
NOW_ON_SQLITE = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


def changes_any(*columns: str) -> str:
    """Returns the SQL condition that an update changes one of the columns."""
    return " OR ".join(
        f"(OLD.{column} IS NULL) <> (NEW.{column} IS NULL) OR OLD.{column} <> NEW.{column}"
        for column in columns
    )


@dataclass(frozen=True)
class Trigger:
    """A trigger called `name` on `table`."""

    name: str
    table: str

    def sqlite(self) -> str:
        """Returns the statement that creates it on SQLite; empty if SQLite has no such event."""
        raise NotImplementedError

    def body(self) -> str:
        """Returns the body of its PL/pgSQL function."""
        raise NotImplementedError

    def event_clause(self) -> str:
        """Returns what follows the name in PostgreSQL's CREATE TRIGGER, up to EXECUTE FUNCTION."""
        raise NotImplementedError


@dataclass(frozen=True)
class Guard(Trigger):
    """Refuses `event` on `table` when the SQL condition `when` holds for the NEW or OLD row.

    The refusal is an IntegrityError with `message`. `lock` is a PostgreSQL statement that protects the
    condition from concurrent transactions (SQLite has one writer).
    """

    event: str
    when: str
    message: str
    lock: str = ""

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW "
            f"WHEN {self.when} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def body(self) -> str:
        row = "OLD" if self.event == "DELETE" else "NEW"
        return (
            f"BEGIN {self.lock} IF {self.when} THEN RAISE EXCEPTION '{self.message}' {REFUSAL}; "
            f"END IF; RETURN {row}; END"
        )

    def event_clause(self) -> str:
        return f"BEFORE {self.event} ON {self.table} FOR EACH ROW"


@dataclass(frozen=True)
class StatementGuard(Trigger):
    """Refuses an INSERT into `table` with a row for which the SQL condition `when` holds.

    `when` refers to the row as `{row}` and reads only its `columns`. PostgreSQL checks the distinct values
    of a statement once; SQLite checks each row.
    """

    columns: str
    when: str
    message: str

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE INSERT ON {self.table} FOR EACH ROW "
            f"WHEN {self.when.format(row='NEW')} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def body(self) -> str:
        return (
            f"BEGIN IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {self.columns} FROM added) a "
            f"WHERE {self.when.format(row='a')}) THEN RAISE EXCEPTION '{self.message}' {REFUSAL}; "
            "END IF; RETURN NULL; END"
        )

    def event_clause(self) -> str:
        return f"AFTER INSERT ON {self.table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT"


@dataclass(frozen=True)
class Reaction(Trigger):
    """Runs the SQL statements `then` after `event` on `table` where the condition `when` holds.

    `NOW()` in them is the present moment by the database's clock.
    """

    event: str
    then: str
    when: str = "TRUE"

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} FOR EACH ROW "
            f"WHEN {self.when} BEGIN {self.then.replace(NOW, NOW_ON_SQLITE)}; END"
        )

    def body(self) -> str:
        then = self.then.replace(NOW, "clock_timestamp()")
        return f"BEGIN IF {self.when} THEN {then}; END IF; RETURN NULL; END"

    def event_clause(self) -> str:
        return f"AFTER {self.event} ON {self.table} FOR EACH ROW"


@dataclass(frozen=True)
class TruncateGuard(Trigger):
    """Refuses TRUNCATE, which bypasses row triggers; SQLite has no such statement."""

    message: str

    def sqlite(self) -> str:
        return ""

    def body(self) -> str:
        return f"BEGIN RAISE EXCEPTION '{self.message}' {REFUSAL}; END"

    def event_clause(self) -> str:
        return f"BEFORE TRUNCATE ON {self.table} FOR EACH STATEMENT"
