"""Drafts: usage records that are about to be written."""

import datetime as dt

import msgspec

from usage.ids import OrganizationId, RecordId
from usage.ledger.series import SharedFields

# The event id and the intended organization: unique among the records of a source.
Identity = tuple[str, OrganizationId]


class Draft(msgspec.Struct, frozen=True, gc=False):
    """A record to be written. `time` is in UTC, quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD.

    `digest` has 16 bytes.
    """

    shared: SharedFields
    event_id: str
    digest: bytes
    time: dt.datetime
    quantity: int
    cost: int
    original: RecordId | None = None
    attributes: str = ""
    note: str = ""

    @property
    def identity(self) -> Identity:
        return self.event_id, self.shared.intended_organization
