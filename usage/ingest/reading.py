"""Reads the bodies that programs post.

msgspec reads and checks a whole body at once in C. Only if something in it is wrong is each record read
alone, to find out which.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from accounts.web.api.strict_json import NOT_JSON, NotJsonError, decode_json
from usage.amounts import QUANTITY_SCALE, InvalidAmount, parse_quantity
from usage.ingest.events import (
    LARGEST_BATCH,
    Correction,
    CorrectionList,
    Event,
    EventList,
    InvalidBody,
    InvalidRecord,
    Rejection,
    explain_error,
)
from usage.ingest.splitting import RecordExaminer, split_body

Record = TypeVar("Record", Event, Correction)
UNREADABLE_NUMBER = Rejection("invalid", None, "A number in the record is too large to be read.")
NUL_IN_ATTRIBUTES = Rejection(
    "invalid", "attributes", "attributes: Send texts without NUL (U+0000)."
)
# The first is much faster to look for.
ESCAPE, ESCAPED_NUL, ESCAPED_ASCII = b"\\", b"\\u0000", b"\\u00"
# msgspec rounds to microseconds, which can move an event into the next month.
NANOSECONDS = re.compile(rb"\.\d{7}")
EXCESS_DIGITS = re.compile(r"\.(\d{6})\d+")
# Numbers of JSON that msgspec reads as floats, although they may be whole.
FLOAT = re.compile(r"-?[0-9]+(?=[.eE])(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


class RawList(msgspec.Struct):
    """A body whose records are not parsed."""

    events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    corrections: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


class SentTime(msgspec.Struct):
    """An event of which only the time is read, as it was sent."""

    time: str


class SentTimes(msgspec.Struct):
    events: list[SentTime]


class SentQuantity(msgspec.Struct):
    """A record of which only the quantity is read, as it was sent."""

    quantity: msgspec.Raw


RAW: msgspec.json.Decoder[RawList] = msgspec.json.Decoder(RawList)
TIME: msgspec.json.Decoder[SentTime] = msgspec.json.Decoder(SentTime)
TIMES: msgspec.json.Decoder[SentTimes] = msgspec.json.Decoder(SentTimes)
QUANTITY: msgspec.json.Decoder[SentQuantity] = msgspec.json.Decoder(SentQuantity)


class BodyReader(Generic[Record]):
    """Reads the bodies of one endpoint.

    `count_quotes` returns how many quotation marks records have at least, if no name in them is repeated.
    """

    def __init__(
        self,
        name: str,
        record: type[Record],
        body: type[Any],
        count_quotes: Callable[[Sequence[Record]], int],
    ) -> None:
        self.name = name
        self.type: type[Record] = record
        self.count_quotes: Callable[[Sequence[Record]], int] = count_quotes
        self.body: msgspec.json.Decoder[Any] = msgspec.json.Decoder(body)
        self.record: msgspec.json.Decoder[Record] = msgspec.json.Decoder(record)
        self.fields = tuple(field.encode_name for field in msgspec.structs.fields(record))

    def parse(self, body: bytes) -> list[Record | InvalidRecord]:
        """Returns the records in their order, with an InvalidRecord for each that cannot be read.

        Raises InvalidBody if the body is not a JSON object with 1 to 1,000 records.
        """
        try:
            records = self.read_records(body)
        except NotJsonError as error:
            raise InvalidBody(400, str(error) or NOT_JSON) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidBody(400, NOT_JSON) from error
        if not records:
            raise InvalidBody(422, f"Send at least one record in {self.name}.", self.name)
        return records

    def read_records(self, body: bytes) -> list[Record | InvalidRecord]:
        try:
            records: list[Record] = getattr(self.body.decode(body), self.name)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.read_each(body)
        self.check_length(records)
        if (ESCAPE in body and ESCAPED_NUL in body) or self.has_repeated_names(body, records):
            return self.read_each(body)
        return self.refine_records(body, records)

    def refine_records(self, body: bytes, records: list[Record]) -> list[Record | InvalidRecord]:
        """Returns what to make of records that msgspec has read together."""
        return list(records)

    def refine_record(self, raw: bytes, record: Record) -> Record | InvalidRecord:
        """Returns what to make of a record that msgspec has read alone."""
        return record

    def has_repeated_names(self, body: bytes, records: list[Record]) -> bool:
        """Whether an object in the body has a name twice, of which msgspec takes the last.

        Each string has two quotation marks. If there are no more than the records need, none is repeated.
        That takes a tenth of the time of looking at all names, as members that are null need too.
        """
        if body.count(b'"') == self.count_quotes(records) + 2:
            return False
        try:
            decode_json(body)
        except NotJsonError:
            return True
        return False

    def read_each(self, body: bytes) -> list[Record | InvalidRecord]:
        raw_records = self.find_raw_records(body)
        self.check_length(raw_records)
        examiner = RecordExaminer(self.fields)
        return [self.read_record(raw, examiner) for raw in raw_records]

    def check_length(self, records: Sequence[Any]) -> None:
        if len(records) > LARGEST_BATCH:
            raise InvalidBody(413, f"Send at most {LARGEST_BATCH:,} records.", self.name)

    def find_raw_records(self, body: bytes) -> list[bytes]:
        """Returns the records as they were sent. Raises InvalidBody, NotJsonError or an error of msgspec."""
        parts = split_body(body, self.name)
        if parts:
            return parts.records
        raw_records: list[msgspec.Raw] | msgspec.UnsetType
        try:
            raw_records = getattr(RAW.decode(body), self.name)
        except msgspec.ValidationError:
            raw_records = msgspec.UNSET
        if isinstance(raw_records, msgspec.UnsetType):
            message = f'Send a JSON object with a list of records: {{"{self.name}": […]}}.'
            raise InvalidBody(422, message, self.name)
        return [bytes(raw) for raw in raw_records]

    def read_record(self, raw: bytes, examiner: RecordExaminer) -> Record | InvalidRecord:
        """Returns the record, or why it cannot be read. Raises NotJsonError if it is not JSON."""
        try:
            record = self.decode_record(raw)
        except msgspec.ValidationError as error:
            return examine_record(raw, examiner, explain_error(error))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return examine_record(raw, examiner, UNREADABLE_NUMBER)
        if raw.count(b'"') != self.count_quotes([record]):
            record_id, rejection = examiner.examine(raw)
            if rejection:
                return InvalidRecord(record_id, rejection)
        return self.refine_record(raw, record)

    def decode_record(self, raw: bytes) -> Record:
        """Returns the record, with a quantity such as 128.0 or 1.28e2 as an integer.

        Raises an error of msgspec if it cannot be read.
        """
        try:
            return self.record.decode(raw)
        except msgspec.ValidationError:
            quantity = find_whole_quantity(raw)
            if quantity is None:
                raise
        members = {**msgspec.json.decode(raw), "quantity": quantity}
        converted: Record = msgspec.convert(members, self.type)
        return converted


class EventReader(BodyReader[Event]):
    """Reads bodies of events, whose times it cuts to microseconds."""

    def refine_records(self, body: bytes, records: list[Event]) -> list[Event | InvalidRecord]:
        is_escaped = ESCAPE in body and ESCAPED_ASCII in body
        if not is_escaped and not NANOSECONDS.search(body):
            return list(records)
        sent = TIMES.decode(body).events
        return [cut_time(record, time.time) for record, time in zip(records, sent, strict=True)]

    def refine_record(self, raw: bytes, record: Event) -> Event | InvalidRecord:
        if any("\0" in text for pair in record.attributes.items() for text in pair):
            return InvalidRecord(record.id, NUL_IN_ATTRIBUTES)
        return cut_time(record, TIME.decode(raw).time)


def find_whole_quantity(raw: bytes) -> int | None:
    """Returns the quantity of a record if it is a whole number that was sent as a float, else None.

    Reads its digits, so that nothing is rounded.
    """
    try:
        text = bytes(QUANTITY.decode(raw).quantity).decode()
        quantity = parse_quantity(text) if FLOAT.fullmatch(text) else None
    except (msgspec.MsgspecError, InvalidAmount):
        return None
    return None if quantity is None or quantity % QUANTITY_SCALE else quantity // QUANTITY_SCALE


def examine_record(raw: bytes, examiner: RecordExaminer, rejection: Rejection) -> InvalidRecord:
    """Returns a record that msgspec rejects, with what is wrong with its text if anything is."""
    examination = examiner.examine(raw)
    return InvalidRecord(examination.id, examination.rejection or rejection)


def cut_time(event: Event, text: str) -> Event:
    """Returns an event with its time, sent as `text`, cut to microseconds."""
    excess = EXCESS_DIGITS.search(text)
    if excess is None or int(excess[1]) == event.time.microsecond:
        return event
    cut = text[: excess.end(1)] + text[excess.end() :]
    return msgspec.structs.replace(event, time=msgspec.convert(cut, dt.datetime))


def count_event_quotes(events: Sequence[Event]) -> int:
    """Returns how many quotation marks the JSON of these events has, without members that say nothing."""
    number = 0
    for event in events:
        number += 24 if isinstance(event.quantity, str) else 22
        if event.api_key_id is not None:
            number += 4
        if event.user_id is not None:
            number += 4
        if event.project_id is not None:
            number += 4
        if event.organization_id is not None:
            number += 4
        if event.dimensions.model:
            number += 6
        if event.attributes:
            number += 2 + 4 * len(event.attributes)
    return number


def count_correction_quotes(corrections: Sequence[Correction]) -> int:
    """Returns how many quotation marks the JSON of these corrections has, without members that are null."""
    return sum(
        16
        + {str: 4, int: 2}.get(type(correction.quantity), 0)
        + (4 if correction.organization_id is not None else 0)
        for correction in corrections
    )


EVENTS = EventReader("events", Event, EventList, count_event_quotes)
CORRECTIONS = BodyReader("corrections", Correction, CorrectionList, count_correction_quotes)
