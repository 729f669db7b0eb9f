"""Writes usage records and adds them to the daily and hourly totals, in the caller's transaction.

Retries are rare, so all rows are inserted without a check (COPY on PostgreSQL). Only if one of them turns
out to be stored already does the caller look up the stored ones and write the others alone.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db import DatabaseError, IntegrityError, connection, transaction

from usage.attribution import Location
from usage.enums import Reason, RecordKind
from usage.ids import (
    KeyId,
    LineItemId,
    ModelId,
    OrganizationId,
    ProjectId,
    RecordId,
    SourceId,
    UserId,
)
from usage.models.totals import AMOUNTS, DIMENSION_COLUMNS

# The event id and the intended organization: unique among the records of a source.
Identity = tuple[str, OrganizationId]


class SharedFields(NamedTuple):
    """What many records of a batch have in common; `unit_price` is in 10⁻¹² USD."""

    organization: OrganizationId
    project: ProjectId
    intended_organization: OrganizationId
    intended_project: ProjectId | None
    line_item: LineItemId
    model: ModelId
    unit_price: int
    api_key: KeyId | None
    user: UserId | None
    reason: Reason
    kind: RecordKind = RecordKind.USAGE
    requests: int = 0

    @property
    def location(self) -> Location:
        return Location(organization=self.organization, project=self.project)


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A record to be written. `time` is in UTC, quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD."""

    shared: SharedFields
    event_id: str
    digest: bytes
    time: dt.datetime
    quantity: int
    cost: int
    original: RecordId | None = None
    attributes: str = ""
    note: str = ""

    @property
    def identity(self) -> Identity:
        return self.event_id, self.shared.intended_organization


class TotalTooLarge(ArithmeticError):
    """A total would exceed 64 bits; nothing was written."""


class AlreadyStored(Exception):
    """Some of the records are stored already; nothing was written."""


def write_records(source: SourceId, drafts: Collection[Draft], now: dt.datetime) -> None:
    """Writes a record for every draft and adds the drafts to the totals.

    Raises AlreadyStored if the source has a record with the identity of one of them, TotalTooLarge if a
    sum does not fit into 64 bits. Nothing is written then.
    """
    assert connection.in_atomic_block, "records and totals are written in one transaction"
    # All writers use the same order, so that two with the same records wait for each other without a
    # deadlock. The same event id in several organizations is ordered by the shared fields.
    ordered = sorted(drafts, key=attrgetter("event_id", "shared"))
    insert = copy_records if connection.vendor == "postgresql" else insert_records
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            insert(source, ordered, now)
            hourly = sum_by_hour(ordered)
            upsert_totals("usage_hourlytotal", "hour", hourly, now)
            upsert_totals("usage_dailytotal", "day", sum_by_day(hourly), now)
    except (DatabaseError, OverflowError) as error:
        if isinstance(error, IntegrityError) and mentions(error, SIGNS_OF_DUPLICATE):
            raise AlreadyStored from error
        if mentions(error, SIGNS_OF_OVERFLOW):
            raise TotalTooLarge from error
        raise


# The constraint's name on PostgreSQL, the columns on SQLite.
SIGNS_OF_DUPLICATE = ("usagerecord_event_once", "usage_usagerecord.event_id")
SIGNS_OF_OVERFLOW = ("out of range", "too large", "within_64_bits")


def mentions(error: Exception, signs: Iterable[str]) -> bool:
    return any(sign in str(error) for sign in signs)


# In the order of SharedFields and then of Draft.
COLUMNS = (
    "organization_id, project_id, meant_organization_id, meant_project_id, line_item_id, model_id,"
    "unit_price, api_key_id, user_id, reason, kind, requests,"
    "event_id, digest, time, quantity, cost, original_id, attributes, note, source_id, recorded_at"
)
PLACEHOLDERS = ", ".join(["%s"] * (COLUMNS.count(",") + 1))
NULL = "\\N"


def copy_records(source: SourceId, drafts: Iterable[Draft], now: dt.datetime) -> None:
    text = build_copy_text(source, drafts, now)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY usage_usagerecord ({COLUMNS}) FROM STDIN") as copy,
    ):
        copy.write(text)


def build_copy_text(source: SourceId, drafts: Iterable[Draft], now: dt.datetime) -> str:
    """Returns the records in PostgreSQL's COPY text format. Written out, as it runs for every record."""
    heads: dict[SharedFields, str] = {}
    lines: list[str] = []
    end = f"\t{source}\t{now.isoformat()}\n"
    for draft in drafts:
        shared, attributes, note = draft.shared, draft.attributes, draft.note
        head = heads.get(shared)
        if head is None:
            values = (NULL if value is None else str(int(value)) for value in shared)
            head = heads[shared] = "\t".join(values)
        lines.append(
            f"{head}\t{escape(draft.event_id)}\t\\\\x{draft.digest.hex()}\t{draft.time.isoformat()}"
            f"\t{draft.quantity}\t{draft.cost}\t{NULL if draft.original is None else draft.original}"
            f"\t{attributes and escape(attributes)}\t{note and escape(note)}{end}"
        )
    return "".join(lines)


