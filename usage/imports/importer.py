"""Imports a file of history: its rows become events, which are stored in small batches.

An event's id comes from what its row says of it, and from how many-th with that content it is in the
file: the same file again adds nothing, and one that has grown only what is new.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from usage.enums import Outcome
from usage.imports.mapping import Occurrences, Plan
from usage.imports.readers import Bad, Row
from usage.ingest.events import Event
from usage.ingest.services.recording import Result

BATCH = 1_000  # rows, so that whoever writes meanwhile waits for a moment only


@dataclass
class Tally:
    """What became of a file so far. Quantities in 10⁻⁶ units by line item, cost in 10⁻¹⁰ USD."""

    rows: int = 0
    rejected: int = 0
    accepted: int = 0
    there: int = 0
    quantities: Counter[str] = field(default_factory=Counter)
    cost: int = 0

    def take_in(self, event: Event, result: Result) -> None:
        if result.outcome == Outcome.DUPLICATE:
            self.there += 1
        elif result.added:
            self.accepted += 1
            self.quantities[event.line_item] += result.added.quantity
            self.cost += result.added.cost


Store = Callable[[list[Event], bool], list[Result]]


@dataclass
class Import:
    """One file on its way in. `store` takes events and whether they are the first to be added."""

    plan: Plan
    store: Store
    reject: Callable[[Row, str], None]
    tally: Tally = field(default_factory=Tally)
    occurrences: Occurrences = field(default_factory=Occurrences)

    def run(self, rows: Iterable[Row], said: Callable[[], None]) -> Tally:
        """Stores all rows, calling `said` after each batch."""
        rows = iter(rows)
        while batch := list(itertools.islice(rows, BATCH)):
            self.add(batch)
            said()
        self.occurrences.close()
        return self.tally

    def add(self, batch: Sequence[Row]) -> None:
        """Stores a batch; what is wrong in it is rejected, in the order of the file."""
        wrong: dict[int, str] = {}
        events: list[Event] = []
        origins: list[int] = []
        for place, row in enumerate(batch):
            try:
                found = self.plan.events(row, self.occurrences)
            except Bad as bad:
                wrong[place] = str(bad)
            else:
                events += found
                origins += [place] * len(found)
        results = self.store(events, self.tally.accepted == 0) if events else []
        for event, place, result in zip(events, origins, results, strict=True):
            if result.refused:
                reason = f"{event.line_item}: {result.refused.message}"
                wrong[place] = f"{wrong[place]} {reason}" if place in wrong else reason
            self.tally.take_in(event, result)
        for place in sorted(wrong):
            self.reject(batch[place], wrong[place])
        self.tally.rows += len(batch)
        self.tally.rejected += len(wrong)
