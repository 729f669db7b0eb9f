"""Reads people from CSV: one in each row, in columns that the first line names."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.email_addresses import normalize_email
from accounts.invitations.addresses import split_addresses
from accounts.invitations.csv_reading import CsvRow, InvalidCsvError, parse_csv

PEOPLE_AT_ONCE = 200
EMAIL = "email"
# What the columns are called in files of other programs.
HEADINGS = {
    EMAIL: ("e mail", "email address", "e mail address", "mail", "user email", "work email"),
    "name": ("full name", "display name"),
    "project": ("projects", "project slug"),
    "end date": ("access until",),
}
# Without a part that can match in several ways, so that the time stays linear.
BRACKETS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
LONGEST_HEADING = 100


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a file: the line they are on, and their cells by column."""

    line: int
    cells: Mapping[str, str]

    @property
    def email(self) -> str:
        """The email address, normalized; several or none are left as they are, to be refused."""
        text = self.cells[EMAIL]
        addresses = split_addresses(text)
        return addresses[0] if len(addresses) == 1 else normalize_email(text)

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The people in a file, and the headings of columns that mean nothing here."""

    people: list[PersonLine]
    ignored: list[str]


def parse_people(text: str, columns: Sequence[str]) -> PeopleTable:
    """Returns the people in `text`. Raises InvalidCsvError, also if there are too many.

    `columns` are those that may be used; `email` is required. A list of nothing but email addresses, one in
    each line, needs no heading.
    """
    rows = parse_csv(text)
    if not rows:
        raise InvalidCsvError("There are no rows. Choose a file or paste its rows.")
    headings, ignored = {EMAIL: 0}, list[str]()
    if not is_address_list(rows):
        headings, ignored = read_headings(rows.pop(0).cells, columns)
    if not rows:
        raise InvalidCsvError("There are no people below the first line, which names the columns.")
    if len(rows) > PEOPLE_AT_ONCE:
        raise InvalidCsvError(
            f"There are {len(rows):,} people. Add at most {PEOPLE_AT_ONCE} at once: split the file and "
            "upload one part after the other."
        )
    return PeopleTable([read_person(row, headings) for row in rows], ignored)


def is_address_list(rows: Iterable[CsvRow]) -> bool:
    cells = [tuple(filter(None, row.cells)) for row in rows]
    return "@" in cells[0][0] and all(len(row) == 1 for row in cells)


def read_headings(cells: Sequence[str], columns: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Returns the position of each column, and the headings that are none of them."""
    positions: dict[str, int] = {}
    ignored = []
    for position, heading in enumerate(cells):
        column = find_column(heading, columns)
        if not column:
            ignored += [heading] if heading else []
        elif column in positions:
            raise InvalidCsvError(f"Two columns are called “{column}”. Remove one of them.")
        else:
            positions[column] = position
    if EMAIL not in positions:
        others = ", ".join(column for column in columns if column != EMAIL)
        raise InvalidCsvError(
            "The first line has to name the columns, and one of them has to be “email”. "
            f"Others are optional: {others}."
        )
    return positions, ignored


def find_column(heading: str, columns: Sequence[str]) -> str:
    """Returns the column that a heading such as `E-Mail Address [Required]` means, or an empty text."""
    words = re.split(
        r"[\s_-]+", BRACKETS.sub("", heading[:LONGEST_HEADING]).casefold().strip(" *:")
    )
    text = " ".join(filter(None, words))
    for column in columns:
        if text == column or text in HEADINGS.get(column, ()):
            return column
    return ""


def read_person(row: CsvRow, headings: Mapping[str, int]) -> PersonLine:
    cells = {
        column: row.cells[position] if position < len(row.cells) else ""
        for column, position in headings.items()
    }
    return PersonLine(row.line, cells)


def format_people(people: Sequence[PersonLine]) -> str:
    """Returns the people as CSV with a heading, to be read again."""
    columns = list(people[0].cells) if people else [EMAIL]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([person.get(column) for column in columns] for person in people)
    return file.getvalue()
