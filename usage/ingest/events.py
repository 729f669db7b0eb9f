"""What programs post: events and corrections, read from JSON, each right by itself or refused by itself.

msgspec reads and checks a whole body at once in C; only when something in it is wrong is each record
looked at alone, to say which.
"""

import datetime as dt
import hashlib
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import msgspec

from accounts.web.api.validation import parse_problem
from usage.models.catalogue import CODE_LENGTH, MODEL_LENGTH
from usage.models.record import EVENT_ID_LENGTH

LARGEST_BATCH = 1_000
EventId = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=EVENT_ID_LENGTH,
        description="One of your own, printable ASCII without blanks: a retry with it is a duplicate.",
        examples=["req-81f2:output"],
        extra_json_schema={"pattern": "^[!-~]+$"},  # checked by `is_event_id`
    ),
]
CheckedId = Annotated[str, msgspec.Meta(max_length=EVENT_ID_LENGTH, pattern=r"^[!-~]+\Z")]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_LENGTH)]
Time = Annotated[dt.datetime, msgspec.Meta(tz=True, examples=["2026-11-23T08:15:30.123456Z"])]
AttributeName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
AttributeValue = Annotated[str, msgspec.Meta(max_length=200)]
Attributes = Annotated[dict[AttributeName, AttributeValue], msgspec.Meta(max_length=20)]
# Ten digits more than 64 bits hold: how much it may be is said in usage/amounts.py.
Quantity = Annotated[str, msgspec.Meta(max_length=40)] | int
QUANTITY = msgspec.Meta(description="A decimal as text; never a float.", examples=["128"])
# Checked by `Reader`, which looks at each record alone.
BATCH = msgspec.Meta(extra_json_schema={"minItems": 1, "maxItems": LARGEST_BATCH})


