"""Reads the rows of a CSV or JSON Lines file one at a time; an invalid row does not affect the others."""

import csv
import json
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

MAX_LINE_BYTES = 1_048_576
MAX_CELL_LINES = 100  # of a quoted cell
BOM = b"\xef\xbb\xbf"
UTF_16_BOMS = (b"\xff\xfe", b"\xfe\xff")


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
        line = next((line for line in lines if line.raw.strip()), None)
        if line is None:
            raise UnusableFile("it is empty")
        if line.raw.startswith(UTF_16_BOMS):
            raise UnusableFile("it is UTF-16; save it as UTF-8")
        try:
            self.header = [name.strip() for name in self.parse(line.text)]
        except BadRow as error:
            raise UnusableFile(f"its first line is not a header: {error}") from error

    def find_column(self, name: str) -> int:
        """Returns the position of a column. Raises UnusableFile if there is none, or several."""
        if self.header.count(name) == 1:
            return self.header.index(name)
        if name in self.header:
            raise UnusableFile(f"its header contains {name} more than once")
        header = ", ".join(self.header[:20])
        raise UnusableFile(f"it has no column {name} (its first line is: {header[:500]})")

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


def read_json_lines(lines: LineReader, columns: Sequence[str]) -> Iterator[FileRow]:
    """Yields the rows of a file with a JSON object in each line. Raises UnusableFile."""
    is_empty = True
    for line in lines:
        if not line.raw.strip():
            continue
        if is_empty and line.raw.startswith(UTF_16_BOMS):
            raise UnusableFile("it is UTF-16; save it as UTF-8")
        is_empty = False
        try:
            yield FileRow(line, parse_object(line.text, columns))
        except BadRow as error:
            yield FileRow(line, error=str(error))
    if is_empty:
        raise UnusableFile("it is empty")


def parse_object(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Returns the values of a JSON object by the names in `columns`. Raises BadRow."""
    try:
        values = DECODER.decode(text.strip())
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadRow("it is not complete JSON") from error
    if not isinstance(values, dict):
        raise BadRow("it is not a JSON object")
    for name in columns:
        if name not in values:
            raise BadRow(f"it has no {name}")
        if not isinstance(values[name], str):
            raise BadRow(f"{name} is neither text nor a number")
    return tuple([values[name].strip() for name in columns])


def require_unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise BadRow("it has the same name twice")
    return values


# Numbers are kept as text, so that they stay exact.
DECODER = json.JSONDecoder(
    object_pairs_hook=require_unique_names, parse_float=str, parse_int=str, parse_constant=str
)
