"""What would happen to each person in an uploaded list: shown before anything is done."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from accounts.invitations.addresses import describe_refusal, is_address
from accounts.invitations.domain_hints import suggest_domain
from accounts.invitations.people_files import PeopleTable, PersonLine

DOMAINS_READ = 1000
Entry = TypeVar("Entry")


class RefusedLineError(ValueError):
    """Why a person can't be added, as a sentence for people."""


@dataclass(frozen=True, slots=True)
class PreviewRow(Generic[Entry]):
    """A person in the file. `entry` is what the service takes; None if they can't be added."""

    person: PersonLine
    entry: Entry | None
    result: str
    note: str = ""
    details: str = ""

    @property
    def name(self) -> str:
        return self.person.get("name")

    @property
    def tone(self) -> str:
        return "bad" if self.entry is None else "ok"


@dataclass
class Preview(Generic[Entry]):
    """The people of a file in their order, and headings of columns that were ignored."""

    rows: list[PreviewRow[Entry]]
    ignored: list[str] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        return [row.entry for row in self.rows if row.entry is not None]

    @property
    def refused(self) -> list[PreviewRow[Entry]]:
        return [row for row in self.rows if row.entry is None]

    @property
    def sorted_rows(self) -> list[PreviewRow[Entry]]:
        """Those who can't be added first, then those with a hint."""
        return sorted(self.rows, key=lambda row: (row.entry is not None, not row.note))

    @property
    def mark(self) -> str:
        """Sent back on confirmation: proves that exactly these people were displayed."""
        good = [row for row in self.rows if row.entry is not None]
        texts = [(row.person.email, row.result, row.details) for row in good]
        return hashlib.sha256(repr(texts).encode()).hexdigest()[:32]


CheckLine = Callable[[PersonLine, str], tuple[Entry, str, str]]


def build_preview(
    table: PeopleTable, check_line: CheckLine[Entry], *, domains: Sequence[str]
) -> Preview[Entry]:
    """Returns the preview of a file.

    For a person and their valid email address, `check_line` returns what the service takes, what would
    happen and the details of it, or raises RefusedLineError. `domains` are those of the members.
    """
    first_lines: dict[str, int] = {}
    rows: list[PreviewRow[Entry]] = []
    for person in table.people:
        try:
            email = require_address(person)
            refuse_duplicate(email, first_lines)
            entry, result, details = check_line(person, email)
        except RefusedLineError as error:
            rows.append(PreviewRow(person, None, "Not added", str(error)))
            continue
        first_lines[email] = person.line
        rows.append(PreviewRow(person, entry, result, describe_domain(email, domains), details))
    return Preview(rows, table.ignored)


def require_address(person: PersonLine) -> str:
    """Returns the person's email address. Raises RefusedLineError if it is none."""
    email = person.email
    if not email:
        raise RefusedLineError("The email address is missing.")
    if not is_address(email):
        raise RefusedLineError(describe_refusal(email, alone=False))
    return email


def refuse_duplicate(email: str, first_lines: Mapping[str, int]) -> None:
    """Raises RefusedLineError if the person was in an earlier line."""
    if email in first_lines:
        raise RefusedLineError(f"Same email address as in line {first_lines[email]}.")


def describe_domain(email: str, domains: Sequence[str]) -> str:
    local, _, domain = email.rpartition("@")
    suggested = suggest_domain(domain, domains)
    return f"Did you mean {local}@{suggested}?" if suggested else ""


def list_domains(emails: Iterable[str]) -> list[str]:
    """Returns the domains of the addresses, the most used ones first."""
    counts: dict[str, int] = {}
    for email in emails:
        domain = email.rpartition("@")[2]
        counts[domain] = counts.get(domain, 0) + 1
    return sorted(counts, key=lambda domain: -counts[domain])
