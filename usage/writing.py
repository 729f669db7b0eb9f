"""Writes usage records and their totals: two statements for thousands of rows, on either database.

The rows go into a temporary table; from there those that are new become records, and the records that
came to be are added to the daily and hourly totals. All in the caller's transaction.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction

from usage.attribution import Place
from usage.enums import Reason, RecordKind
from usage.models.totals import DIMENSIONS


class Draft(NamedTuple):
    """A record to be, in the order of the temporary table's columns."""

    organization_id: int
    project_id: int
    meant_organization_id: int
    meant_project_id: int | None
    event_id: str
    digest: bytes
    time: dt.datetime
    line_item_id: int
    model_id: int
    quantity: int
    unit_price: int
    cost: int
    api_key_id: int | None
    user_id: int | None
    reason: Reason
    kind: RecordKind = RecordKind.USAGE
    original_id: int | None = None
    requests: int = 0
    attributes: str = ""
    note: str = ""

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.project_id)

    @property
    def identity(self) -> tuple[str, int]:
        """What is unique of a source's records."""
        return self.event_id, self.meant_organization_id


class TooLarge(ArithmeticError):
    """A total would leave 64 bits; nothing was written."""


COLUMNS = ", ".join(Draft._fields)
TYPES = {
    "event_id": "text", "digest": "bytea", "time": "timestamptz", "reason": "smallint",
    "kind": "smallint", "requests": "smallint", "attributes": "text", "note": "text",
}  # fmt: skip
STAGING = ", ".join(f"{name} {TYPES.get(name, 'bigint')}" for name in Draft._fields)
RECORDS = f"""INSERT INTO usage_usagerecord ({COLUMNS}, source_id, recorded_at)
    SELECT {COLUMNS}, %s, %s FROM usage_staging WHERE true ORDER BY event_id, meant_organization_id
    ON CONFLICT (event_id, source_id, meant_organization_id) DO NOTHING"""
# 0 stands for none in the totals' key.
KEYS = """project_id, COALESCE(meant_project_id, 0), line_item_id, model_id,
    COALESCE(api_key_id, 0), COALESCE(user_id, 0), reason"""


def total(table: str, period: str, expression: str, added: str) -> str:
    """Adds what `added` has to one table of totals, in one order for everybody: no deadlocks."""
    key = f"organization_id, {period}, {', '.join(DIMENSIONS)}"
    sums = ", ".join(f"CAST(sum({name}) AS bigint)" for name in ("quantity", "cost", "requests"))
    grown = ", ".join(
        f"{name} = t.{name} + excluded.{name}" for name in ("quantity", "cost", "requests")
    )
    return f"""INSERT INTO {table} AS t ({key}, quantity, cost, requests, updated_at)
        SELECT organization_id, {expression}, {KEYS}, {sums}, %s FROM {added}
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        ON CONFLICT ({key}) DO UPDATE SET {grown}, updated_at = excluded.updated_at"""


def write(source: int, drafts: Sequence[Draft], now: dt.datetime) -> set[tuple[str, int]]:
    """Makes records of the drafts whose identity is new, and adds them to the totals.

    Gives the identities of those that were new. No two drafts may have one identity. Raises TooLarge
    when a sum does not fit into 64 bits; nothing of the drafts is written then.
    """
    assert connection.in_atomic_block, "records and totals are written in one transaction"
    writer = on_postgresql if connection.vendor == "postgresql" else on_sqlite
    try:
        with transaction.atomic():
            return writer(source, drafts, now)
    except DatabaseError as error:
        if any(sign in str(error) for sign in SIGNS_OF_TOO_LARGE):
            raise TooLarge from error
        raise


SIGNS_OF_TOO_LARGE = ("out of range", "integer overflow", "within_64_bits")


def on_postgresql(source: int, drafts: Sequence[Draft], now: dt.datetime) -> set[tuple[str, int]]:
    added = f"{COLUMNS.replace('digest, ', '')}"
    statement = f"""WITH added AS ({RECORDS} RETURNING {added}),
        hourly AS ({total("usage_hourlytotal", "hour", "date_trunc('hour', time, 'UTC')", "added")}),
        daily AS ({total("usage_dailytotal", "day", "CAST(time AT TIME ZONE 'UTC' AS date)", "added")})
        SELECT event_id, meant_organization_id FROM added"""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS usage_staging ({STAGING})")
        cursor.execute("TRUNCATE usage_staging")
        with cursor.copy(f"COPY usage_staging ({COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(map(copied, drafts)))
        cursor.execute(statement, [source, now, now, now])
        return set(cursor.fetchall())


NULL = "\\N"


def copied(draft: Draft) -> str:
    """A line of PostgreSQL's COPY text format."""
    fields = (
        NULL if value is None else value if type(value) is int else written(value)
        for value in draft
    )
    return "\t".join(map(str, fields)) + "\n"


def written(value: Any) -> Any:
    if isinstance(value, str):
        return (
            value.replace("\\", "\\\\")
            .replace("\t", "\\t")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
        )
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return int(value)


PLACES = ", ".join(["%s"] * len(Draft._fields))


def on_sqlite(source: int, drafts: Sequence[Draft], now: dt.datetime) -> set[tuple[str, int]]:
    """Whoever writes here is alone: what is above the largest primary key is what was added."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS usage_staging ({STAGING})")
        cursor.execute("DELETE FROM usage_staging")
        rows = [draft._replace(time=plain(draft.time)) for draft in drafts]
        cursor.executemany(f"INSERT INTO usage_staging ({COLUMNS}) VALUES ({PLACES})", rows)
        cursor.execute("SELECT COALESCE(max(id), 0) FROM usage_usagerecord")
        (last,) = cursor.fetchone()
        cursor.execute(RECORDS, [source, plain(now)])
        added = f"usage_usagerecord WHERE id > {int(last)}"
        # Django writes times as text, so the hour and the day are its beginnings.
        hour, day = "substr(time, 1, 13) || ':00:00'", "substr(time, 1, 10)"
        cursor.execute(total("usage_hourlytotal", "hour", hour, added), [plain(now)])
        cursor.execute(total("usage_dailytotal", "day", day, added), [plain(now)])
        cursor.execute(f"SELECT event_id, meant_organization_id FROM {added}")
        return set(cursor.fetchall())


def plain(moment: dt.datetime) -> Any:
    """A time as Django writes it on SQLite."""
    return connection.ops.adapt_datetimefield_value(moment)
