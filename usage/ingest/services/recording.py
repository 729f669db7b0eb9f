"""Records usage: every event once, where it belongs, at the price of its day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from usage.amounts import (
    QUANTITY_SCALE,
    InvalidAmount,
    compute_cost,
    parse_quantity,
    require_whole,
)
from usage.attribution import AttributionInput
from usage.budgets.locks import share_budgets
from usage.budgets.spending import count_spending, find_organizations
from usage.enums import Outcome
from usage.ids import OrganizationId, SourceId
from usage.ingest.actors import RejectedEvent
from usage.ingest.conflicts import compare_with_stored, is_same
from usage.ingest.digests import compute_digest
from usage.ingest.events import BAD_ID, Event, InvalidRecord, Rejection, is_valid_id
from usage.ingest.rating import RatedCase, RatingCase, build_case, rate_cases
from usage.ingest.results import IngestResult
from usage.ledger.drafts import Draft, Identity
from usage.ledger.lookup import ExistingRecord, find_records, find_records_by_event_id
from usage.ledger.series import SharedFields
from usage.ledger.writer import (
    AlreadyStored,
    TotalTooLarge,
    write_records,
)
from usage.limits import MAX_CLOCK_SKEW, MAX_EVENT_AGE
from usage.models import UsageSource

OLDEST = dt.datetime.min.replace(tzinfo=dt.UTC)
TOO_EARLY = Rejection("too_early", "time", "time: it is more than 5 minutes in the future.")
TOO_LATE = Rejection("too_late", "time", "time: it is more than 35 days ago.")
TOO_LARGE = Rejection(
    "too_large", "quantity", "quantity: the total of the project would not fit into 64 bits."
)


class DoubtfulEvent(NamedTuple):
    """An event that is rejected unless it turns out to be stored, and the position of its result.

    It is a retry after a rule changed, or it is in the batch twice.
    """

    position: int
    identity: Identity
    event: Event


@dataclass
class EventBatch:
    """Events on their way to the database; the results are in the order of the events."""

    source: UsageSource
    now: dt.datetime
    events: Sequence[Event | InvalidRecord]
    # Stored records of events in the batch that name only a user, by their id.
    session_records: dict[str, list[ExistingRecord]]
    results: list[IngestResult] = field(default_factory=list)
    drafts: dict[Identity, Draft] = field(default_factory=dict)
    doubtful: list[DoubtfulEvent] = field(default_factory=list)
    written: list[Draft] = field(default_factory=list)

    def reject(self, event: Event, rejected: RejectedEvent) -> None:
        if rejected.actor:
            self.doubt(event, rejected.actor.organization, rejected.rejection)
        else:
            self.add_rejection(event, rejected.rejection)

    def doubt(self, event: Event, organization: OrganizationId, rejection: Rejection) -> None:
        identity = event.id, organization
        self.doubtful.append(DoubtfulEvent(len(self.results), identity, event))
        self.add_rejection(event, rejection)

    def add_rejection(self, event: Event, rejection: Rejection) -> None:
        self.results.append(IngestResult(event.id, Outcome.REJECTED, rejection=rejection))

    def accept(self, event: Event, draft: Draft, rated: RatedCase) -> None:
        """Adds a draft. Writing it shows whether it is stored already."""
        identity = event.id, draft.shared.intended_organization
        if self.drafts.setdefault(identity, draft) is not draft:
            # The second of two in one batch: the first will be stored, if its amount fits.
            self.doubt(event, identity[1], TOO_LARGE)
            return
        self.results.append(
            IngestResult(
                draft.event_id,
                Outcome.ACCEPTED,
                draft.shared,
                added=draft,
                is_default_priced=rated.is_default_priced,
            )
        )

    def replace_stored(self, stored: dict[Identity, ExistingRecord]) -> None:
        """Replaces the results of drafts that were accepted although they are stored already."""
        for position, result in enumerate(self.results):
            event, identity = self.events[position], find_identity(result)
            if isinstance(event, Event) and identity in stored:
                self.results[position] = compare_with_stored(event, stored[identity])

    def refuse_draft(self, identity: Identity, rejection: Rejection) -> None:
        """Replaces the result of a draft that was accepted although it cannot be stored."""
        for position, result in enumerate(self.results):
            if find_identity(result) == identity:
                refusal = IngestResult(identity[0], Outcome.REJECTED, rejection=rejection)
                self.results[position] = refusal

    def resolve_doubtful(self) -> None:
        """Replaces the rejections of events that are stored."""
        source = SourceId(self.source.pk)
        stored = find_records(source, [doubtful.identity for doubtful in self.doubtful])
        for position, identity, event in self.doubtful:
            if identity in stored:
                self.results[position] = compare_with_stored(event, stored[identity])


def find_identity(result: IngestResult) -> Identity | None:
    """Returns the identity of the draft that a result accepts, None for other results."""
    if result.outcome is Outcome.ACCEPTED and isinstance(result.billed, SharedFields):
        return result.id or "", result.billed.intended_organization
    return None


def record_usage(
    *,
    source: UsageSource,
    events: Sequence[Event | InvalidRecord],
    history: AttributionInput | None = None,
    any_age: bool = False,
) -> list[IngestResult]:
    """Stores the valid events and adds them to the totals, in one transaction.

    Returns the result of each event in their order. With `history` all events are attributed like that,
    have no actor and may be of any age.
    """
    now = timezone.now()
    oldest = OLDEST if any_age or history else now - MAX_EVENT_AGE
    period = (oldest, now + MAX_CLOCK_SKEW)
    numbers: dict[RatingCase, int] = {}  # so that the long cases are hashed once for each event
    positions = [
        -1
        if isinstance(event, InvalidRecord)
        else numbers.setdefault(build_case(event), len(numbers))
        for event in events
    ]
    # A savepoint would make SQLite slow (usage/ledger/writer.py).
    with transaction.atomic(savepoint=False):
        decisions = rate_cases(numbers, history)
        ordered = [*(decisions[case] for case in numbers), None]
        batch = EventBatch(source, now, events, find_session_records(source, events))
        for event, position in zip(events, positions, strict=True):
            add_event(batch, event, ordered[position], period)
        share_budgets(find_organizations(batch.drafts.values()))
        store_drafts(batch, batch.drafts)
        batch.resolve_doubtful()
        count_spending(batch.written, now)
    return batch.results


def find_session_records(
    source: UsageSource, events: Sequence[Event | InvalidRecord]
) -> dict[str, list[ExistingRecord]]:
    """Returns the stored records of events that name only a user, by id.

    Such an event is intended for the user's home organization, which may be another one at the retry.
    """
    ids = {
        event.id
        for event in events
        if isinstance(event, Event)
        and event.user_id
        and not (event.api_key_id or event.project_id or event.organization_id)
        and is_valid_id(event.id)
    }
    records = find_records_by_event_id(SourceId(source.pk), ids) if ids else {}
    by_id: dict[str, list[ExistingRecord]] = defaultdict(list)
    for (event_id, _), record in records.items():
        by_id[event_id].append(record)
    return dict(by_id)


def add_event(
    batch: EventBatch,
    event: Event | InvalidRecord,
    decision: RatedCase | RejectedEvent | None,
    period: tuple[dt.datetime, dt.datetime],
) -> None:
    """Adds an event to the batch: as a draft, as a duplicate or as a rejection."""
    if isinstance(event, InvalidRecord):
        result = IngestResult(event.id, Outcome.REJECTED, rejection=event.rejection)
        batch.results.append(result)
        return
    assert decision is not None
    for stored in batch.session_records.get(event.id, ()) if batch.session_records else ():
        if is_same(event, stored):
            batch.results.append(IngestResult(event.id, Outcome.DUPLICATE, stored.billed))
            return
    if not is_valid_id(event.id):
        decision = RejectedEvent(BAD_ID)
    elif isinstance(decision, RatedCase) and not period[0] <= event.time <= period[1]:
        rejection = TOO_EARLY if event.time > period[1] else TOO_LATE
        decision = RejectedEvent(rejection, decision.actor)
    if isinstance(decision, RejectedEvent):
        batch.reject(event, decision)
        return
    try:
        batch.accept(event, build_draft(event, decision.shared), decision)
    except InvalidAmount as error:
        rejection = Rejection("invalid", "quantity", f"quantity: {error}.")
        batch.reject(event, RejectedEvent(rejection, decision.actor))


def build_draft(event: Event, shared: SharedFields) -> Draft:
    """Returns the draft of an event. Raises InvalidAmount for its quantity or cost."""
    quantity = parse_quantity(event.quantity)
    if quantity % QUANTITY_SCALE:
        require_whole(quantity, event.unit)
    time = event.time
    return Draft(
        shared=shared,
        event_id=event.id,
        digest=compute_digest(event),
        time=time if time.tzinfo is dt.UTC else time.astimezone(dt.UTC),
        quantity=quantity,
        cost=compute_cost(quantity, shared.unit_price),
        attributes=msgspec.json.encode(event.attributes).decode() if event.attributes else "",
    )


def store_drafts(batch: EventBatch, drafts: dict[Identity, Draft]) -> None:
    """Writes drafts, and replaces the results of those that are stored already or too large."""
    source = SourceId(batch.source.pk)
    while drafts:
        try:
            write_records(source, drafts.values(), batch.now)
            batch.written.extend(drafts.values())
            return
        except AlreadyStored:
            stored = find_records(source, drafts.keys())
            for identity in stored:
                del drafts[identity]
            batch.replace_stored(stored)
        except TotalTooLarge:
            if len(drafts) > 1:
                for identity, draft in drafts.items():
                    store_drafts(batch, {identity: draft})
                return
            (identity,) = drafts
            batch.refuse_draft(identity, TOO_LARGE)
            return
