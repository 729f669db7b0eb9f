"""The kinds of triggers there are, each written for SQLite and for PostgreSQL."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """Refuses `event` on `table` when the SQL condition `when` holds for the NEW or OLD row.

    The refusal is an IntegrityError with `message`. `lock` is a PostgreSQL statement that makes
    the condition hold against transactions under way (SQLite has one writer anyway). `only` says
    which rows can be concerned at all, where there are too many to call PostgreSQL's function for each.
    """

    name: str
    table: str
    event: str
    when: str
    message: str
    lock: str = ""
    only: str = ""

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW "
            f"WHEN {self.when} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def postgresql(self) -> str:
        row = "OLD" if self.event == "DELETE" else "NEW"
        only = f"WHEN ({self.only}) " if self.only else ""
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{self.lock} IF {self.when} THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {row}; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW {only}EXECUTE FUNCTION {self.name}()"
        )


@dataclass(frozen=True)
class StatementGuard:
    """Refuses an INSERT into `table` with a row for which the SQL condition `when` holds.

    `when` calls the row `{row}` and reads its `columns` only. PostgreSQL looks once at the different
    values of a whole statement; SQLite, which cannot, at each row.
    """

    name: str
    table: str
    columns: str
    when: str
    message: str

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE INSERT ON {self.table} FOR EACH ROW "
            f"WHEN {self.when.format(row='NEW')} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def postgresql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {self.columns} FROM added) a "
            f"WHERE {self.when.format(row='a')}) THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN NULL; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER INSERT ON {self.table} "
            f"REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )


@dataclass(frozen=True)
class Reaction:
    """Runs the SQL statements `then` after `event` on `table` where the condition `when` holds."""

    name: str
    table: str
    event: str
    then: str
    when: str = "TRUE"

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} FOR EACH ROW "
            f"WHEN {self.when} BEGIN {self.then}; END"
        )

    def postgresql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {self.when} THEN {self.then}; END IF; RETURN NULL; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )


@dataclass(frozen=True)
class TruncateGuard:
    """Refuses TRUNCATE, which walks past row triggers; SQLite has no such statement."""

    name: str
    table: str
    message: str

    def sqlite(self) -> str:
        return ""

    def postgresql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation'; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE TRUNCATE ON {self.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )
