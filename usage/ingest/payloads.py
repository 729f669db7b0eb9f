"""What becomes of posted records, for the OpenAPI document; the view writes it by hand.

What is posted is in usage/ingest/events.py.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import OrganizationId, Payload, ProjectId, Timestamp
from usage.enums import Outcome, Reason
from usage.payloads import Decimal

REASONS = [str(reason.label) for reason in Reason]
RecordId = Annotated[str, Meta(examples=["req-81f2:output"])]
Count = Annotated[int, Meta(ge=0)]


class StoredRecord(Payload, frozen=True):
    """What has the id already."""

    id: RecordId
    time: Timestamp
    quantity: Decimal
    recorded_at: Timestamp | None


class Placement(Payload, frozen=True, tag_field="status"):
    id: RecordId
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


class AcceptedRecord(Placement, frozen=True, tag=Outcome.ACCEPTED.value):
    """The record is there now."""


class DuplicateRecord(Placement, frozen=True, tag=Outcome.DUPLICATE.value):
    """The record is there since it was first posted."""


class Rejection(Payload, frozen=True, tag_field="status"):
    id: RecordId | None
    code: Annotated[str, Meta(description="What is wrong, for the program.")]
    param: Annotated[str | None, Meta(description="The field that is wrong.")]
    message: Annotated[str, Meta(description="What is wrong, for a person.")]
    stored: StoredRecord | msgspec.UnsetType = msgspec.UNSET


class RejectedRecord(Rejection, frozen=True, tag=Outcome.REJECTED.value):
    """The record was not taken."""


class ConflictingRecord(Rejection, frozen=True, tag=Outcome.CONFLICT.value):
    """The record was not taken: its id is that of another one."""


RecordResult = AcceptedRecord | DuplicateRecord | RejectedRecord | ConflictingRecord


class BatchResult(Payload, frozen=True):
    """What became of each."""

    accepted: Annotated[Count, Meta(description="How many are new.", examples=[1])]
    duplicate: Annotated[Count, Meta(description="How many were there already, the same.")]
    rejected: Annotated[Count, Meta(description="How many were not taken, conflicts among them.")]
    results: Annotated[list[RecordResult], Meta(description="In the order sent.")]
