"""Writes the rows of an imported file that were rejected to a file, with the reasons."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from accounts.web.csv_files import format_line
from usage.imports.readers import FileRow

HEADING = ("line", "reason", "row")
MAX_ROW_BYTES = 2_000
MAX_PRINTED_ROWS = 20


class WriteLine(Protocol):
    def __call__(self, line: str) -> object: ...


class RejectFile:
    """A file of rejected rows. It is opened before the import and removed if there are none."""

    def __init__(self, path: Path | None, write_line: WriteLine) -> None:
        """Without `path` rejected rows are only printed.

        Raises OSError if the file cannot be written, or exists and is not a file of rejected rows.
        """
        if path and path.exists() and not is_reject_file(path):
            raise FileExistsError(None, "it exists and is not a file of rejected rows")
        self.path, self.write_line, self.count = path, write_line, 0
        self.file = path.open("w", encoding="utf-8", newline="") if path else None
        self.write(HEADING)

    def write(self, cells: tuple[object, ...]) -> None:
        if self.file:
            self.file.write(format_line(cells))

    def reject(self, row: FileRow, reason: str) -> None:
        text = row.line.raw[:MAX_ROW_BYTES].decode(errors="backslashreplace")
        self.write((row.line.number, reason, text.replace("\0", "\\x00")))
        self.count += 1
        if self.count <= MAX_PRINTED_ROWS:
            self.write_line(f"line {row.line.number}: {reason}")
        elif self.count == MAX_PRINTED_ROWS + 1:
            self.write_line("… and more lines")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self.file and self.path:
            self.file.close()
            if not self.count:
                self.path.unlink()


def is_reject_file(path: Path) -> bool:
    """Whether the file is empty or was written by an earlier import."""
    with path.open("rb") as file:
        beginning = file.read(64)
    return not beginning or beginning.startswith(",".join(HEADING).encode())
