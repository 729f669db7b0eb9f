"""Reads the rows of a CSV or JSON Lines file one at a time; an invalid row does not affect the others."""

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

from accounts.web.api.strict_json import NotJsonError, require_unique_names

MAX_LINE_BYTES = 1_048_576
MAX_CELL_LINES = 100  # of a quoted cell
BOM = b"\xef\xbb\xbf"
UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")
# What packed files begin with, and how to unpack them.
PACKED = {
    b"\x1f\x8b": "it is packed with gzip. Unpack it first: gunzip --keep FILE",
    b"PK\x03\x04": "it is a zip archive or a spreadsheet. Unpack it, or save it as CSV",
    b"BZh": "it is packed with bzip2. Unpack it first: bunzip2 --keep FILE",
    b"\xfd7zXZ\x00": "it is packed with xz. Unpack it first: unxz --keep FILE",
    b"\x28\xb5\x2f\xfd": "it is packed with zstd. Unpack it first: unzstd FILE",
    b"PAR1": "it is a Parquet file. Save it as CSV",
}
PACKED_SUFFIXES = {
    ".gz": b"\x1f\x8b",
    ".zip": b"PK\x03\x04",
    ".bz2": b"BZh",
    ".xz": b"\xfd7zXZ\x00",
}
# How the option for each separator is written.
SEPARATORS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
DOCUMENT = "it is one JSON document. Write one object per line: jq --compact-output '.[]' FILE"


class UnusableFile(ValueError):
    """Why nothing can be read from the file."""


class BadRow(ValueError):
    """Why a row cannot be used."""


class FileLine(NamedTuple):
    """A line of the file without its line break; `number` starts at 1."""

    number: int
    raw: bytes
    is_whole: bool = True

    @property
    def text(self) -> str:
        """The decoded line. Raises BadRow if it is too long or not UTF-8 text."""
        if not self.is_whole:
            raise BadRow(f"the line is longer than {MAX_LINE_BYTES:,} bytes")
        if b"\0" in self.raw:
            raise BadRow("it contains a NUL character")
        try:
            return self.raw.decode()
        except UnicodeDecodeError as error:
            byte, position = self.raw[error.start], error.start + 1
            raise BadRow(f"it is not UTF-8: byte 0x{byte:02x} at position {position}") from error


class FileRow(NamedTuple):
    """The cells of a row in the requested order, or an `error` instead."""

    line: FileLine
    values: tuple[str, ...] = ()
    error: str = ""


