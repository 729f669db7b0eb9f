"""What is stored under an event id: for retries, conflicts and corrections."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from usage.amounts import QUANTITY_DIGITS, text_of
from usage.enums import Reason
from usage.ledger.writer import Draft, Identity, Shared
from usage.models import UsageRecord


class Landed(NamedTuple):
    """Where usage is: the project's primary key, and why there."""

    project: int
    reason: Reason

    @classmethod
    def of(cls, shared: Shared) -> "Landed":
        return cls(shared.project, shared.reason)


class Stored(NamedTuple):
    """As much of a stored record as an answer says of it. `recorded_at` is None for one of this batch."""

    digest: bytes
    landed: Landed
    time: dt.datetime
    quantity: int
    recorded_at: dt.datetime | None

    @classmethod
    def of_draft(cls, draft: Draft) -> "Stored":
        return cls(
            draft.digest,
            Landed.of(draft.shared),
            draft.time,
            draft.quantity,
            None,
        )

    @property
    def spoken(self) -> str:
        when = f", recorded {moment(self.recorded_at)}" if self.recorded_at else " in this request"
        return f"{text_of(self.quantity, QUANTITY_DIGITS)} at {moment(self.time)}{when}"


def moment(time: dt.datetime) -> str:
    """RFC 3339, UTC."""
    return time.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def stored(source: int, identities: Collection[Identity]) -> dict[Identity, Stored]:
    """Those of the identities (event id, organization meant) that the source's records have."""
    if not identities:
        return {}
    found = stored_under(source, {event for event, _ in identities})
    return {identity: found[identity] for identity in identities if identity in found}


def stored_under(source: int, events: Collection[str]) -> dict[Identity, Stored]:
    """The source's records with one of these event ids, whomever they were meant for."""
    rows = UsageRecord.objects.filter(source=source, event_id__in=events).values_list(
        *("event_id", "meant_organization_id", "digest", "project_id"),
        *("reason", "time", "quantity", "recorded_at"),
    )
    return {
        (event, organization): Stored(bytes(digest), Landed(project, Reason(reason)), *rest)
        for event, organization, digest, project, reason, *rest in rows
    }
