"""Corrects usage: voids an event, or sets its quantity. Records stay; a correction adds another one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from usage.amounts import QUANTITY_SCALE, InvalidAmount, parse_quantity, require_whole
from usage.budgets.locks import share_budgets
from usage.budgets.spending import count_spending, find_organizations
from usage.enums import Outcome, RecordKind
from usage.ids import OrganizationId, RecordId, SourceId
from usage.ingest.conflicts import compare_with_stored
from usage.ingest.digests import compute_digest
from usage.ingest.events import Correction, InvalidRecord, Rejection
from usage.ingest.results import IngestResult
from usage.ingest.services.recording import TOO_LARGE
from usage.ledger.drafts import Draft, Identity
from usage.ledger.lineage import Family, lock_families
from usage.ledger.lookup import BilledProject, ExistingRecord, find_records
from usage.ledger.writer import AlreadyStored, TotalTooLarge, write_records
from usage.models import UsageRecord, UsageSource


@dataclass
class CorrectionBatch:
    """Corrections on their way to the database."""

    # The corrected usage records by their event id and intended organization.
    roots: dict[str, dict[OrganizationId, RecordId]]
    families: dict[RecordId, Family]
    # The records that are stored under the ids of the corrections.
    stored: dict[Identity, ExistingRecord]
    drafts: dict[Identity, Draft] = field(default_factory=dict)

    def add(self, correction: Correction, organization: OrganizationId | None) -> IngestResult:
        """Adds the draft of a correction, if it is accepted, and returns its result."""
        roots = self.roots.get(correction.event_id, {})
        if correction.organization_id is not None:
            roots = {pk: root for pk, root in roots.items() if pk == organization}
        if len(roots) != 1:
            return reject(correction, explain_missing_event(correction, several=len(roots) > 1))
        ((intended_organization, root),) = roots.items()
        digest, identity = compute_digest(correction), (correction.id, intended_organization)
        if stored := self.stored.get(identity):
            return compare_with_stored(correction, stored)
        if earlier := self.drafts.get(identity):
            assert earlier.original is not None
            event_id = self.families[earlier.original].root.event_id
            return compare_with_stored(correction, ExistingRecord.of_correction(earlier, event_id))
        family = self.families[root]
        if family.is_void:
            message = f"event_id: {correction.event_id} is already void."
            rejection = Rejection("already_void", "event_id", message)
            return IngestResult(correction.id, Outcome.CONFLICT, rejection=rejection)
        try:
            draft = build_draft(family, correction, digest)
        except InvalidAmount as error:
            return reject(correction, Rejection("invalid", "quantity", f"quantity: {error}."))
        family.add_draft(draft)
        self.drafts[identity] = draft
        return IngestResult(correction.id, Outcome.ACCEPTED, BilledProject.of(draft.shared))


def record_corrections(
    *, source: UsageSource, corrections: Sequence[Correction | InvalidRecord]
) -> list[IngestResult]:
    """Stores the valid corrections of events of the same source, in one transaction.

    Returns the result of each in their order. A retry is a duplicate, however late it comes.
    """
    while True:
        try:
            return store_corrections(source, corrections)
        except AlreadyStored:
            # A concurrent request has used one of the ids; the next attempt sees its record.
            continue
        except TotalTooLarge:
            if len(corrections) == 1:
                result = IngestResult(corrections[0].id, Outcome.REJECTED, rejection=TOO_LARGE)
                return [result]
            return [
                result
                for correction in corrections
                for result in record_corrections(source=source, corrections=[correction])
            ]


@transaction.atomic
def store_corrections(
    source: UsageSource, corrections: Sequence[Correction | InvalidRecord]
) -> list[IngestResult]:
    valid = [record for record in corrections if isinstance(record, Correction)]
    organizations = fetch_organizations(valid)
    batch = prepare_batch(source, valid)
    results = [
        batch.add(correction, organizations.get(correction.organization_id or ""))
        if isinstance(correction, Correction)
        else IngestResult(correction.id, Outcome.REJECTED, rejection=correction.rejection)
        for correction in corrections
    ]
    if drafts := batch.drafts.values():
        now = timezone.now()
        share_budgets(find_organizations(drafts))
        write_records(SourceId(source.pk), drafts, now)
        count_spending(drafts, now)
    return results


def prepare_batch(source: UsageSource, corrections: Sequence[Correction]) -> CorrectionBatch:
    """Locks the usage that is to be corrected and reads what is stored."""
    usage = UsageRecord.objects.filter(
        source=source,
        event_id__in={correction.event_id for correction in corrections},
        series__kind=RecordKind.USAGE,
    )
    roots: dict[str, dict[OrganizationId, RecordId]] = defaultdict(dict)
    for pk, event_id, organization in usage.values_list(
        "pk", "event_id", "intended_organization_id"
    ):
        roots[event_id][OrganizationId(organization)] = RecordId(pk)
    families = lock_families(root for by_id in roots.values() for root in by_id.values())
    identities = {
        (correction.id, organization)
        for correction in corrections
        for organization in roots.get(correction.event_id, ())
    }
    # Read after the lock, as its last holder may have stored the same corrections.
    return CorrectionBatch(roots, families, find_records(SourceId(source.pk), identities))


def build_draft(family: Family, correction: Correction, digest: bytes) -> Draft:
    """Returns the draft of a correction. Raises InvalidAmount for its quantity."""
    if correction.kind == "void":
        if correction.quantity is not None:
            raise InvalidAmount("omit it, as a void sets it to 0")
        return family.void(correction.id, digest, correction.reason)
    if correction.quantity is None:
        raise InvalidAmount("send the correct quantity")
    quantity = parse_quantity(correction.quantity)
    if quantity % QUANTITY_SCALE:
        require_whole(quantity, family.root.series.line_item.unit)
    return family.adjust(correction.id, quantity, digest, correction.reason)


def explain_missing_event(correction: Correction, *, several: bool) -> Rejection:
    if several:
        message = (
            "organization_id: several organizations have events with that id. Send one of them."
        )
        return Rejection("ambiguous", "organization_id", message)
    message = f"event_id: you have not posted an event {correction.event_id}."
    return Rejection("not_found", "event_id", message)


def fetch_organizations(corrections: Iterable[Correction]) -> dict[str, OrganizationId]:
    public_ids = {
        correction.organization_id for correction in corrections if correction.organization_id
    }
    rows = Organization.objects.filter(public_id__in=public_ids).values_list("public_id", "pk")
    return {public_id: OrganizationId(pk) for public_id, pk in rows}


def reject(correction: Correction, rejection: Rejection) -> IngestResult:
    return IngestResult(correction.id, Outcome.REJECTED, rejection=rejection)
