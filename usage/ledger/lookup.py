"""Finds records by event id: for retries, conflicts and corrections."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from usage.amounts import QUANTITY_DIGITS, format_decimal
from usage.enums import Reason, RecordKind
from usage.ids import OrganizationId, ProjectId, SourceId
from usage.ledger.drafts import Draft, Identity
from usage.ledger.series import SharedFields
from usage.models import UsageRecord

# Of a record, in the order of StoredContent.
CONTENT_FIELDS = (
    *("series__line_item__product__code", "series__line_item__code", "series__model__name"),
    *("series__api_key__public_id", "series__user__public_id"),
    *("series__intended_project__public_id", "intended_organization__public_id"),
    *("attributes", "series__kind", "note", "original__event_id"),
)


class BilledProject(NamedTuple):
    """The project that usage is billed to, and why."""

    project: ProjectId
    reason: Reason

    @classmethod
    def of(cls, shared: SharedFields) -> "BilledProject":
        return cls(project=shared.project, reason=shared.reason)


class StoredContent(NamedTuple):
    """What a stored record was posted with, in the words of the API."""

    product: str = ""
    line_item: str = ""
    model: str = ""
    api_key_id: str | None = None
    user_id: str | None = None
    project_id: str | None = None
    organization_id: str | None = None
    attributes: str = ""
    kind: RecordKind = RecordKind.USAGE
    note: str = ""
    original_event_id: str | None = None


class ExistingRecord(NamedTuple):
    """What an answer says about a stored record. `recorded_at` is None within the same batch."""

    digest: bytes
    billed: BilledProject
    time: dt.datetime
    quantity: int
    recorded_at: dt.datetime | None
    content: StoredContent

    @classmethod
    def of_correction(cls, draft: Draft, original_event_id: str) -> "ExistingRecord":
        """Returns a correction that is not written yet."""
        content = StoredContent(
            kind=draft.shared.kind, note=draft.note, original_event_id=original_event_id
        )
        return cls(
            digest=draft.digest,
            billed=BilledProject.of(draft.shared),
            time=draft.time,
            quantity=draft.quantity,
            recorded_at=None,
            content=content,
        )

    def describe(self) -> str:
        """Returns what is stored in words, such as `1000 at 2026-11-01T12:00:00Z, recorded …`."""
        recorded = (
            f", recorded {format_utc(self.recorded_at)}" if self.recorded_at else " in this request"
        )
        quantity = format_decimal(self.quantity, QUANTITY_DIGITS)
        return f"{quantity} at {format_utc(self.time)}{recorded}"


def format_utc(time: dt.datetime) -> str:
    """Returns a time in UTC as RFC 3339 writes it."""
    return time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def find_records(
    source: SourceId, identities: Collection[Identity]
) -> dict[Identity, ExistingRecord]:
    """Returns the source's records with these event ids and intended organizations."""
    if not identities:
        return {}
    records = find_records_by_event_id(source, {event_id for event_id, _ in identities})
    return {identity: records[identity] for identity in identities if identity in records}


def find_records_by_event_id(
    source: SourceId, event_ids: Collection[str]
) -> dict[Identity, ExistingRecord]:
    """Returns the source's records with these event ids, in any intended organization."""
    rows = UsageRecord.objects.filter(source=source, event_id__in=event_ids).values_list(
        *("event_id", "intended_organization_id", "digest", "series__project_id"),
        *("series__reason", "time", "quantity", "recorded_at", *CONTENT_FIELDS),
    )
    return {
        (event_id, OrganizationId(organization)): ExistingRecord(
            digest=bytes(digest),
            billed=BilledProject(project=ProjectId(project), reason=Reason(reason)),
            time=time,
            quantity=quantity,
            recorded_at=recorded_at,
            content=StoredContent(*content),
        )
        for event_id, organization, digest, project, reason, time, quantity, recorded_at, *content in rows
    }
