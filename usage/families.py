"""Families: a piece of usage together with all that corrected or moved it since.

Whatever comes later is posted where the family is now, so that its other places stay at exactly 0.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from usage.amounts import cost_of, fitting
from usage.attribution import Place
from usage.enums import Reason, RecordKind
from usage.models import UsageRecord
from usage.writing import Draft


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

    def take_in(self, later: Any) -> None:
        """Counts a later record or draft of the family in."""
        self.quantity += later.quantity
        self.cost += later.cost
        self.requests += later.requests
        self.is_void = self.is_void or later.kind == RecordKind.VOID
        if later.kind == RecordKind.MOVED_IN:
            self.place = Place(later.organization_id, later.project_id)
            self.reason = Reason(later.reason)

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
        return Draft(
            *(place or self.place),
            root.meant_organization_id,
            root.meant_project_id,
            event_id,
            digest or hashlib.blake2b(event_id.encode(), digest_size=16).digest(),
            root.time,
            root.line_item_id,
            root.model_id,
            quantity,
            root.unit_price,
            cost,
            root.api_key_id,
            root.user_id,
            reason or self.reason,
            kind=kind,
            original_id=root.pk,
            requests=requests,
            note=note,
        )


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
