"""Imports a file of history: its rows become events, which are stored in small batches.

The id of an event depends on the content of its row and on how many earlier rows of the file have the
same content. Importing a file again therefore adds nothing, and importing one that has grown adds only
what is new.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from usage.enums import Outcome
from usage.imports.mapping import ColumnMapping, Occurrences
from usage.imports.readers import BadRow, FileRow
from usage.ingest.events import Event
from usage.ingest.results import IngestResult

BATCH = 1_000  # rows, so that other writers wait only for a moment


@dataclass
class ImportTally:
    """The result of an import so far. Quantities in 10⁻⁶ units by line item, cost in 10⁻¹⁰ USD."""

    rows: int = 0
    rejected: int = 0
    accepted: int = 0
    duplicates: int = 0
    quantities: Counter[str] = field(default_factory=Counter)
    cost: int = 0
    # Models that got the price for any model, each with the line items that have no price of it.
    default_priced: dict[str, set[str]] = field(default_factory=dict)

    def add(self, event: Event, result: IngestResult) -> None:
        if result.outcome == Outcome.DUPLICATE:
            self.duplicates += 1
        elif result.added:
            self.accepted += 1
            self.quantities[event.line_item] += result.added.quantity
            self.cost += result.added.cost
            if result.is_default_priced:
                self.default_priced.setdefault(event.dimensions.model, set()).add(event.line_item)


Store = Callable[[list[Event], bool], list[IngestResult]]


@dataclass
class FileImport:
    """The import of one file. `store` gets events, and whether none has been accepted before."""

    mapping: ColumnMapping
    store: Store
    reject: Callable[[FileRow, str], None]
    tally: ImportTally = field(default_factory=ImportTally)
    occurrences: Occurrences = field(default_factory=Occurrences)

    def run(self, rows: Iterable[FileRow], report_progress: Callable[[], None]) -> ImportTally:
        """Stores all rows and calls `report_progress` after each batch."""
        rows = iter(rows)
        while batch := list(itertools.islice(rows, BATCH)):
            self.import_batch(batch)
            report_progress()
        self.occurrences.close()
        return self.tally

    def import_batch(self, batch: Sequence[FileRow]) -> None:
        """Stores the valid rows of a batch and rejects the others in the order of the file."""
        reasons: dict[int, str] = {}
        events: list[Event] = []
        origins: list[int] = []  # the position in the batch that each event comes from
        for position, row in enumerate(batch):
            try:
                row_events = self.mapping.build_events(row, self.occurrences)
            except BadRow as error:
                reasons[position] = str(error)
            else:
                events += row_events
                origins += [position] * len(row_events)
        results = self.store(events, self.tally.accepted == 0) if events else []
        for event, position, result in zip(events, origins, results, strict=True):
            if result.rejection:
                reason = f"{event.line_item}: {result.rejection.message}"
                earlier = f"{reasons[position]} " if position in reasons else ""
                reasons[position] = f"{earlier}{reason}"
            self.tally.add(event, result)
        for position in sorted(reasons):
            self.reject(batch[position], reasons[position])
        self.tally.rows += len(batch)
        self.tally.rejected += len(reasons)
