"""The rows of an imported file that could not be used: a file of them with their reasons."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from accounts.web.csv_files import format_cell
from usage.imports.readers import Row

HEADING = ("line", "reason", "row")
SHOWN = 2_000  # bytes of a row
SAID = 20  # rows that are also said


class Says(Protocol):
    def __call__(self, line: str) -> object: ...


class Rejects:
    """Opened before anything is imported; the file is gone again when nothing was rejected."""

    def __init__(self, path: Path | None, say: Says) -> None:
        """Without `path` they are only said. OSError when it cannot be written or is something else."""
        if path and path.exists() and not is_one(path):
            raise FileExistsError(None, "it is there and is no file of rejected rows")
        self.path, self.say, self.number = path, say, 0
        self.file = path.open("w", encoding="utf-8", newline="") if path else None
        self.write(HEADING)

    def write(self, cells: tuple[object, ...]) -> None:
        if self.file:
            csv.writer(self.file).writerow([format_cell(cell) for cell in cells])

    def reject(self, row: Row, reason: str) -> None:
        text = row.line.raw[:SHOWN].decode(errors="backslashreplace").replace("\0", "\\x00")
        self.write((row.line.number, reason, text))
        self.number += 1
        if self.number <= SAID:
            self.say(f"line {row.line.number}: {reason}")
        elif self.number == SAID + 1:
            self.say("… and further lines")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self.file and self.path:
            self.file.close()
            if not self.number:
                self.path.unlink()


def is_one(path: Path) -> bool:
    with path.open("rb") as file:
        beginning = file.read(64)
    return not beginning or beginning.startswith(",".join(HEADING).encode())
