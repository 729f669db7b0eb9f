"""Writes usage records and adds them to the daily and hourly totals, in the caller's transaction.

Retries are rare, so all rows are inserted without a check on PostgreSQL. Only if one of them turns out to
be stored already does the caller look up the stored ones and write the others alone. SQLite looks first:
undoing rows needs a savepoint, in which every row of a table with triggers copies the pages that it changes.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db import DatabaseError, IntegrityError, connection, transaction

from usage.ids import (
    KeyId,
    LineItemId,
    ModelId,
    OrganizationId,
    ProjectId,
    SeriesId,
    SourceId,
    UserId,
)
from usage.ledger.drafts import Draft
from usage.ledger.rows import format_for_sqlite, insert_rows
from usage.ledger.series import SharedFields, ensure_series
from usage.models.totals import AMOUNTS, DIMENSION_COLUMNS


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
    # deadlock. The same event id may be used for several organizations.
    ordered = sorted(drafts, key=attrgetter("shared.intended_organization"))
    ordered.sort(key=attrgetter("event_id"))
    series = find_series(ordered)
    hourly = sum_by_hour(series, ordered)
    try:
        if connection.vendor == "sqlite":
            require_not_stored(source, ordered)
            with transaction.atomic():
                add_to_totals(hourly, now)
            insert_rows(source, series, ordered, now)
        else:
            with transaction.atomic(), connection.wrap_database_errors:
                insert_rows(source, series, ordered, now)
                add_to_totals(hourly, now)
    except (DatabaseError, OverflowError) as error:
        if isinstance(error, IntegrityError) and ONCE in str(error):
            raise AlreadyStored from error
        if any(sign in str(error) for sign in SIGNS_OF_OVERFLOW):
            raise TotalTooLarge from error
        raise


ONCE = "usagerecord_event_once"  # the constraint
SIGNS_OF_OVERFLOW = ("out of range", "too large", "within_64_bits")


def find_series(drafts: Collection[Draft]) -> list[SeriesId]:
    """Returns the series of each draft.

    The drafts of a case have the same object in `shared`, so its long hash is computed once for all of them.
    """
    distinct = {id(draft.shared): draft.shared for draft in drafts}
    series = ensure_series(set(distinct.values()))
    by_object = {number: series[shared] for number, shared in distinct.items()}
    return [by_object[id(draft.shared)] for draft in drafts]


def require_not_stored(source: SourceId, drafts: Collection[Draft]) -> None:
    """Raises AlreadyStored if the source has a record with the identity of one of the drafts.

    For SQLite, which has one writer, so that the answer holds until the transaction ends.
    """
    event_ids = msgspec.json.encode([draft.event_id for draft in drafts]).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_id, meant_organization_id FROM usage_usagerecord "
            "WHERE source_id = %s AND event_id IN (SELECT value FROM json_each(%s))",
            [source, event_ids],
        )
        stored = set(cursor)
    if stored and any(draft.identity in stored for draft in drafts):
        raise AlreadyStored


def add_to_totals(hourly: "Sums", now: dt.datetime) -> None:
    upsert_totals("usage_hourlytotal", "hour", hourly, now)
    upsert_totals("usage_dailytotal", "day", sum_by_day(hourly), now)


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


def sum_by_hour(series: Iterable[SeriesId], drafts: Iterable[Draft]) -> Sums:
    """Returns quantity, cost and requests of the drafts by the key of the hourly totals."""
    by_series: dict[tuple[SeriesId, int, int], tuple[SharedFields, list[int]]] = {}
    for number, draft in zip(series, drafts, strict=True):
        time = draft.time
        key = number, time.toordinal(), time.hour
        if key not in by_series:
            by_series[key] = draft.shared, [0, 0, 0]
        sums = by_series[key][1]
        sums[0] += draft.quantity
        sums[1] += draft.cost
        sums[2] += 1
    hourly: Sums = {}
    for (_, day, hour), (shared, (quantity, cost, records)) in by_series.items():
        start = dt.datetime.fromordinal(day).replace(hour=hour, tzinfo=dt.UTC)
        amounts = quantity, cost, records * shared.requests
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