class LineReader:
    """Reads the lines of a file opened as bytes, in flat memory even without line breaks."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.bytes, self.number = file, 0, 0
        self.buffered: deque[FileLine] = deque()

    def __iter__(self) -> Iterator[FileLine]:
        while line := self.take():
            yield line

    def take(self) -> FileLine | None:
        return self.buffered.popleft() if self.buffered else self.read_line()

    def peek(self, count: int) -> FileLine | None:
        """Returns the line that follows the next `count` lines, without taking any."""
        while len(self.buffered) <= count:
            line = self.read_line()
            if line is None:
                return None
            self.buffered.append(line)
        return self.buffered[count]

    def read_line(self) -> FileLine | None:
        raw = self.file.readline(MAX_LINE_BYTES)
        if not raw:
            return None
        self.number += 1
        self.bytes += len(raw)
        if self.number == 1:
            raw = raw.removeprefix(BOM)
        is_whole = len(raw) < MAX_LINE_BYTES or raw.endswith(b"\n")
        while not is_whole:
            more = self.file.readline(MAX_LINE_BYTES)
            self.bytes += len(more)
            if len(more) < MAX_LINE_BYTES or more.endswith(b"\n"):
                break
        return FileLine(self.number, raw.rstrip(b"\r\n"), is_whole)


def read_csv(lines: LineReader, columns: Sequence[str], delimiter: str) -> Iterator[FileRow]:
    """Returns the rows of a CSV file with a header. Raises UnusableFile if a column is missing."""
    table = CsvTable(lines, delimiter)
    return table.read_rows([table.find_column(name) for name in columns])


class CsvTable:
    """The header of a CSV file and the rows below it."""

    def __init__(self, lines: LineReader, delimiter: str) -> None:
        self.lines, self.delimiter = lines, delimiter
        line = take_first_line(lines)
        if named := re.fullmatch(rb'"?sep=(.)"?', line.raw.strip(b" \r\n")):
            self.suggest_separator(named[1].decode("latin-1"))
            line = take_first_line(lines)
        try:
            self.header = [name.strip() for name in self.parse(line.text)]
        except BadRow as error:
            if b'"' in line.raw and (separator := find_separator(line.raw)):
                self.suggest_separator(separator)
            raise UnusableFile(f"its first line is not a header: {error}") from error

    def find_column(self, name: str) -> int:
        """Returns the position of a column. Raises UnusableFile if there is none, or several."""
        if self.header.count(name) == 1:
            return self.header.index(name)
        if name in self.header:
            raise UnusableFile(f"its header contains {name} more than once")
        for separator in SEPARATORS:
            if name in [
                cell.strip(' "') for cell in self.delimiter.join(self.header).split(separator)
            ]:
                self.suggest_separator(separator)
        header = ", ".join(self.header[:20])
        raise UnusableFile(f"it has no column {name} (its first line is: {header[:500]})")

    def suggest_separator(self, separator: str) -> None:
        """Raises UnusableFile if the cells are to be separated by another character than they are."""
        if separator in SEPARATORS and separator != self.delimiter:
            option = SEPARATORS[separator]
            raise UnusableFile(f"its cells are separated by {option}. Pass --delimiter {option}")

    def read_rows(self, positions: Sequence[int]) -> Iterator[FileRow]:
        """Yields the cells at these positions of all rows that follow."""
        for line in self.lines:
            if not line.raw.strip():
                continue
            try:
                cells = self.read_cells(line)
            except BadRow as error:
                yield FileRow(line, error=str(error))
            else:
                yield FileRow(line, tuple([cells[position].strip() for position in positions]))

    def read_cells(self, line: FileLine) -> list[str]:
        """Returns the cells of the row that starts with `line`. Raises BadRow."""
        text = line.text
        if '"' in text:
            return self.read_quoted_cells(text)
        return self.check_length(text.split(self.delimiter))

    def read_quoted_cells(self, text: str) -> list[str]:
        """Returns cells that may span several lines, which are taken only if the row is valid."""
        taken = 0
        while text.count('"') % 2:
            following = self.lines.peek(taken) if taken < MAX_CELL_LINES else None
            if following is None:
                raise BadRow("a quoted cell is not closed")
            text = f"{text}\n{following.text}"
            taken += 1
        cells = self.check_length(self.parse(text))
        for _ in range(taken):
            self.lines.take()
        return cells

    def parse(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise BadRow(f"it is not CSV: {error}") from error

    def check_length(self, cells: list[str]) -> list[str]:
        if len(cells) != len(self.header):
            raise BadRow(f"it has {len(cells)} cells, but the header has {len(self.header)}")
        return cells


def find_separator(header: bytes) -> str | None:
    """Returns what stands between quoted cells of a header, if it is one of ours."""
    between = re.search(rb'"([,;|\t])"', header)
    return between[1].decode() if between else None


def read_json_lines(lines: LineReader, columns: Sequence[str]) -> Iterator[FileRow]:
    """Yields the rows of a file with a JSON object in each line. Raises UnusableFile."""
    for line in read_object_lines(lines):
        try:
            yield FileRow(line, parse_object(line.text, columns))
        except BadRow as error:
            yield FileRow(line, error=str(error))


def read_object_lines(lines: LineReader) -> Iterator[FileLine]:
    """Yields the lines that are not empty. Raises UnusableFile if the file is not one of JSON Lines."""
    first = take_first_line(lines)
    text = first.raw.strip()
    is_array = text.startswith(b"[") and (not text.endswith(b"]") or lines.peek(0) is None)
    if is_array or text.endswith((b"{", b"[")):
        raise UnusableFile(DOCUMENT)
    yield first
    yield from (line for line in lines if line.raw.strip())


def take_first_line(lines: LineReader) -> FileLine:
    """Returns the first line that is not empty. Raises UnusableFile if there is none, or if it is no text."""
    line = next((line for line in lines if line.raw.strip()), None)
    if line is None:
        raise UnusableFile("it is empty")
    if line.raw.startswith(UTF_16_BOMS):
        raise UnusableFile("it is UTF-16; save it as UTF-8")
    for beginning, advice in PACKED.items():
        if line.number == 1 and line.raw.startswith(beginning):
            raise UnusableFile(advice)
    return line


def parse_object(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Returns the values of a JSON object by the names in `columns`. Raises BadRow."""
    values = decode_object(text)
    for name in columns:
        if name not in values:
            raise BadRow(f"it has no {name}")
        if not isinstance(values[name], str):
            raise BadRow(f"{name} is neither text nor a number")
    return tuple([values[name].strip() for name in columns])


def decode_object(text: str) -> dict[str, Any]:
    """Returns a JSON object, with its numbers as text. Raises BadRow."""
    try:
        values = DECODER.decode(text.strip())
    except NotJsonError:
        raise BadRow("it has the same name twice") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRow("it is not complete JSON") from error
    if not isinstance(values, dict):
        raise BadRow("it is not a JSON object")
    return values


# Numbers are kept as text, so that they stay exact.
DECODER = json.JSONDecoder(
    object_pairs_hook=require_unique_names, parse_float=str, parse_int=str, parse_constant=str
)
