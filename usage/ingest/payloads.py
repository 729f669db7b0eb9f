"""The results of posted records, for the OpenAPI document; the view encodes them by hand for speed.

The posted records are in usage/ingest/events.py.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import OrganizationId, Payload, ProjectId, Timestamp
from usage.enums import Outcome, Reason
from usage.payloads import Decimal

REASONS = [str(reason.label) for reason in Reason]
PostedId = Annotated[str, Meta(examples=["req-81f2:output"])]
Count = Annotated[int, Meta(ge=0)]


class StoredRecord(Payload, frozen=True):
    """The record that already has the id."""

    id: PostedId
    time: Timestamp
    quantity: Decimal
    recorded_at: Timestamp | None


class BilledRecord(Payload, frozen=True, tag_field="status"):
    id: PostedId
    project_id: ProjectId
    organization_id: OrganizationId
    reason: Annotated[
        str,
        Meta(
            description="Why it is billed there.",
            extra_json_schema={"enum": REASONS},
            examples=[str(Reason.KEY_PROJECT.label)],
        ),
    ]


class AcceptedRecord(BilledRecord, frozen=True, tag=Outcome.ACCEPTED.value):
    """The record was stored."""

    priced_as: Annotated[
        Literal["default"] | msgspec.UnsetType,
        Meta(description="Its model has no price of its own, so it got the one for any model."),
    ] = msgspec.UNSET


class DuplicateRecord(BilledRecord, frozen=True, tag=Outcome.DUPLICATE.value):
    """The record was already stored with the same content."""


class UnstoredRecord(Payload, frozen=True, tag_field="status"):
    id: PostedId | None
    code: Annotated[str, Meta(description="What is wrong, for programs.")]
    param: Annotated[str | None, Meta(description="The field that is wrong.")]
    message: Annotated[str, Meta(description="What is wrong, for people.")]
    stored: StoredRecord | msgspec.UnsetType = msgspec.UNSET


class RejectedRecord(UnstoredRecord, frozen=True, tag=Outcome.REJECTED.value):
    """The record was not stored."""


class ConflictingRecord(UnstoredRecord, frozen=True, tag=Outcome.CONFLICT.value):
    """The record was not stored because its id is that of a record with other content."""


RecordResult = AcceptedRecord | DuplicateRecord | RejectedRecord | ConflictingRecord


class BatchResult(Payload, frozen=True):
    """The results of all records."""

    accepted: Annotated[Count, Meta(description="The number of new records.", examples=[1])]
    duplicate: Annotated[
        Count,
        Meta(description="The number of records that were already stored with the same content."),
    ]
    rejected: Annotated[
        Count, Meta(description="The number of records that were not stored, including conflicts.")
    ]
    results: Annotated[list[RecordResult], Meta(description="In the order sent.")]
