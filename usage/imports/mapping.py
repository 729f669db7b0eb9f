"""Maps the rows of a file of history to events, each with an id that it gets again at the next import."""

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from usage.amounts import (
    QUANTITY_DIGITS,
    InvalidAmount,
    format_decimal,
    parse_quantity,
    require_whole,
)
from usage.imports.readers import BadRow, FileRow
from usage.imports.timestamps import InvalidTime, parse_time
from usage.ingest.events import NO_DIMENSIONS, Dimensions, Event, is_valid_id
from usage.models.catalogue import MODEL_LENGTH

# Cache of the occurrence counts; SQLite moves more than that to a temporary file.
CACHE_KIB = 16_384


class ItemColumn(NamedTuple):
    """A column of the file that counts a line item."""

    code: str
    unit: str
    column: str


@dataclass(frozen=True)
class ColumnMapping:
    """What the columns of a file mean. `model` applies to all rows unless there is a `model_column`."""

    product: str
    items: Sequence[ItemColumn]
    time_column: str
    zone: dt.tzinfo
    model: str = ""
    model_column: str = ""
    empty_as_zero: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns in the order in which `build_events` expects their cells."""
        model = [self.model_column] if self.model_column else []
        return [self.time_column, *(item.column for item in self.items), *model]

    def build_events(self, row: FileRow, occurrences: "Occurrences") -> list[Event]:
        """Returns an event for each line item of the row. Raises BadRow if a cell is invalid."""
        if row.error:
            raise BadRow(row.error)
        try:
            moment = parse_time(row.values[0], self.zone)
        except InvalidTime as error:
            raise BadRow(f"{self.time_column}: {error}") from error
        model = self.find_model(row)
        dimensions = Dimensions(model) if model else NO_DIMENSIONS
        quantities = [
            normalize_quantity(item, text or ("0" if self.empty_as_zero else ""))
            for item, text in zip(self.items, row.values[1:], strict=False)
        ]
        events = []
        for item, quantity in zip(self.items, quantities, strict=True):
            content = "\n".join((moment.text, self.product, item.code, model, quantity))
            events.append(
                Event(
                    id=occurrences.next_event_id(moment.text, content),
                    time=moment.time,
                    product=self.product,
                    line_item=item.code,
                    quantity=quantity,
                    unit=item.unit,
                    dimensions=dimensions,
                )
            )
        return events

    def find_model(self, row: FileRow) -> str:
        if not self.model_column:
            return self.model
        model = row.values[-1]
        if not is_model_name(model):
            raise BadRow(f"{self.model_column}: {model[:40]!r} is not a valid model name")
        return model


def is_model_name(name: str) -> bool:
    return len(name) <= MODEL_LENGTH and is_valid_id(name)


def normalize_quantity(item: ItemColumn, text: str) -> str:
    """Returns the quantity as `format_decimal` writes it. Raises BadRow if it is not valid."""
    if not text:
        raise BadRow(f"{item.column}: the quantity is missing")
    if text.startswith("-"):
        raise BadRow(f"{item.column}: {text[:40]!r}: it is negative; an import can't reduce usage")
    try:
        quantity = require_whole(parse_quantity(text), item.unit)
    except InvalidAmount as error:
        raise BadRow(f"{item.column}: {text[:40]!r}: {error}") from error
    return format_decimal(quantity, QUANTITY_DIGITS)


class Occurrences:
    """Counts how often a file has had the same content, in a temporary file if there is much of it."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)
        self.database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute(
            "CREATE TABLE occurrence (content TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID"
        )
        self.database.execute("BEGIN")

    def next_event_id(self, time: str, content: str) -> str:
        """Returns the event id for the next occurrence of `content`, and counts it."""
        digest = hashlib.blake2b(content.encode(), digest_size=16, usedforsecurity=False)
        # Starts with the time as written, because files are mostly sorted by it, which keeps neighbours
        # together here and in the index of records. (In UTC the id would depend on --timezone.)
        event_id = f"{time[:19].replace(' ', 'T')}:{digest.hexdigest()}"
        ((count,),) = self.database.execute(
            "INSERT INTO occurrence VALUES (?, 1) "
            "ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
            (event_id,),
        )
        return f"{event_id}:{count}"

    def close(self) -> None:
        self.database.close()
