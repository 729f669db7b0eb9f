"""What a file of history means: its rows as events, each with an id that it gets again next time."""

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from usage.amounts import QUANTITY_DIGITS, Unusable, quantity_of, text_of
from usage.imports.readers import Bad, Row
from usage.imports.timestamps import NoTime, read_time
from usage.ingest.events import NO_DIMENSIONS, Dimensions, Event, is_event_id
from usage.models.catalogue import MODEL_LENGTH

# Of the counts of what a file says, which are kept in a file of their own past that.
MEMORY_KIB = 16_384


class Counted(NamedTuple):
    """A line item that a column of the file counts."""

    code: str
    unit: str
    column: str


@dataclass(frozen=True)
class Plan:
    """What the columns of a file mean. `model` holds for all rows unless there is a `model_column`."""

    product: str
    items: Sequence[Counted]
    time_column: str
    zone: dt.tzinfo
    model: str = ""
    model_column: str = ""

    @property
    def columns(self) -> list[str]:
        """In the order in which `events` wants the cells."""
        model = [self.model_column] if self.model_column else []
        return [self.time_column, *(item.column for item in self.items), *model]

    def events(self, row: Row, occurrences: "Occurrences") -> list[Event]:
        """An event for each line item of the row; Bad when one of its cells is."""
        if row.wrong:
            raise Bad(row.wrong)
        try:
            moment = read_time(row.values[0], self.zone)
        except NoTime as error:
            raise Bad(f"{self.time_column}: {error}") from error
        model = self.model_of(row)
        dimensions = Dimensions(model) if model else NO_DIMENSIONS
        amounts = [
            amount(item.column, text)
            for item, text in zip(self.items, row.values[1:], strict=False)
        ]
        events = []
        for item, quantity in zip(self.items, amounts, strict=True):
            content = "\n".join((moment.text, self.product, item.code, model, quantity))
            event_id = occurrences.identified(moment.text, content)
            events.append(
                Event(
                    event_id,
                    moment.time,
                    self.product,
                    item.code,
                    quantity,
                    item.unit,
                    dimensions=dimensions,
                )
            )
        return events

    def model_of(self, row: Row) -> str:
        if not self.model_column:
            return self.model
        if not is_model(row.values[-1]):
            raise Bad(f"{self.model_column}: {row.values[-1][:40]!r} is no name of a model")
        return row.values[-1]


def is_model(name: str) -> bool:
    return len(name) <= MODEL_LENGTH and is_event_id(name)


def amount(column: str, text: str) -> str:
    """The quantity in one way of writing it; Bad."""
    if not text:
        raise Bad(f"{column}: there is no amount")
    try:
        return text_of(quantity_of(text), QUANTITY_DIGITS)
    except Unusable as error:
        raise Bad(f"{column}: {text[:40]!r}: {error}") from error


class Occurrences:
    """Counts how often a file has said the same; in a temporary file once there is much of it."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute(f"PRAGMA cache_size = -{MEMORY_KIB}")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute(
            "CREATE TABLE said (content TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID"
        )
        self.database.execute("BEGIN")

    def identified(self, time: str, content: str) -> str:
        """The event id of what is said with that `content`, the next time that it is."""
        digest = hashlib.blake2b(content.encode(), digest_size=16, usedforsecurity=False)
        # The time as written first: files are sorted by it, mostly, so that here and in the index of the
        # records the next is near the one before. (In UTC it would be another id in another zone.)
        said = f"{time[:19].replace(' ', 'T')}:{digest.hexdigest()}"
        ((times,),) = self.database.execute(
            "INSERT INTO said VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
            (said,),
        )
        return f"{said}:{times}"

    def close(self) -> None:
        self.database.close()
