"""Families: a usage record together with everything that has corrected or moved it since.

Later changes are posted where the family is now, so that its former locations stay at exactly 0.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from usage.amounts import Amounts, compute_cost, require_64_bits
from usage.attribution import Location
from usage.enums import Reason, RecordKind
from usage.ids import RecordId
from usage.ledger.drafts import Draft
from usage.ledger.series import SharedFields
from usage.models import UsageRecord


def get_location(record: UsageRecord) -> Location:
    """Returns where a record is billed."""
    return SharedFields.of(record.series).location


def get_intended_location(record: UsageRecord) -> Location:
    """Returns where a record with an intended project was intended to be billed."""
    shared = SharedFields.of(record.series)
    assert shared.intended_project is not None
    return Location(organization=shared.intended_organization, project=shared.intended_project)


def get_amounts(record: UsageRecord) -> Amounts:
    return Amounts(quantity=record.quantity, cost=record.cost, requests=record.series.requests)


@dataclass
class Family:
    """What a usage record comes to now, and where it is billed."""

    root: UsageRecord
    location: Location
    reason: Reason
    amounts: Amounts
    is_void: bool = False

    @classmethod
    def of(cls, root: UsageRecord) -> "Family":
        """Returns the family of a record that nothing has changed yet."""
        return cls(root, get_location(root), Reason(root.series.reason), get_amounts(root))

    def add_record(self, record: UsageRecord) -> None:
        """Adds a later record of the family."""
        self.add(
            get_amounts(record),
            kind=RecordKind(record.series.kind),
            location=get_location(record),
            reason=Reason(record.series.reason),
        )

    def add_draft(self, draft: Draft) -> None:
        shared = draft.shared
        amounts = Amounts(quantity=draft.quantity, cost=draft.cost, requests=shared.requests)
        self.add(amounts, kind=shared.kind, location=shared.location, reason=shared.reason)

    def add(
        self, amounts: Amounts, *, kind: RecordKind, location: Location, reason: Reason
    ) -> None:
        self.amounts = self.amounts.plus(amounts)
        self.is_void = self.is_void or kind == RecordKind.VOID
        if kind == RecordKind.MOVED_IN:
            self.location, self.reason = location, reason

    def void(self, event_id: str, digest: bytes, note: str) -> Draft:
        """Returns a draft that brings the family to 0."""
        return self.draft(
            event_id, kind=RecordKind.VOID, amounts=-self.amounts, digest=digest, note=note
        )

    def adjust(self, event_id: str, quantity: int, digest: bytes, note: str) -> Draft:
        """Returns a draft that brings the family to `quantity`.

        Raises InvalidAmount if an amount does not fit into 64 bits.
        """
        cost = compute_cost(quantity, self.root.series.unit_price)
        amounts = Amounts(
            quantity=require_64_bits(quantity - self.amounts.quantity),
            cost=require_64_bits(cost - self.amounts.cost),
        )
        return self.draft(
            event_id, kind=RecordKind.ADJUST, amounts=amounts, digest=digest, note=note
        )

    def move(self, event_id: str, location: Location, reason: Reason) -> list[Draft]:
        """Returns a pair of drafts: out of where the family is and into `location`."""
        return [
            self.draft(f"{event_id}:out", kind=RecordKind.MOVED_OUT, amounts=-self.amounts),
            self.draft(
                f"{event_id}:in",
                kind=RecordKind.MOVED_IN,
                amounts=self.amounts,
                location=location,
                reason=reason,
            ),
        ]

    def draft(
        self,
        event_id: str,
        *,
        kind: RecordKind,
        amounts: Amounts,
        location: Location | None = None,
        reason: Reason | None = None,
        digest: bytes = b"",
        note: str = "",
    ) -> Draft:
        """Returns a record of the family, at its present location by default."""
        root, location = self.root, location or self.location
        shared = SharedFields.of(root.series)._replace(
            organization=location.organization,
            project=location.project,
            reason=reason or self.reason,
            kind=kind,
            requests=amounts.requests,
        )
        return Draft(
            shared=shared,
            event_id=event_id,
            digest=digest or hashlib.blake2b(event_id.encode(), digest_size=16).digest(),
            time=root.time,
            quantity=amounts.quantity,
            cost=amounts.cost,
            original=RecordId(root.pk),
            note=note,
        )


def lock_families(roots: Iterable[RecordId]) -> dict[RecordId, Family]:
    """Returns the families of usage records, locked until the transaction ends."""
    records = UsageRecord.objects.select_related("series")
    locked = records.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=list(roots), series__kind=RecordKind.USAGE
    )
    families = {RecordId(root.pk): Family.of(root) for root in locked.order_by("pk")}
    later: dict[RecordId, list[UsageRecord]] = defaultdict(list)
    for record in records.filter(original__in=families).order_by("pk"):
        later[RecordId(record.original_id or 0)].append(record)
    for pk, changes in later.items():
        for record in changes:
            families[pk].add_record(record)
    return families
