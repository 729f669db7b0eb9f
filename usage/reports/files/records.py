"""The records of a report's period as a CSV file, in flat memory however many there are.

PostgreSQL formats the lines itself with COPY (docs/decisions/0025). On SQLite the rows are formatted here, a
thousand at a time.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Case, IntegerChoices, OuterRef, QuerySet, Subquery, When
from django.http import StreamingHttpResponse

from accounts.web.csv_files import (
    FORMULA,
    LEADING_BLANK,
    download_csv,
    format_cell,
    quote_cell,
)
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, format_decimal
from usage.enums import Reason, RecordKind
from usage.models import Series, UsageRecord
from usage.reports.report import Report
from usage.reports.tags import TagDimension, join_tags

HEADINGS = (
    *("event id", "time (UTC)", "product", "line item", "model", "quantity", "unit"),
    *("unit price (USD)", "cost (USD)", "project id", "meant project id", "reason", "kind"),
    *("key id", "user id", "original", "recorded at (UTC)"),
)
# The fields of the columns, in the same order.
FIELDS = (
    *("event_id", "time", "series__line_item__product__code", "series__line_item__code"),
    *("series__model__name", "quantity", "series__line_item__unit", "series__unit_price", "cost"),
    *("series__project__public_id", "series__intended_project__public_id", "series__reason"),
    *("series__kind", "series__api_key__public_id", "series__user__public_id"),
    *("first", "recorded_at"),
)
AMOUNTS = {"quantity": QUANTITY_DIGITS, "series__unit_price": PRICE_DIGITS, "cost": COST_DIGITS}
TIMES = {"time", "recorded_at"}
CHOICES: dict[str, type[IntegerChoices]] = {
    "series__reason": Reason,
    "series__kind": RecordKind,
}
# The only columns with text that others choose. They are always in quotation marks.
FREE_TEXTS = ("event_id", "series__model__name", "first")
# What the fields of tags begin with. Their values are free texts too.
TAG = "tag_"
CHUNK_ROWS = 1_000
BLOCK_BYTES = 256 * 1024
Block = bytes | bytearray | memoryview


def download_records(
    name: str, report: Report, *, for_excel: bool = False
) -> StreamingHttpResponse:
    """Returns a download of the records that the report adds up, of every unit.

    They are not sorted, as that would take a third of the time.
    """
    read = read_postgresql if connection.vendor == "postgresql" else read_sqlite
    tags = {f"{TAG}{number}": tag for number, tag in enumerate(report.tags)}
    lines = read(find_records(report, tags), (*FIELDS, *tags))
    headings = (*HEADINGS, *(tag.value for tag in tags.values()))
    return download_csv(name, join_blocks(headings, lines), for_excel=for_excel)


def find_records(
    report: Report, tags: Mapping[str, TagDimension]
) -> QuerySet[UsageRecord, tuple[Any, ...]]:
    """Returns the columns of the file as they are stored, with the scope and filter of the page.

    `tags` are those whose values are added, by the names of their fields.
    """
    start, end = report.period.moments
    series = report.scope.narrow(Series.objects.all())
    series = series.filter(report.filter.build_conditions(report.scope.organization))
    rows = UsageRecord.objects.filter(series__in=series, time__gte=start, time__lt=end)
    rows, joined = join_tags(rows, report.tags, report.scope.organization, "time", "series__")
    rows = rows.filter(report.filter.build_tag_conditions(joined))
    original = UsageRecord.objects.filter(pk=OuterRef("original")).values("event_id")
    # Only corrections and moves have an original; without CASE all others would be looked up in vain.
    first = Case(When(original__isnull=False, then=Subquery(original)))
    values = {field: joined[tag].build_text() for field, tag in tags.items()}
    columns: QuerySet[UsageRecord, tuple[Any, ...]]
    columns = rows.annotate(first=first, **values).values_list(*FIELDS, *tags)
    return columns


def is_free_text(field: str) -> bool:
    return field in FREE_TEXTS or field.startswith(TAG)


def join_blocks(headings: Iterable[str], lines: Iterable[Block]) -> Iterator[bytes]:
    """Yields the headings and lines in blocks, each of which is one write to the client."""
    block: list[Block] = [",".join(headings).encode() + b"\n"]
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size >= BLOCK_BYTES:
            yield b"".join(block)
            block, size = [], 0
    yield b"".join(block)


def read_postgresql(
    rows: QuerySet[UsageRecord, tuple[Any, ...]], fields: Sequence[str]
) -> Iterator[Block]:
    """Yields lines as COPY writes them."""
    stored, values = rows.query.sql_with_params()
    names = ", ".join(fields)
    free_texts = [field for field in fields if is_free_text(field)]
    patterns = [FORMULA, LEADING_BLANK] * len(free_texts)
    columns = ", ".join(f"{format_in_sql(field)} AS {field}" for field in fields)
    statement = f"""COPY (SELECT {columns} FROM ({stored}) AS record ({names}))
        TO STDOUT (FORMAT csv, FORCE_QUOTE ({", ".join(free_texts)}))"""
    operations: Any = connection.ops  # PostgreSQL's, which BaseDatabaseOperations does not describe
    # COPY takes no parameters of its own.
    composed = operations.compose_sql(statement, [*patterns, *values])
    with connection.cursor() as cursor, cursor.copy(composed) as copy:
        yield from copy


def format_in_sql(field: str) -> str:
    """Returns SQL that formats a column like `choose_formatter`; COPY writes NULL as nothing."""
    if field in AMOUNTS:
        # Multiplying is exact, and cheaper than dividing.
        step = f"0.{'1'.rjust(AMOUNTS[field], '0')}"
        return f"trim_scale({field} * {step})"
    if field in TIMES:
        return f"{field} AT TIME ZONE 'UTC'"
    if choices := CHOICES.get(field):
        words = " ".join(
            f"WHEN {choice.value} THEN '{format_choice(choice)}'" for choice in choices
        )
        return f"CASE {field} {words} END"
    if is_free_text(field):
        defused = rf"regexp_replace({field}, %s, '\1''\2', 'g')"
        return rf"NULLIF(regexp_replace({defused}, %s, '''\1'), '')"
    return field


def format_choice(choice: Any) -> str:
    return str(choice.label).lower()


def read_sqlite(
    rows: QuerySet[UsageRecord, tuple[Any, ...]], fields: Sequence[str]
) -> Iterator[bytes]:
    formatters = [choose_formatter(field) for field in fields]
    stored = rows.iterator(chunk_size=CHUNK_ROWS)
    while chunk := list(islice(stored, CHUNK_ROWS)):
        lines = [
            ",".join(write(value) for write, value in zip(formatters, row, strict=True))
            for row in chunk
        ]
        yield "".join(f"{line}\n" for line in lines).encode()


def choose_formatter(field: str) -> Any:
    """Returns the function that turns a stored value of a column into a cell."""
    if field in AMOUNTS:
        digits = AMOUNTS[field]
        return lambda value: format_decimal(value, digits)
    if field in TIMES:
        return format_time
    if choices := CHOICES.get(field):
        words = {choice.value: format_choice(choice) for choice in choices}
        return words.__getitem__
    return format_free_text if is_free_text(field) else format_code


def format_free_text(value: str | None) -> str:
    return f'"{format_cell(value).replace(chr(34), chr(34) * 2)}"' if value else ""


def format_code(value: str | None) -> str:
    return quote_cell(value or "")


def format_time(value: dt.datetime) -> str:
    """Returns a time as PostgreSQL writes it, without trailing zeros in the fraction."""
    text = f"{value:%Y-%m-%d %H:%M:%S}"
    return f"{text}.{value.microsecond:06}".rstrip("0") if value.microsecond else text
