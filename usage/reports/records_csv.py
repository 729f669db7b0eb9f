"""The raw records of a report's period as a file, in flat memory however many there are.

PostgreSQL writes the lines itself: decimals, words and cells that a spreadsheet would run are worked out
in SQL. SQLite gives rows, a few thousand at a time, and the same is done here.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerChoices, OuterRef, QuerySet, Subquery, When
from django.http import StreamingHttpResponse

from accounts.web.csv_files import FORMULA_STARTS, format_cell
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, text_of
from usage.enums import Reason, RecordKind
from usage.models import UsageRecord
from usage.reports.report import Report

HEADINGS = (
    *("event id", "time (UTC)", "product", "line item", "model", "quantity", "unit"),
    *("unit price (USD)", "cost (USD)", "project id", "meant project id", "reason", "kind"),
    *("key id", "user id", "original", "recorded at (UTC)"),
)
# Where they come from, in the same order.
FIELDS = (
    *("event_id", "time", "line_item__product__code", "line_item__code", "model__name"),
    *("quantity", "line_item__unit", "unit_price", "cost", "project__public_id"),
    *("meant_project__public_id", "reason", "kind", "api_key__public_id", "user__public_id"),
    *("first", "recorded_at"),
)
AMOUNTS = {"quantity": QUANTITY_DIGITS, "unit_price": PRICE_DIGITS, "cost": COST_DIGITS}
TIMES = {"time", "recorded_at"}
WORDS: dict[str, type[IntegerChoices]] = {"reason": Reason, "kind": RecordKind}
# The only ones in which a stranger's text can stand.
TEXTS = {"event_id", "model__name", "first"}
ROWS_AT_ONCE = 1_000
BLOCK = 256 * 1024  # bytes
Block = bytes | bytearray | memoryview


def record_file(name: str, report: Report) -> StreamingHttpResponse:
    """A download of the records that the report adds up, of every unit.

    They come as the database finds them: to bring them into an order costs a third of the time.
    """
    lines = from_postgresql if connection.vendor == "postgresql" else from_sqlite
    response = StreamingHttpResponse(
        in_blocks(lines(records(report))), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def records(report: Report) -> QuerySet[UsageRecord, tuple[Any, ...]]:
    """The columns of the file as they are stored; the scope and filter are those of the page."""
    start, end = report.period.moments
    rows = report.scope.narrow(UsageRecord.objects.filter(time__gte=start, time__lt=end))
    original = UsageRecord.objects.filter(pk=OuterRef("original")).values("event_id")
    # Only corrections have one; asking for all would look each of the others up in vain.
    first = Case(When(original__isnull=False, then=Subquery(original)))
    found: QuerySet[UsageRecord, tuple[Any, ...]] = (
        rows.filter(report.filter.conditions(report.scope.organization))
        .annotate(first=first)
        .values_list(*FIELDS)
    )
    return found


def in_blocks(lines: Iterable[Block]) -> Iterator[bytes]:
    """The lines joined to blocks: one write each, not one a line."""
    block: list[Block] = [",".join(HEADINGS).encode() + b"\n"]
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(block)
            block, size = [], 0
    yield b"".join(block)


def from_postgresql(rows: QuerySet[UsageRecord, tuple[Any, ...]]) -> Iterator[Block]:
    """Lines as COPY writes them."""
    stored, values = rows.query.sql_with_params()
    named = ", ".join(FIELDS)
    starts = ["".join(FORMULA_STARTS)] * len(TEXTS)
    statement = f"""COPY (SELECT {", ".join(map(written, FIELDS))} FROM ({stored}) AS record ({named}))
        TO STDOUT (FORMAT csv)"""
    # COPY takes no parameters of its own.
    composed = connection.ops.compose_sql(statement, [*starts, *values])  # type: ignore[attr-defined]
    with connection.cursor() as cursor, cursor.copy(composed) as copy:
        yield from copy


def written(field: str) -> str:
    """A column in SQL, as the file has it; NULL is written as nothing."""
    if field in AMOUNTS:
        # Multiplying is exact, and cheaper than dividing.
        step = f"0.{'1'.rjust(AMOUNTS[field], '0')}"
        return f"trim_scale({field} * {step})"
    if field in TIMES:
        return f"{field} AT TIME ZONE 'UTC'"
    if choices := WORDS.get(field):
        words = " ".join(f"WHEN {one.value} THEN '{word(one)}'" for one in choices)
        return f"CASE {field} {words} END"
    if field in TEXTS:
        return f"""CASE WHEN strpos(%s, left({field}, 1)) > 0 AND {field} <> '' THEN '''' || {field}
            ELSE NULLIF({field}, '') END"""
    return field


def word(choice: Any) -> str:
    return str(choice.label).lower()


def from_sqlite(rows: QuerySet[UsageRecord, tuple[Any, ...]]) -> Iterator[bytes]:
    cells = [cell(field) for field in FIELDS]
    stored = rows.iterator(chunk_size=ROWS_AT_ONCE)
    while some := list(islice(stored, ROWS_AT_ONCE)):
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(
            [[write(value) for write, value in zip(cells, row, strict=True)] for row in some]
        )
        yield file.getvalue().encode()


def cell(field: str) -> Any:
    """What makes the cell of a column from what is stored."""
    if field in AMOUNTS:
        digits = AMOUNTS[field]
        return lambda value: text_of(value, digits)
    if field in TIMES:
        return moment
    if choices := WORDS.get(field):
        words = {one.value: word(one) for one in choices}
        return words.__getitem__
    return format_cell if field in TEXTS else lambda value: value


def moment(value: dt.datetime) -> str:
    """As PostgreSQL writes it: no zeros at the end of a fraction."""
    text = f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{text}.{value.microsecond:06}".rstrip("0") if value.microsecond else text