def escape(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def insert_records(source: SourceId, drafts: Iterable[Draft], now: dt.datetime) -> None:
    rows = build_rows(source, drafts, now)
    statement = f"INSERT INTO usage_usagerecord ({COLUMNS}) VALUES ({PLACEHOLDERS})"
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def build_rows(
    source: SourceId, drafts: Iterable[Draft], now: dt.datetime
) -> list[tuple[Any, ...]]:
    """Returns the records as tuples in the order of COLUMNS, for SQLite."""
    end = (source, format_for_sqlite(now))
    return [
        (
            *draft.shared,
            *(draft.event_id, draft.digest, format_for_sqlite(draft.time)),
            *(draft.quantity, draft.cost, draft.original, draft.attributes, draft.note),
            *end,
        )
        for draft in drafts
    ]


def format_for_sqlite(moment: dt.datetime) -> str:
    """Returns a time in UTC as Django writes it on SQLite."""
    return moment.isoformat(" ").removesuffix("+00:00")


class TotalKey(NamedTuple):
    """The primary key of a total, in the order of its columns.

    `start` is a UTC hour or day, and 0 stands for an id that the records do not have.
    """

    organization: OrganizationId
    start: dt.date
    project: ProjectId
    intended_project: ProjectId
    line_item: LineItemId
    model: ModelId
    api_key: KeyId
    user: UserId
    reason: int
    unit_price: int


Sums = dict[TotalKey, list[int]]


def sum_by_hour(drafts: Sequence[Draft]) -> Sums:
    """Returns quantity, cost and requests of the drafts by the key of the hourly totals."""
    by_shared: dict[tuple[SharedFields, int, int], list[int]] = {}
    for draft in drafts:
        shared, time = draft.shared, draft.time
        key = (shared, time.toordinal(), time.hour)
        sums = by_shared.get(key)
        if sums is None:
            by_shared[key] = [draft.quantity, draft.cost, shared.requests]
        else:
            sums[0] += draft.quantity
            sums[1] += draft.cost
            sums[2] += shared.requests
    hourly: Sums = {}
    for (shared, day, hour), amounts in by_shared.items():
        start = dt.datetime.fromordinal(day).replace(hour=hour, tzinfo=dt.UTC)
        add_amounts(hourly, build_total_key(shared, start), amounts)
    return hourly


def build_total_key(shared: SharedFields, start: dt.datetime) -> TotalKey:
    return TotalKey(
        organization=shared.organization,
        start=start,
        project=shared.project,
        intended_project=shared.intended_project or ProjectId(0),
        line_item=shared.line_item,
        model=shared.model,
        api_key=shared.api_key or KeyId(0),
        user=shared.user or UserId(0),
        reason=int(shared.reason),
        unit_price=shared.unit_price,
    )


def sum_by_day(hourly: Sums) -> Sums:
    daily: Sums = {}
    for key, amounts in hourly.items():
        add_amounts(daily, key._replace(start=dt.date.fromordinal(key.start.toordinal())), amounts)
    return daily


def add_amounts(sums: Sums, key: TotalKey, amounts: Iterable[int]) -> None:
    total = sums.setdefault(key, [0, 0, 0])
    for position, amount in enumerate(amounts):
        total[position] += amount


WIDTH = 2 + len(DIMENSION_COLUMNS) + len(AMOUNTS)  # columns of a total without `updated_at`


def upsert_totals(table: str, period: str, sums: Sums, now: dt.datetime) -> None:
    """Adds sums to a table of totals. All writers use the same order, so that none deadlock."""
    key = ", ".join(("organization_id", period, *DIMENSION_COLUMNS))
    columns = f"{key}, {', '.join(AMOUNTS)}, updated_at"
    added = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in AMOUNTS)
    conflict = f"ON CONFLICT ({key}) DO UPDATE SET {added}, updated_at = excluded.updated_at"
    rows: list[tuple[Any, ...]] = [(*key, *amounts) for key, amounts in sorted(sums.items())]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = {"hour": "timestamptz", "day": "date"}
            arrays = ", ".join(
                f"%s::{types[period] if n == 1 else 'bigint'}[]" for n in range(WIDTH)
            )
            values = [f"{{{','.join(map(str, column))}}}" for column in zip(*rows, strict=True)]
            cursor.execute(
                f"INSERT INTO {table} AS t ({columns}) SELECT *, %s FROM unnest({arrays}) {conflict}",
                [now, *values],
            )
            return
        format_start: Any = format_for_sqlite if period == "hour" else str
        placeholders = ", ".join(["%s"] * (WIDTH + 1))
        cursor.executemany(
            f"INSERT INTO {table} AS t ({columns}) VALUES ({placeholders}) {conflict}",
            [(row[0], format_start(row[1]), *row[2:], format_for_sqlite(now)) for row in rows],
        )
