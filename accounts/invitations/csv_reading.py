"""Reads CSV as spreadsheet programs write it: their encodings, separators and line ends."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Excel and others write one of these for "CSV UTF-8" and "Unicode text".
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# The beginnings of .xlsx and .ods, and of .xls.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What "CSV" in Excel for Windows means in western languages. It has a character for nearly every byte.
LEGACY_ENCODING = "cp1252"
SEPARATORS = ",;\t"
# Excel's own first line that says how the cells are separated.
SEPARATOR_LINE = re.compile(r"\Asep=([,;\t|])\n", re.IGNORECASE)
# Many times what can be added at once; reading more would only cost time.
MAX_ROWS = 2000
TOO_LONG = (
    f"There are more than {MAX_ROWS:,} lines. Split the file and upload one part after the other."
)
QUOTED = re.compile(r'"[^"]*"?')


class InvalidCsvError(ValueError):
    """Why a file or text cannot be read, as a sentence for people."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The cells of a row without white space around them, and the number of its first line."""

    line: int
    cells: tuple[str, ...]


def decode_csv(content: bytes) -> str:
    """Returns the text of a file. Raises InvalidCsvError for workbooks and other files that are not text."""
    if content.startswith(WORKBOOKS):
        raise InvalidCsvError(
            "This is a spreadsheet file. In your spreadsheet program, save or download it as CSV."
        )
    for encoding in list_encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InvalidCsvError("This is not a CSV file. Save it as CSV with the encoding UTF-8.")


def list_encodings(content: bytes) -> list[str]:
    """Returns the encodings to try, in this order."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return [encoding]
    if b"\x00" in content:
        return ["utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"]
    return ["utf-8", LEGACY_ENCODING]


def parse_csv(text: str) -> list[CsvRow]:
    """Returns the rows that are not blank.

    Raises InvalidCsvError for a quotation mark that is not closed, and after `MAX_ROWS`, also blank ones.
    Cells are separated by commas, semicolons or tabs, whichever the first line has most of.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    skipped = 0
    separator = find_separator(text)
    if match := SEPARATOR_LINE.match(text):
        separator, skipped, text = match[1], 1, text[match.end() :]
    return [row for row in read_rows(text, separator, skipped) if any(row.cells)]


def find_separator(text: str) -> str:
    first = QUOTED.sub("", text.lstrip()).partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def read_rows(text: str, separator: str, skipped: int) -> Iterator[CsvRow]:
    """Yields every row; lines are counted from 1, after `skipped` ones that are not in `text`."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True, skipinitialspace=True)
    line = skipped + 1
    try:
        for number, cells in enumerate(reader, start=1):
            if number > MAX_ROWS:
                raise InvalidCsvError(TOO_LONG)
            yield CsvRow(line, tuple(" ".join(cell.split()) for cell in cells))
            line = skipped + reader.line_num + 1
    except csv.Error:
        raise InvalidCsvError(
            f"Line {line} can't be read. Check its quotation marks: each one needs another that closes it."
        ) from None
