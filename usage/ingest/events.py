"""The records that programs post: events and corrections, each of which is accepted or rejected by itself."""

import datetime as dt
from typing import Annotated, NamedTuple

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
        description="Your own id, printable ASCII without spaces. A retry with the same id is a duplicate.",
        examples=["req-81f2:output"],
        extra_json_schema={"pattern": "^[!-~]+$"},  # checked by `is_valid_id`
    ),
]
CheckedId = Annotated[str, msgspec.Meta(max_length=EVENT_ID_LENGTH, pattern=r"^[!-~]+\Z")]
Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=CODE_LENGTH)]
Time = Annotated[dt.datetime, msgspec.Meta(tz=True, examples=["2026-11-23T08:15:30.123456Z"])]
AttributeName = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
AttributeValue = Annotated[str, msgspec.Meta(max_length=200)]
Attributes = Annotated[dict[AttributeName, AttributeValue], msgspec.Meta(max_length=20)]
# More digits than 64 bits hold; usage/amounts.py checks the size.
Quantity = Annotated[str, msgspec.Meta(max_length=40)] | int
QUANTITY = msgspec.Meta(description="A decimal as text; never a float.", examples=["128"])
# Checked by `BodyReader`.
BATCH = msgspec.Meta(extra_json_schema={"minItems": 1, "maxItems": LARGEST_BATCH})


class Dimensions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What the price depends on, besides the line item."""

    model: Annotated[str, msgspec.Meta(max_length=MODEL_LENGTH, examples=["llama-3.3-70b"])] = ""


NO_DIMENSIONS = Dimensions()


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Usage of one line item by a key or a user; imported history has neither.

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
    """Voids an event (`void`) or sets its quantity (`adjust`).

    `organization_id` is required only if the event id was used for several organizations.
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


class Rejection(NamedTuple):
    """Why a record is rejected: `code` for programs, `param` the field, `message` for people."""

    code: str
    param: str | None
    message: str


class InvalidBody(ValueError):
    """The endpoint cannot read the body at all; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.param = status, param


class EventList(msgspec.Struct):
    events: Annotated[list[Event], BATCH]


class CorrectionList(msgspec.Struct):
    corrections: Annotated[list[Correction], BATCH]


class InvalidRecord(NamedTuple):
    """A record that cannot be read, with its id if that can."""

    id: str | None
    rejection: Rejection


EXPECTED = {
    "id": f"1 to {EVENT_ID_LENGTH} printable ASCII characters without spaces",
    "event_id": f"1 to {EVENT_ID_LENGTH} printable ASCII characters without spaces",
    "time": "a time with a time zone, such as 2026-11-23T08:15:30.123456Z",
    "quantity": 'a decimal as text such as "12.5", or a whole number; never a float',
    "kind": "void or adjust",
    "reason": "1 to 200 characters in one line",
    "dimensions.model": f"at most {MODEL_LENGTH} printable ASCII characters without spaces",
    "attributes": "at most 20 texts of at most 200 characters, by names of at most 40",
}


def explain_error(error: msgspec.ValidationError) -> Rejection:
    """Turns an error of msgspec into a message that names the field and says what to send."""
    kind, param, text = parse_problem(error)
    if kind == "missing":
        return Rejection("missing", param, f"{param} is missing.")
    if kind != "invalid":
        return Rejection(kind, param, f"{param} is not a field of this record.")
    if not param:
        return Rejection("invalid", None, "A record is a JSON object.")
    param = "attributes" if param.startswith("attributes") else param
    expected = EXPECTED.get(param)
    sentence = f"Send {expected}." if expected else f"{text}."
    return Rejection("invalid", param, f"{param}: {sentence}")


UNREADABLE_NUMBER = Rejection("invalid", None, "A number in the record is too large to be read.")
BAD_ID = Rejection("invalid", "id", f"id: Send {EXPECTED['id']}.")


def is_valid_id(text: str) -> bool:
    """Whether the text is printable ASCII without spaces. A msgspec pattern takes ten times as long."""
    return text.isascii() and text.isprintable() and " " not in text
