"""Reads the rows of a file of history, CSV or JSON Lines, a row at a time; a bad one costs only itself."""

import csv
import json
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

LONGEST = 1_048_576  # bytes of a line
MOST_LINES = 100  # that a quoted cell may go on for
BOM = b"\xef\xbb\xbf"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins


class FileUnusable(ValueError):
    """Nothing can be read from the file, and why."""


class Bad(ValueError):
    """One row cannot be used, and why."""


class Line(NamedTuple):
    """A line as it stands in the file, without its break; `number` begins at 1."""

    number: int
    raw: bytes
    is_whole: bool = True

    @property
    def text(self) -> str:
        """Bad when it is no text."""
        if not self.is_whole:
            raise Bad(f"the line is longer than {LONGEST:,} bytes")
        if b"\0" in self.raw:
            raise Bad("there is a NUL character in it")
        try:
            return self.raw.decode()
        except UnicodeDecodeError as error:
            byte = self.raw[error.start]
            raise Bad(f"it is not UTF-8: byte 0x{byte:02x} in place {error.start + 1}") from error


class Row(NamedTuple):
    """The wanted cells of a row, in the order they were asked for; or `wrong`, what is wrong with it."""

    line: Line
    values: tuple[str, ...] = ()
    wrong: str = ""


class Lines:
    """The lines of a file opened as bytes; memory stays flat also when there are no breaks."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.bytes, self.number = file, 0, 0
        self.waiting: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        while line := self.take():
            yield line

    def take(self) -> Line | None:
        return self.waiting.popleft() if self.waiting else self.read()

    def ahead(self, place: int) -> Line | None:
        """The line that many behind the next one, which stays to be taken."""
        while len(self.waiting) <= place:
            line = self.read()
            if line is None:
                return None
            self.waiting.append(line)
        return self.waiting[place]

    def read(self) -> Line | None:
        raw = self.file.readline(LONGEST)
        if not raw:
            return None
        self.number += 1
        self.bytes += len(raw)
        if self.number == 1:
            raw = raw.removeprefix(BOM)
        whole = len(raw) < LONGEST or raw.endswith(b"\n")
        while not whole:
            more = self.file.readline(LONGEST)
            self.bytes += len(more)
            if len(more) < LONGEST or more.endswith(b"\n"):
                break
        return Line(self.number, raw.rstrip(b"\r\n"), whole)


def csv_rows(lines: Lines, columns: Sequence[str], delimiter: str) -> Iterator[Row]:
    """The rows of a CSV file that begins with a header; FileUnusable when that has not all `columns`."""
    table = Table(lines, delimiter)
    return table.rows([table.place(name) for name in columns])


class Table:
    """The header of a CSV file, and how the rows under it are cut into cells."""

    def __init__(self, lines: Lines, delimiter: str) -> None:
        self.lines, self.delimiter = lines, delimiter
        line = next((line for line in lines if line.raw.strip()), None)
        if line is None:
            raise FileUnusable("it is empty")
        if line.raw.startswith(WIDE):
            raise FileUnusable("it is UTF-16: save it as UTF-8")
        try:
            self.header = [name.strip() for name in self.parsed(line.text)]
        except Bad as bad:
            raise FileUnusable(f"its first line is no header: {bad}") from bad

    def place(self, name: str) -> int:
        """Which cell of a row is in that column."""
        if self.header.count(name) == 1:
            return self.header.index(name)
        if name in self.header:
            raise FileUnusable(f"its header has {name} more than once")
        shown = ", ".join(self.header[:20])
        raise FileUnusable(f"it has no column {name} (its first line is: {shown[:500]})")

    def rows(self, places: Sequence[int]) -> Iterator[Row]:
        """The cells in these places of all rows that follow."""
        for line in self.lines:
            if not line.raw.strip():
                continue
            try:
                cells = self.cells(line)
            except Bad as bad:
                yield Row(line, wrong=str(bad))
            else:
                yield Row(line, tuple([cells[place].strip() for place in places]))

    def cells(self, line: Line) -> list[str]:
        """The cells of the row that begins with `line`; Bad."""
        text = line.text
        if '"' in text:
            return self.quoted(text)
        return self.fitting(text.split(self.delimiter))

    def quoted(self, text: str) -> list[str]:
        """With quoted cells, which may go on over the next lines; those are taken when all of it fits."""
        taken = 0
        while text.count('"') % 2:
            following = self.lines.ahead(taken) if taken < MOST_LINES else None
            if following is None:
                raise Bad("a quoted cell is not closed")
            text = f"{text}\n{following.text}"
            taken += 1
        cells = self.fitting(self.parsed(text))
        for _ in range(taken):
            self.lines.take()
        return cells

    def parsed(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise Bad(f"it is not CSV: {error}") from error

    def fitting(self, cells: list[str]) -> list[str]:
        if len(cells) != len(self.header):
            raise Bad(f"it has {len(cells)} cells, the header has {len(self.header)}")
        return cells


def json_rows(lines: Lines, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of JSON Lines: an object a line, whose names are the columns; FileUnusable."""
    is_empty = True
    for line in lines:
        if not line.raw.strip():
            continue
        if is_empty and line.raw.startswith(WIDE):
            raise FileUnusable("it is UTF-16: save it as UTF-8")
        is_empty = False
        try:
            yield Row(line, named_values(line.text, columns))
        except Bad as bad:
            yield Row(line, wrong=str(bad))
    if is_empty:
        raise FileUnusable("it is empty")


def named_values(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    try:
        found = DECODER.decode(text.strip())
    except (json.JSONDecodeError, RecursionError) as error:
        raise Bad("it is not JSON, or not all of it") from error
    if not isinstance(found, dict):
        raise Bad("it is not a JSON object")
    for name in columns:
        if name not in found:
            raise Bad(f"it has no {name}")
        if not isinstance(found[name], str):
            raise Bad(f"{name} is neither a text nor a number")
    return tuple([found[name].strip() for name in columns])


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Bad("it has one name twice")
    return found


# Numbers stay the text they are: exact, whatever their size.
DECODER = json.JSONDecoder(
    object_pairs_hook=unique, parse_float=str, parse_int=str, parse_constant=str
)
