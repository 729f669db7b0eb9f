"""CSV files that are streamed and cannot inject formulas into spreadsheets.

All lines end in a line feed, as PostgreSQL writes them (usage/reports/files/records.py).
"""

import re
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, StreamingHttpResponse

# Spreadsheets run cells that start with these; an apostrophe makes them text. Source: OWASP, CSV injection.
FORMULA_SIGNS = r"=+\-@＝＋－＠"
# Which separator a spreadsheet splits at depends on its language, and it may ignore quotation marks that
# do not start a cell for it. So a sign after any of these could start a cell.
SEPARATORS = r",;|\t\r\n"
FORMULA = rf'(^"*|[{SEPARATORS}]"*)([{FORMULA_SIGNS}])'
LEADING_BLANK = r"^([\t\r\n])"
FORMULAS = (re.compile(LEADING_BLANK), r"'\1"), (re.compile(FORMULA), r"\1'\2")
QUOTED = re.compile(rf'[{SEPARATORS}"]|^\s|\s$')
# Tells Excel that a file is UTF-8. Other programs may take it for a part of the first heading.
BYTE_ORDER_MARK = "\ufeff"


class Number(str):
    """A number as decimal text. A leading minus is not taken for a formula, and no digits are lost."""

    __slots__ = ()


def format_cell(value: object) -> str:
    """Returns `value` as text that no spreadsheet takes for a formula, whichever separator it splits at."""
    text = "" if value is None else str(value)
    if isinstance(value, Number):
        return text
    for pattern, replacement in FORMULAS:
        text = pattern.sub(replacement, text)
    return text


def quote_cell(text: str) -> str:
    """Returns a cell as it is written, in quotation marks if it contains any separator."""
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if QUOTED.search(text) else text


def format_line(cells: Iterable[object]) -> str:
    """Returns the line of a CSV file with these cells."""
    return ",".join(quote_cell(format_cell(cell)) for cell in cells) + "\n"


def wants_byte_order_mark(request: HttpRequest) -> bool:
    """Whether the file is for Excel, as `bom=1` in its URL says."""
    return request.GET.get("bom") == "1"


def csv_response(
    name: str, rows: Iterable[Iterable[object]], *, for_excel: bool = False
) -> StreamingHttpResponse:
    """Returns a streamed download called `name`; the first of `rows` is the heading."""
    return download_csv(name, map(format_line, rows), for_excel=for_excel)


def download_csv(
    name: str, lines: Iterable[str] | Iterable[bytes], *, for_excel: bool = False
) -> StreamingHttpResponse:
    """Returns a streamed download of formatted `lines`, which starts with the mark that Excel needs."""
    response = StreamingHttpResponse(
        mark_beginning(lines) if for_excel else lines, content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def mark_beginning(lines: Iterable[str] | Iterable[bytes]) -> Iterator[str | bytes]:
    yield BYTE_ORDER_MARK
    yield from lines
