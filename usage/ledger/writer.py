"""Writes usage records and adds them to the daily and hourly totals, in the caller's transaction.

Retries are few, so all rows go straight into the table (COPY on PostgreSQL). Only when one of them turns
out to be there already are the stored ones looked up, and the others written alone.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import DatabaseError, IntegrityError, connection, transaction

from usage.attribution import Place
from usage.enums import Reason, RecordKind
from usage.models.totals import DIMENSIONS

# The event id and the organization that it is meant for: unique among the records of a source.
Identity = tuple[str, int]


class Shared(NamedTuple):
    """What many records have in common, by primary key; `unit_price` in 10⁻¹² USD."""

    organization: int
    project: int
    meant_organization: int
    meant_project: int | None
    line_item: int
    model: int
    unit_price: int
    api_key: int | None
    user: int | None
    reason: Reason
    kind: RecordKind = RecordKind.USAGE
    requests: int = 0

    @property
    def place(self) -> Place:
        return Place(self.organization, self.project)


class Draft(NamedTuple):
    """A record to be. `time` is in UTC, quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD."""

    shared: Shared
    event_id: str
    digest: bytes
    time: dt.datetime
    quantity: int
    cost: int
    original: int | None = None
    attributes: str = ""
    note: str = ""

    @property
    def identity(self) -> Identity:
        return self.event_id, self.shared.meant_organization


class TooLarge(ArithmeticError):
    """A total would leave 64 bits; nothing was written."""


class Known(Exception):
    """Some of the records are there already; nothing was written."""


def write(source: int, drafts: Collection[Draft], now: dt.datetime) -> None:
    """Makes a record of every draft, and adds them to the totals.

    Raises Known when a record of the source has the identity of one of them, TooLarge when a sum does
    not fit into 64 bits; nothing is written then.
    """
    assert connection.in_atomic_block, "records and totals are written in one transaction"
    # In one order for everybody, so that two who send the same wait for each other, not in a circle.
    # The same id in several organizations: by those, which what is shared begins with.
    ordered = sorted(drafts, key=itemgetter(1, 0))
    insert = copy_records if connection.vendor == "postgresql" else insert_records
    try:
        with transaction.atomic(), connection.wrap_database_errors:
            insert(source, ordered, now)
            hourly = added_up(ordered)
            add("usage_hourlytotal", "hour", hourly, now)
            add("usage_dailytotal", "day", by_day(hourly), now)
    except (DatabaseError, OverflowError) as error:
        if isinstance(error, IntegrityError) and says(error, SIGNS_OF_KNOWN):
            raise Known from error
        if says(error, SIGNS_OF_TOO_LARGE):
            raise TooLarge from error
        raise


# The constraint's name on PostgreSQL, the columns on SQLite.
SIGNS_OF_KNOWN = ("usagerecord_event_once", "usage_usagerecord.event_id")
SIGNS_OF_TOO_LARGE = ("out of range", "too large", "within_64_bits")


def says(error: Exception, signs: Iterable[str]) -> bool:
    return any(sign in str(error) for sign in signs)


COLUMNS = (
    "organization_id, project_id, meant_organization_id, meant_project_id, line_item_id, model_id,"
    "unit_price, api_key_id, user_id, reason, kind, requests,"
    "event_id, digest, time, quantity, cost, original_id, attributes, note, source_id, recorded_at"
)
PLACES = ", ".join(["%s"] * (COLUMNS.count(",") + 1))
NULL = "\\N"


def copy_records(source: int, drafts: Iterable[Draft], now: dt.datetime) -> None:
    lines = copied(source, drafts, now)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY usage_usagerecord ({COLUMNS}) FROM STDIN") as copy,
    ):
        copy.write(lines)


def copied(source: int, drafts: Iterable[Draft], now: dt.datetime) -> str:
    """PostgreSQL's COPY text format, written out: this runs for every record."""
    heads: dict[Shared, str] = {}
    lines: list[str] = []
    end = f"\t{source}\t{now.isoformat()}\n"
    for shared, event_id, digest, time, quantity, cost, original, attributes, note in drafts:
        head = heads.get(shared)
        if head is None:
            values = (NULL if value is None else str(int(value)) for value in shared)
            head = heads[shared] = "\t".join(values)
        lines.append(
            f"{head}\t{escaped(event_id)}\t\\\\x{digest.hex()}\t{time.isoformat()}\t{quantity}\t{cost}"
            f"\t{NULL if original is None else original}"
            f"\t{attributes and escaped(attributes)}\t{note and escaped(note)}{end}"
        )
    return "".join(lines)


def escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def insert_records(source: int, drafts: Iterable[Draft], now: dt.datetime) -> None:
    rows = rows_of(source, drafts, now)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO usage_usagerecord ({COLUMNS}) VALUES ({PLACES})", rows)


def rows_of(source: int, drafts: Iterable[Draft], now: dt.datetime) -> list[tuple[Any, ...]]:
    end = (source, plain(now))
    return [
        (*shared, event_id, digest, plain(time), *amounts, *end)
        for shared, event_id, digest, time, *amounts in drafts
    ]


def plain(moment: dt.datetime) -> str:
    """A time in UTC as Django writes it on SQLite."""
    return moment.isoformat(" ").removesuffix("+00:00")


# The totals' key, and the amounts that belong to it.
Key = tuple[Any, ...]
Sums = dict[Key, list[int]]
AMOUNTS = ("quantity", "cost", "requests")
WIDTH = 2 + len(DIMENSIONS) + len(AMOUNTS)  # columns of a total but for the time of its last change


def added_up(drafts: Sequence[Draft]) -> Sums:
    """The sums of drafts by the key of the hourly totals."""
    found: dict[tuple[Shared, int, int], list[int]] = {}
    for draft in drafts:
        shared, _, _, time, quantity, cost, *_ = draft
        key = (shared, time.toordinal(), time.hour)
        sums = found.get(key)
        if sums is None:
            found[key] = [quantity, cost, shared.requests]
        else:
            sums[0] += quantity
            sums[1] += cost
            sums[2] += shared.requests
    hourly: Sums = {}
    for (shared, day, hour), amounts in found.items():
        start = dt.datetime.fromordinal(day).replace(hour=hour, tzinfo=dt.UTC)
        grow(hourly, (shared.organization, start, *dimensions(shared)), amounts)
    return hourly


def dimensions(shared: Shared) -> Key:
    """In the order of DIMENSIONS; 0 stands for none."""
    return (
        *(shared.project, shared.meant_project or 0, shared.line_item, shared.model),
        *(shared.api_key or 0, shared.user or 0, int(shared.reason), shared.unit_price),
    )


def by_day(hourly: Sums) -> Sums:
    daily: Sums = {}
    for (organization, hour, *rest), amounts in hourly.items():
        grow(daily, (organization, hour.date(), *rest), amounts)
    return daily


def grow(sums: Sums, key: Key, amounts: Iterable[int]) -> None:
    found = sums.setdefault(key, [0, 0, 0])
    for place, amount in enumerate(amounts):
        found[place] += amount


def add(table: str, period: str, sums: Sums, now: dt.datetime) -> None:
    """Adds sums to a table of totals, in one order for everybody."""
    key = ", ".join(("organization_id", period, *DIMENSIONS))
    columns = f"{key}, {', '.join(AMOUNTS)}, updated_at"
    grown = ", ".join(f"{name} = t.{name} + excluded.{name}" for name in AMOUNTS)
    met = f"ON CONFLICT ({key}) DO UPDATE SET {grown}, updated_at = excluded.updated_at"
    rows = [(*key, *amounts) for key, amounts in sorted(sums.items())]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = {"hour": "timestamptz", "day": "date"}
            arrays = ", ".join(
                f"%s::{kinds[period] if n == 1 else 'bigint'}[]" for n in range(WIDTH)
            )
            values = [f"{{{','.join(map(str, column))}}}" for column in zip(*rows, strict=True)]
            cursor.execute(
                f"INSERT INTO {table} AS t ({columns}) SELECT *, %s FROM unnest({arrays}) {met}",
                [now, *values],
            )
            return
        written = plain if period == "hour" else str
        cursor.executemany(
            f"INSERT INTO {table} AS t ({columns}) VALUES ({', '.join(['%s'] * (WIDTH + 1))}) {met}",
            [(row[0], written(row[1]), *row[2:], plain(now)) for row in rows],
        )
