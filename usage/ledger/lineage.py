"""Families: a piece of usage together with all that corrected or moved it since.

Whatever comes later is posted where the family is now, so that its other places stay at exactly 0.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from usage.amounts import cost_of, fitting
from usage.attribution import Place
from usage.enums import Reason, RecordKind
from usage.ledger.writer import Draft, Shared
from usage.models import UsageRecord


@dataclass
class Family:
    """What a usage record comes to now, and where it stands."""

    root: UsageRecord
    place: Place
    reason: Reason
    quantity: int
    cost: int
    requests: int
    is_void: bool = False

    @classmethod
    def of(cls, root: UsageRecord) -> "Family":
        """The family of a record that nothing has touched yet."""
        place = Place(root.organization_id, root.project_id)
        reason = Reason(root.reason)
        return cls(root, place, reason, root.quantity, root.cost, root.requests)

    def take_in(self, later: UsageRecord) -> None:
        """Counts a later record of the family in."""
        place = Place(later.organization_id, later.project_id)
        amounts = (later.quantity, later.cost, later.requests)
        self.count(RecordKind(later.kind), amounts, place, Reason(later.reason))

    def take_in_draft(self, draft: Draft) -> None:
        shared = draft.shared
        amounts = (draft.quantity, draft.cost, shared.requests)
        self.count(shared.kind, amounts, shared.place, shared.reason)

    def count(
        self, kind: RecordKind, amounts: tuple[int, int, int], place: Place, reason: Reason
    ) -> None:
        self.quantity += amounts[0]
        self.cost += amounts[1]
        self.requests += amounts[2]
        self.is_void = self.is_void or kind == RecordKind.VOID
        if kind == RecordKind.MOVED_IN:
            self.place, self.reason = place, reason

    def void(self, event_id: str, digest: bytes, note: str) -> Draft:
        """What takes all of it back."""
        back = (-self.quantity, -self.cost, -self.requests)
        return self.draft(RecordKind.VOID, event_id, back, digest=digest, note=note)

    def adjust(self, event_id: str, quantity: int, digest: bytes, note: str) -> Draft:
        """What makes it come to `quantity`; Unusable when an amount does not fit into 64 bits."""
        more = fitting(quantity - self.quantity)
        dearer = fitting(cost_of(quantity, self.root.unit_price) - self.cost)
        return self.draft(RecordKind.ADJUST, event_id, (more, dearer, 0), digest=digest, note=note)

    def move(self, event_id: str, place: Place, reason: Reason) -> list[Draft]:
        """The pair that takes it out of where it is and into `place`."""
        amounts = (self.quantity, self.cost, self.requests)
        back = (-self.quantity, -self.cost, -self.requests)
        return [
            self.draft(RecordKind.MOVED_OUT, f"{event_id}:out", back),
            self.draft(RecordKind.MOVED_IN, f"{event_id}:in", amounts, place=place, reason=reason),
        ]

    def draft(
        self,
        kind: RecordKind,
        event_id: str,
        amounts: tuple[int, int, int],
        *,
        place: Place | None = None,
        reason: Reason | None = None,
        digest: bytes = b"",
        note: str = "",
    ) -> Draft:
        root = self.root
        quantity, cost, requests = amounts
        shared = Shared(
            *(place or self.place),
            root.meant_organization_id,
            root.meant_project_id,
            root.line_item_id,
            root.model_id,
            root.unit_price,
            root.api_key_id,
            root.user_id,
            reason or self.reason,
            kind,
            requests,
        )
        digest = digest or hashlib.blake2b(event_id.encode(), digest_size=16).digest()
        return Draft(shared, event_id, digest, root.time, quantity, cost, root.pk, note=note)


def locked_families(roots: Iterable[int]) -> dict[int, Family]:
    """The families of these usage records by primary key, locked until the transaction ends."""
    locked = UsageRecord.objects.select_for_update(no_key=True).filter(
        pk__in=list(roots), kind=RecordKind.USAGE
    )
    families = {root.pk: Family.of(root) for root in locked.order_by("pk")}
    later: dict[int, list[UsageRecord]] = defaultdict(list)
    for record in UsageRecord.objects.filter(original__in=families).order_by("pk"):
        later[record.original_id or 0].append(record)
    for pk, records in later.items():
        for record in records:
            families[pk].take_in(record)
    return families