class Dimensions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the price depends on."""

    model: Annotated[str, msgspec.Meta(max_length=MODEL_LENGTH, examples=["llama-3.3-70b"])] = ""


NO_DIMENSIONS = Dimensions()


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One line item of something that was used: by a key, by a user, or (on import) by nobody known.

    `quantity` is a decimal as text or a whole number, in the line item's unit.
    """

    id: EventId
    time: Time
    product: Annotated[Code, msgspec.Meta(examples=["serverless-inference"])]
    line_item: Annotated[Code, msgspec.Meta(examples=["output_tokens"])]
    quantity: Annotated[Quantity, QUANTITY]
    unit: Annotated[Code, msgspec.Meta(examples=["token"])]
    api_key_id: Annotated[Reference | None, msgspec.Meta(examples=["key_vnC7r4WnjSde9KMrZBXu"])] = (
        None
    )
    user_id: Reference | None = None
    project_id: Reference | None = None
    organization_id: Reference | None = None
    dimensions: Annotated[Dimensions, msgspec.Meta(examples=[{"model": "llama-3.3-70b"}])] = (
        NO_DIMENSIONS
    )
    attributes: Attributes = {}


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Takes an event back (`void`), or says its right quantity (`adjust`).

    `organization_id` is needed only where the same event id was used for several organizations.
    """

    id: Annotated[CheckedId, msgspec.Meta(examples=["fix-1"])]
    event_id: Annotated[CheckedId, msgspec.Meta(examples=["req-81f2:output"])]
    kind: Annotated[str, msgspec.Meta(pattern=r"^(void|adjust)\Z", examples=["void"])]
    reason: Annotated[
        str,
        msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+\Z", examples=["Never ran."]),
    ]
    quantity: Annotated[
        Quantity | None, msgspec.Meta(description="A decimal as text; never a float.")
    ] = None
    organization_id: CheckedId | None = None


class Refused(NamedTuple):
    """Why a record is not taken: `code` for the program, `param` the field, `message` for a person."""

    code: str
    param: str | None
    message: str


class Unreadable(ValueError):
    """The body as a whole is not what the endpoint takes; `status` is the HTTP status to say so with."""

    def __init__(self, status: int, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.param = status, param


Record = TypeVar("Record", Event, Correction)


class EventList(msgspec.Struct):
    events: Annotated[list[Event], BATCH]


class CorrectionList(msgspec.Struct):
    corrections: Annotated[list[Correction], BATCH]


class Loose(msgspec.Struct):
    """A body whose records are not looked into."""

    events: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    corrections: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


class Reader(Generic[Record]):
    """Reads the bodies of one endpoint."""

    def __init__(self, name: str, record: type[Record], body: type[Any]) -> None:
        self.name = name
        self.body: msgspec.json.Decoder[Any] = msgspec.json.Decoder(body)
        self.record: msgspec.json.Decoder[Record] = msgspec.json.Decoder(record)
        self.loose = msgspec.json.Decoder(Loose)

    def read(self, body: bytes) -> "list[Record | Unread]":
        """The records, and an `Unread` in the place of each that is not one; Unreadable."""
        try:
            found = self.records(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(400, "The body is not JSON.") from error
        if not found:
            raise Unreadable(422, f"Send at least one record in {self.name}.", self.name)
        return found

    def records(self, body: bytes) -> "list[Record | Unread]":
        try:
            found: list[Record | Unread] = getattr(self.body.decode(body), self.name)
        except msgspec.DecodeError:
            body.decode()  # what is no text at all is not looked into
            return [self.one(raw) for raw in self.few(self.raws(body))]
        return self.few(found)

    def few(self, found: list[Any]) -> list[Any]:
        """Counted before each is looked at alone."""
        if len(found) > LARGEST_BATCH:
            raise Unreadable(413, f"Send at most {LARGEST_BATCH:,} records.", self.name)
        return found

    def raws(self, body: bytes) -> list[msgspec.Raw]:
        try:
            found = getattr(self.loose.decode(body), self.name)
        except msgspec.ValidationError:
            found = msgspec.UNSET
        if found is msgspec.UNSET:
            wanted = f'Send an object such as {{"{self.name}": […]}}, with a list.'
            raise Unreadable(422, wanted, self.name)
        return found  # type: ignore[no-any-return]

    def one(self, raw: msgspec.Raw) -> "Record | Unread":
        try:
            return self.record.decode(raw)
        except msgspec.ValidationError as error:
            return Unread(given_id(raw), refusal(error))
        except msgspec.DecodeError:
            return Unread(None, UNREADABLE)


class Unread(NamedTuple):
    """A record that is none, with its id as far as it has one."""

    id: str | None
    refused: Refused


def given_id(raw: msgspec.Raw) -> str | None:
    try:
        found = msgspec.json.decode(raw)
    except msgspec.DecodeError:  # in a field that is not known there may be anything
        return None
    value = found.get("id") if isinstance(found, dict) else None
    return value[:EVENT_ID_LENGTH] if isinstance(value, str) else None


WANTED = {
    "id": f"1 to {EVENT_ID_LENGTH} printable ASCII characters without blanks",
    "event_id": f"1 to {EVENT_ID_LENGTH} printable ASCII characters without blanks",
    "time": "a time with its zone, such as 2026-11-23T08:15:30.123456Z",
    "quantity": 'a decimal as text such as "12.5", or a whole number; never a float',
    "kind": "void or adjust",
    "reason": "1 to 200 characters in one line",
    "dimensions.model": f"at most {MODEL_LENGTH} printable ASCII characters without blanks",
    "attributes": "at most 20 texts of at most 200 characters, by names of at most 40",
}


def refusal(error: msgspec.ValidationError) -> Refused:
    """msgspec's words as a sentence that names the field and what to send."""
    kind, param, text = parse_problem(error)
    if kind != "invalid":
        known = "is missing" if kind == "missing" else "is not a field of this record"
        return Refused(kind, param, f"{param} {known}.")
    if not param:
        return Refused("invalid", None, "A record is a JSON object.")
    param = "attributes" if param.startswith("attributes") else param
    wanted = WANTED.get(param)
    sentence = f"Send {wanted}." if wanted else f"{text}."
    return Refused("invalid", param, f"{param}: {sentence}")


UNREADABLE = Refused("invalid", None, "A number in the record is beyond what can be read.")
BAD_ID = Refused("invalid", "id", f"id: Send {WANTED['id']}.")


def is_event_id(text: str) -> bool:
    """Not a pattern of msgspec's: it takes ten times as long, for every record."""
    return text.isascii() and text.isprintable() and " " not in text


EVENTS = Reader("events", Event, EventList)
CORRECTIONS = Reader("corrections", Correction, CorrectionList)
ENCODER = msgspec.json.Encoder(order="deterministic")


def digest_of(record: Event | Correction) -> bytes:
    """16 bytes of what was sent, whatever its order and blanks; tells a duplicate from a conflict."""
    return hashlib.blake2b(ENCODER.encode(record), digest_size=16, usedforsecurity=False).digest()
