"""Compares a record with the stored one of the same id: it is a duplicate, or differs in something."""

import datetime as dt

import msgspec

from usage.amounts import InvalidAmount, parse_quantity
from usage.enums import Outcome, RecordKind
from usage.ingest.digests import compute_digest, digest_as_sent
from usage.ingest.events import Correction, Event, Rejection
from usage.ingest.results import IngestResult
from usage.ledger.lookup import ExistingRecord

KINDS = {RecordKind.VOID: "void", RecordKind.ADJUST: "adjust"}


def compare_with_stored(record: Event | Correction, stored: ExistingRecord) -> IngestResult:
    """Returns the result for a record whose id is stored: a duplicate if its content is the same."""
    if is_same(record, stored):
        return IngestResult(record.id, Outcome.DUPLICATE, stored.billed)
    fields = list_differences(record, stored)
    if isinstance(record, Event) and not fields:  # stored by a version that kept spellings apart
        return IngestResult(record.id, Outcome.DUPLICATE, stored.billed)
    message = (
        f"{record.id} is already stored with other content: {stored.describe()}. "
        f"It differs in {', '.join(fields or ['quantity'])}."
    )
    rejection = Rejection("conflict", "id", message)
    return IngestResult(record.id, Outcome.CONFLICT, rejection=rejection, stored=stored)


def is_same(record: Event | Correction, stored: ExistingRecord) -> bool:
    """Whether the digests are the same, also as older versions made them."""
    return stored.digest == compute_digest(record) or stored.digest == digest_as_sent(record)


def list_differences(record: Event | Correction, stored: ExistingRecord) -> list[str]:
    """Returns the fields in which a record differs from what is stored.

    Of a correction, whose quantity is stored as a difference, that is all but the quantity.
    """
    sent, content = list_contents(record), list_stored_contents(record, stored)
    return [field for field, value in sent.items() if value != content[field]]


def list_contents(record: Event | Correction) -> dict[str, object]:
    """Returns the content of a record by field, as far as it can be compared."""
    if isinstance(record, Correction):
        return {"event_id": record.event_id, "kind": record.kind, "reason": record.reason}
    content: dict[str, object] = {
        "time": record.time,
        "quantity": find_quantity(record),
        "product": record.product,
        "line_item": record.line_item,
        "dimensions.model": record.dimensions.model,
        "api_key_id": record.api_key_id,
        "user_id": record.user_id,
        "attributes": record.attributes,
    }
    if record.user_id:  # a key has its own project, and imported history that of its import
        content["project_id"] = record.project_id
    if record.organization_id:
        content["organization_id"] = record.organization_id
    return content


def list_stored_contents(record: Event | Correction, stored: ExistingRecord) -> dict[str, object]:
    """Returns what is stored by the fields of `list_contents`."""
    content = stored.content
    if isinstance(record, Correction):
        kind = KINDS.get(RecordKind(content.kind), "")
        return {"event_id": content.original_event_id, "kind": kind, "reason": content.note}
    return {
        "time": stored.time.astimezone(dt.UTC),
        "quantity": stored.quantity,
        "product": content.product,
        "line_item": content.line_item,
        "dimensions.model": content.model,
        "api_key_id": content.api_key_id,
        "user_id": content.user_id,
        "project_id": content.project_id,
        "organization_id": content.organization_id,
        "attributes": msgspec.json.decode(content.attributes or "{}"),
    }


def find_quantity(event: Event) -> int | None:
    """Returns the quantity of an event in 10⁻⁶ units, or None if it is not valid."""
    try:
        return parse_quantity(event.quantity)
    except InvalidAmount:
        return None
