"""CSV files that stream and that no spreadsheet takes for formulas."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# A spreadsheet runs what begins so; an apostrophe makes it text. Source: OWASP, CSV injection.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


class Number(str):
    """A number as decimal text: what begins with a minus is no formula then, and stays exact."""

    __slots__ = ()


class Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def format_cell(value: object) -> str:
    """`value` as a cell that no spreadsheet runs."""
    text = "" if value is None else str(value)
    if isinstance(value, Number):
        return text
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def format_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The rows as lines of CSV, one at a time, so that memory stays flat."""
    writer = csv.writer(Echo())
    for row in rows:
        yield writer.writerow([format_cell(cell) for cell in row])


def csv_response(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """A download called `name`; the first of `rows` is the heading."""
    response = StreamingHttpResponse(format_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
