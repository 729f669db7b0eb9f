"""The rows of usage records as PostgreSQL's binary COPY and SQLite's executemany take them.

Written out, as it runs for every record (docs/decisions/0028).
"""

import datetime as dt
import struct
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

from usage.ids import SeriesId, SourceId
from usage.ledger.drafts import Draft
from usage.ledger.series import SharedFields
from usage.ledger.series_walk import are_former_columns_read
from usage.triggers.records import SERIES_COLUMNS

COLUMNS = (
    *("series_id", "meant_organization_id", "source_id", "time", "recorded_at", "quantity", "cost"),
    *("digest", "original_id", "event_id", "attributes", "note"),
)
# Those that only the version before reads.
FORMER_COLUMNS = tuple(column for column in SERIES_COLUMNS if column not in COLUMNS)


def insert_rows(
    source: SourceId, series: Sequence[SeriesId], drafts: Collection[Draft], now: dt.datetime
) -> None:
    """Inserts a record for each draft, in their order. `series` has that of each draft."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            former = FORMER_COLUMNS if are_former_columns_read() else ()
            columns = (*COLUMNS, *former)
            rows = pack_rows(source, series, drafts, now, with_former=bool(former))
            statement = f"COPY usage_usagerecord ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
            with cursor.copy(statement) as copy:
                copy.write(rows)
            return
        placeholders = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(
            f"INSERT INTO usage_usagerecord ({', '.join(COLUMNS)}) VALUES ({placeholders})",
            build_rows(source, series, drafts, now),
        )


# A row is the number of its columns, then the length and the bytes of each;
# https://www.postgresql.org/docs/current/sql-copy.html (*Binary Format*).
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"
POSTGRES_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
DIGEST_BYTES = 16
# All up to the length of the event id: the columns of fixed width, then a NULL for the original.
pack_usage = struct.Struct(">h iq iq iq iq iq iq iq i16s i i").pack
# The same with an original.
pack_change = struct.Struct(">h iq iq iq iq iq iq iq i16s iq i").pack
pack_length = struct.Struct(">i").pack
pack_number = struct.Struct(">iq").pack
pack_small_number = struct.Struct(">ih").pack
NULL, TWO_EMPTY = pack_length(-1), pack_length(0) * 2


def pack_rows(
    source: SourceId,
    series: Sequence[SeriesId],
    drafts: Collection[Draft],
    now: dt.datetime,
    *,
    with_former: bool,
) -> bytes:
    """Returns the records as PostgreSQL's binary COPY reads them, in the order of COLUMNS."""
    count = len(COLUMNS) + (len(FORMER_COLUMNS) if with_former else 0)
    former = pack_all_former(series, drafts) if with_former else None
    recorded_at = count_microseconds(now)
    parts = [COPY_HEADER]
    add = parts.append
    # One call and no unpacking of tuples: each would take a tenth of the time.
    # fmt: off
    for number, draft in zip(series, drafts, strict=True):
        event_id, original = draft.event_id.encode(), draft.original
        organization = draft.shared.intended_organization
        time, quantity, cost = count_microseconds(draft.time), draft.quantity, draft.cost
        if original is None:
            add(pack_usage(
                count, 8, number, 8, organization, 8, source, 8, time, 8, recorded_at,
                8, quantity, 8, cost, DIGEST_BYTES, draft.digest, -1, len(event_id),
            ))
        else:
            add(pack_change(
                count, 8, number, 8, organization, 8, source, 8, time, 8, recorded_at,
                8, quantity, 8, cost, DIGEST_BYTES, draft.digest, 8, original, len(event_id),
            ))
        add(event_id)
        attributes, note = draft.attributes, draft.note
        add(pack_text(attributes) + pack_text(note) if attributes or note else TWO_EMPTY)
        if former:
            add(former[number])
    # fmt: on
    add(COPY_END)
    return b"".join(parts)


def count_microseconds(time: dt.datetime) -> int:
    """Returns a time as PostgreSQL stores it: in microseconds since 2000."""
    since = time - POSTGRES_EPOCH  # dividing it by a microsecond would take twice as long
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def pack_text(text: str) -> bytes:
    encoded = text.encode()
    return pack_length(len(encoded)) + encoded


def pack_all_former(series: Iterable[SeriesId], drafts: Iterable[Draft]) -> dict[SeriesId, bytes]:
    distinct = {number: draft.shared for number, draft in zip(series, drafts, strict=True)}
    return {number: pack_former(shared) for number, shared in distinct.items()}


def pack_former(shared: SharedFields) -> bytes:
    """Returns the former columns of every record of a series."""
    numbers = (*shared[:2], *shared[3:9])
    small = (shared.reason, shared.kind, shared.requests)
    return b"".join(
        [NULL if number is None else pack_number(8, number) for number in numbers]
        + [pack_small_number(2, number) for number in small]
    )


def build_rows(
    source: SourceId, series: Iterable[SeriesId], drafts: Iterable[Draft], now: dt.datetime
) -> list[tuple[Any, ...]]:
    """Returns the records as tuples in the order of COLUMNS, for SQLite."""
    recorded_at = format_for_sqlite(now)
    # fmt: off
    return [
        (
            number, draft.shared.intended_organization, source,
            format_for_sqlite(draft.time), recorded_at, draft.quantity, draft.cost,
            draft.digest, draft.original, draft.event_id, draft.attributes, draft.note,
        )
        for number, draft in zip(series, drafts, strict=True)
    ]
    # fmt: on


def format_for_sqlite(moment: dt.datetime) -> str:
    """Returns a time in UTC as Django writes it on SQLite."""
    return moment.isoformat(" ")[: -len("+00:00")]
