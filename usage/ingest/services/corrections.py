"""Corrects usage: takes an event back, or says its right quantity. Records stay; another one is added."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from usage.amounts import Unusable, quantity_of
from usage.enums import Outcome, RecordKind
from usage.ingest.events import Correction, Refused, Unread, digest_of
from usage.ingest.services.recording import TOO_LARGE, Result, met
from usage.ledger.lineage import Family, locked_families
from usage.ledger.lookup import Landed, Stored, stored
from usage.ledger.writer import Draft, Identity, Known, TooLarge, write
from usage.models import UsageRecord, UsageSource


@dataclass
class Corrections:
    """Corrections on their way to drafts."""

    source: UsageSource
    # The usage records that have an event id of this source, by that id and by organization.
    roots: dict[str, dict[int, int]]
    families: dict[int, Family]
    # What is stored under the corrections' own ids.
    known: dict[Identity, Stored]
    drafts: dict[Identity, Draft] = field(default_factory=dict)

    def answer(self, correction: Correction, organization: int | None) -> Result:
        """What becomes of one; its draft is added when it is accepted."""
        of_event = self.roots.get(correction.event_id, {})
        if correction.organization_id is not None:
            of_event = {pk: root for pk, root in of_event.items() if pk == organization}
        if len(of_event) != 1:
            return refused(correction, missing(correction, several=len(of_event) > 1))
        ((at, root),) = of_event.items()
        digest, identity = digest_of(correction), (correction.id, at)
        if found := self.known.get(identity):
            return met(digest, correction.id, found)
        if identity in self.drafts:
            return met(digest, correction.id, Stored.of_draft(self.drafts[identity]))
        family = self.families[root]
        if family.is_void:
            told = f"event_id: {correction.event_id} is void already."
            why = Refused("already_void", "event_id", told)
            return Result(correction.id, Outcome.CONFLICT, refused=why)
        try:
            one = drafted(family, correction, digest)
        except Unusable as error:
            return refused(correction, Refused("invalid", "quantity", f"quantity: {error}."))
        family.take_in_draft(one)
        self.drafts[identity] = one
        return accepted(one)


def record_corrections(
    *, source: UsageSource, corrections: Sequence[Correction | Unread]
) -> list[Result]:
    """Stores the good ones in one transaction, and says of each what became of it.

    They are about events of the same source. A retry of one is a duplicate, for ever.
    """
    while True:
        try:
            return answered(source, corrections)
        except Known:  # somebody used one of the ids for another event meanwhile: now it is seen
            continue
        except TooLarge:
            if len(corrections) == 1:
                return [Result(corrections[0].id, Outcome.REJECTED, refused=TOO_LARGE)]
            return [
                result
                for one in corrections
                for result in record_corrections(source=source, corrections=[one])
            ]


@transaction.atomic
def answered(source: UsageSource, corrections: Sequence[Correction | Unread]) -> list[Result]:
    good = [one for one in corrections if isinstance(one, Correction)]
    at = organizations(good)
    work = prepared(source, good)
    results = [
        work.answer(one, at.get(one.organization_id or ""))
        if isinstance(one, Correction)
        else Result(one.id, Outcome.REJECTED, refused=one.refused)
        for one in corrections
    ]
    if work.drafts:
        write(source.pk, work.drafts.values(), timezone.now())
    return results


def prepared(source: UsageSource, corrections: Iterable[Correction]) -> Corrections:
    corrections = list(corrections)
    usage = UsageRecord.objects.filter(
        source=source, event_id__in={one.event_id for one in corrections}, kind=RecordKind.USAGE
    )
    roots: dict[str, dict[int, int]] = defaultdict(dict)
    for pk, event_id, organization in usage.values_list("pk", "event_id", "meant_organization_id"):
        roots[event_id][organization] = pk
    families = locked_families(pk for found in roots.values() for pk in found.values())
    identities = {
        (one.id, organization)
        for one in corrections
        for organization in roots.get(one.event_id, ())
    }
    # Read after the lock: whoever held it may have stored the same corrections.
    return Corrections(source, roots, families, stored(source.pk, identities))


def drafted(family: Family, correction: Correction, digest: bytes) -> Draft:
    if correction.kind == "void":
        if correction.quantity is not None:
            raise Unusable("a void takes all back; leave it out")
        return family.void(correction.id, digest, correction.reason)
    if correction.quantity is None:
        raise Unusable("say the right one")
    quantity = quantity_of(correction.quantity)
    return family.adjust(correction.id, quantity, digest, correction.reason)


def missing(correction: Correction, *, several: bool) -> Refused:
    if several:
        told = "organization_id: events of several organizations have that event_id. Name one."
        return Refused("ambiguous", "organization_id", told)
    told = f"event_id: you have posted no event {correction.event_id}."
    return Refused("not_found", "event_id", told)


def organizations(corrections: Iterable[Correction]) -> dict[str, int]:
    named = {one.organization_id for one in corrections if one.organization_id}
    found = Organization.objects.filter(public_id__in=named)
    return dict(found.values_list("public_id", "pk"))


def refused(correction: Correction, why: Refused) -> Result:
    return Result(correction.id, Outcome.REJECTED, refused=why)


def accepted(draft: Draft) -> Result:
    return Result(draft.event_id, Outcome.ACCEPTED, landed=Landed.of(draft.shared))
