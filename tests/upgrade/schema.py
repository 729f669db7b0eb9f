"""What a database looks like, without what cannot matter: the order of columns, generated names."""

import re

from tests.upgrade.installation import Installation

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length
FROM information_schema.columns WHERE table_schema = 'public'
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
TRIGGERS = """
SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid) || prosrc
FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal
"""
TABLES = "SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL"
# Those of Django's cache and of what only tests make are not part of a migration.
NOT_MIGRATED = {"cache_entries", "rate_windows", "worker_heartbeats", "sqlite_sequence"}


def schema(installation: Installation) -> set[tuple[str, ...]]:
    """One tuple for each column, constraint, index and trigger."""
    if installation.environment["DATABASE_URL"].startswith("sqlite"):
        found = {
            (table, kind, part)
            for table, kind, sql in installation.query(TABLES)
            for part in (parts(sql) if kind == "table" else [sql])
        }
    else:
        found = {
            tuple(comparable(str(value)) for value in row)
            for query in (COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS)
            for row in installation.query(query)
        }
    return {item for item in found if item[0] not in NOT_MIGRATED}


def comparable(definition: str) -> str:
    """PostgreSQL writes an expression with other casts once it was dumped and restored."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", definition)


def parts(create_table: str) -> list[str]:
    """Columns and constraints of a CREATE TABLE: split at commas outside of brackets and quotes."""
    inner = create_table[create_table.index("(") + 1 : create_table.rindex(")")]
    found, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(inner):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
        elif not quoted and not depth and character == ",":
            found.append(inner[start:at])
            start = at + 1
    return [re.sub(r"\s+", " ", part).strip() for part in [*found, inner[start:]]]
