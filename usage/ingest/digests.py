"""Digests of what was posted, which tell a retry from another record with the same id."""

import datetime as dt
from contextlib import suppress
from hashlib import blake2b

import msgspec

from usage.amounts import QUANTITY_DIGITS, InvalidAmount, format_decimal, parse_quantity
from usage.ingest.events import Correction, Event

encode = msgspec.json.Encoder(order="deterministic").encode
EMPTY = blake2b(digest_size=16, usedforsecurity=False)  # copying it is faster than making another


def compute_digest(record: Event | Correction) -> bytes:
    """Returns 16 bytes that depend on the content of a record, not on how it is spelled.

    The order of its members, whitespace, the offset of its time and zeros of its quantity make no difference.
    """
    quantity = record.quantity
    # Nearly all records are sent as they are digested.
    if not (
        type(quantity) is str
        and quantity.isdigit()
        and quantity[0] != "0"
        and (isinstance(record, Correction) or record.time.tzinfo is dt.UTC)
    ):
        record = normalize(record)
    return digest_as_sent(record)


def digest_as_sent(record: Event | Correction) -> bytes:
    """Returns the digest of a record with its time and quantity as sent, as older versions stored it."""
    digest = EMPTY.copy()
    digest.update(encode(record))
    return digest.digest()


def normalize(record: Event | Correction) -> Event | Correction:
    """Returns a record with its quantity as `format_decimal` writes it and its time in UTC, if it can."""
    changes: dict[str, object] = {}
    if record.quantity is not None:
        with suppress(InvalidAmount):
            quantity = parse_quantity(record.quantity)
            changes["quantity"] = format_decimal(quantity, QUANTITY_DIGITS)
    if isinstance(record, Event):
        with suppress(OverflowError):  # UTC may not have that year
            changes["time"] = record.time.astimezone(dt.UTC)
    return msgspec.structs.replace(record, **changes)
