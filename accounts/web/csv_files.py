"""CSV files that are streamed and cannot inject formulas into spreadsheets."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# Spreadsheets run cells that start with these; an apostrophe makes them text. Source: OWASP, CSV injection.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


class Number(str):
    """A number as decimal text. A leading minus is not taken for a formula, and no digits are lost."""

    __slots__ = ()


class Echo:
    """A file-like object whose `write` returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def format_cell(value: object) -> str:
    """Returns `value` as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, Number):
        return text
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def format_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yields the rows as lines of CSV, one at a time, so that memory use stays flat."""
    writer = csv.writer(Echo())
    for row in rows:
        yield writer.writerow([format_cell(cell) for cell in row])


def csv_response(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Returns a streamed download called `name`; the first of `rows` is the heading."""
    response = StreamingHttpResponse(format_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
