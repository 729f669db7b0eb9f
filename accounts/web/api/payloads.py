"""Structs of what the API accepts and returns, and the kinds of fields that they share.

The OpenAPI document is made of them: docstrings and `Meta` describe them to those who call the API.
"""

import datetime as dt
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

import msgspec
from msgspec import Meta

from accounts.fields import ID_LENGTH


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object with exactly these members."""


class Parameters(msgspec.Struct, frozen=True):
    """The fields of a query, a form or of headers; any others are ignored."""


# A field of the reference API that we do not have: null is tolerated, anything else is 422 `not_supported`.
NotSupported = Annotated[None, Meta(description="Not supported: null, or left out.")]


class Status(NamedTuple):
    """What a view answers with another status than 200."""

    status: int
    answer: Payload


# A secret, which is answered once: null when the same request is sent again.
SECRET = Meta(
    description="Only in this response. Null when the response is replayed.", extra={"secret": True}
)
Secret = Annotated[str | None, SECRET]


def omit_secrets(answer: Any) -> Any:
    """Returns a copy of an answer with null in place of its secrets."""
    if isinstance(answer, list):
        return [omit_secrets(item) for item in answer]
    if not isinstance(answer, msgspec.Struct):
        return answer
    secrets = secret_fields(type(answer))
    return msgspec.structs.replace(
        answer,
        **{
            name: None if name in secrets else omit_secrets(getattr(answer, name))
            for name in answer.__struct_fields__
        },
    )


@cache
def secret_fields(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Returns the names of the fields that are declared as `Secret`."""
    hints = get_type_hints(kind, include_extras=True)
    return frozenset(name for name, hint in hints.items() if SECRET in get_metadata(hint))


def get_metadata(hint: Any) -> tuple[Any, ...]:
    return getattr(hint, "__metadata__", ())


def describe_id(prefix: str, example: str) -> Meta:
    """Returns the metadata of the public ids that begin with `prefix`; the example is without it."""
    pattern = rf"^{prefix}_[0-9A-Za-z]{{{ID_LENGTH}}}\Z"
    return Meta(
        pattern=pattern, examples=[f"{prefix}_{example}"], extra_json_schema={"format": "id"}
    )


OrganizationId = Annotated[str, describe_id("org", "CcS5SPcryXjwIvhUhblU")]
UserId = Annotated[str, describe_id("user", "5pTqYb0wZr3KfLh8NcXe")]
ProjectId = Annotated[str, describe_id("proj", "cXkeYTh7DfxpsGrk6nra")]
KeyId = Annotated[str, describe_id("key", "vnC7r4WnjSde9KMrZBXu")]
EmailAddress = Annotated[str, Meta(examples=["maya@example.com"])]
OrganizationName = Annotated[str, Meta(examples=["Northwind Labs"])]
ProjectName = Annotated[str, Meta(examples=["ML research"])]
ProjectSlug = Annotated[
    str, Meta(description="The project in URLs of the console.", examples=["ml-research"])
]
UnixTime = Annotated[int, Meta(description="In Unix seconds.")]
Timestamp = Annotated[
    str,
    Meta(examples=["2026-11-23T08:15:30.123456Z"], extra_json_schema={"format": "date-time"}),
]
Cursor = Annotated[
    str | None,
    Meta(
        description="Of the next page: send it as `after`. Null on the last page.", examples=[None]
    ),
]
After = Annotated[
    str | None,
    Meta(description="The `next_cursor` of the page before.", extra_json_schema={"minLength": 1}),
]


def format_unix(time: dt.datetime) -> int:
    """Returns a time in whole Unix seconds, cut."""
    return int(time.timestamp())


def format_optional_unix(time: dt.datetime | None) -> int | None:
    """Returns a time as `format_unix` does, or None."""
    return format_unix(time) if time else None


def describe_limit(most: int, thing: str) -> Meta:
    """Returns the metadata of the parameter that says how many things a page has."""
    return Meta(ge=1, le=most, description=f"How many {thing} a page has.")
