"""Records usage: every event once, on the project it belongs to, for the price of its day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from usage.amounts import Unusable, cost_of, quantity_of
from usage.attribution import Meant
from usage.enums import Outcome
from usage.ingest.actors import Wrong
from usage.ingest.events import BAD_ID, Event, Refused, Unread, digest_of, is_event_id
from usage.ingest.rating import Settled, case_of, settled
from usage.ledger.lookup import Landed, Stored, stored, stored_under
from usage.ledger.writer import Draft, Identity, Known, Shared, TooLarge, write
from usage.limits import MAX_CLOCK_SKEW, MAX_EVENT_AGE
from usage.models import UsageSource

OLDEST = dt.datetime.min.replace(tzinfo=dt.UTC)
TOO_EARLY = Refused("too_early", "time", "time: it is more than 5 minutes ahead.")
TOO_LATE = Refused("too_late", "time", "time: it is more than 35 days ago.")
TOO_LARGE = Refused(
    "too_large", "quantity", "quantity: the total of the project would not fit into 64 bits."
)


class Result(NamedTuple):
    """What became of one record: it `landed`, or it was refused; `stored` is what a conflict met.

    `added` is what was written of an accepted one.
    """

    id: str | None
    outcome: Outcome
    landed: Landed | Shared | None = None
    refused: Refused | None = None
    stored: Stored | None = None
    added: Draft | None = None


@dataclass
class Batch:
    """Records on their way from events to the database; the results come in the order of the events."""

    source: UsageSource
    now: dt.datetime
    results: list[Result]
    # What the source has stored of users whose events named nothing else, by id and digest.
    of_sessions: dict[tuple[str, bytes], Stored]
    drafts: dict[Identity, Draft] = field(default_factory=dict)
    # Those that are refused unless they turn out to be stored: a retry after a rule changed, or what
    # is in the batch twice.
    doubtful: list[tuple[int, Identity, Event]] = field(default_factory=list)

    def refuse(self, event: Event, wrong: Wrong) -> None:
        if wrong.found:
            self.doubt(event, wrong.found.organization, wrong.refused)
        else:
            self.results.append(Result(event.id, Outcome.REJECTED, refused=wrong.refused))

    def doubt(self, event: Event, organization: int, refused: Refused) -> None:
        self.doubtful.append((len(self.results), (event.id, organization), event))
        self.results.append(Result(event.id, Outcome.REJECTED, refused=refused))

    def accept(self, event: Event, one: Draft) -> None:
        """Takes a draft in; whether it is stored already turns out when it is written."""
        identity = one.identity
        if identity in self.drafts:
            # Twice in one batch: it meets what is stored then, if the first fits at all.
            self.doubt(event, identity[1], TOO_LARGE)
            return
        self.drafts[identity] = one
        self.results.append(Result(one.event_id, Outcome.ACCEPTED, one.shared, added=one))

    def correct(self, results: dict[Identity, Result]) -> None:
        """Puts results in the place of those that said that drafts were accepted."""
        for position, result in enumerate(self.results):
            if result.outcome is Outcome.ACCEPTED and isinstance(result.landed, Shared):
                identity = result.id or "", result.landed.meant_organization
                self.results[position] = results.get(identity, result)

    def settle_doubtful(self) -> None:
        found = stored(self.source.pk, [identity for _, identity, _ in self.doubtful])
        for position, identity, event in self.doubtful:
            if identity in found:
                self.results[position] = met(digest_of(event), event.id, found[identity])


def record_usage(
    *,
    source: UsageSource,
    events: Sequence[Event | Unread],
    history: Meant | None = None,
    any_age: bool = False,
) -> list[Result]:
    """Stores the good ones, each with its totals, in one transaction, and says of each what became of it.

    With `history` the events have no actor and any age: they are meant for that project or organization.
    """
    now = timezone.now()
    period = (OLDEST if any_age or history else now - MAX_EVENT_AGE, now + MAX_CLOCK_SKEW)
    cases = [None if isinstance(event, Unread) else case_of(event) for event in events]
    with transaction.atomic():
        decisions = settled({case for case in cases if case}, history)
        batch = Batch(source, now, [], stored_of_sessions(source, events))
        for event, case in zip(events, cases, strict=True):
            take_in(batch, event, case and decisions[case], period)
        store(batch, batch.drafts)
        batch.settle_doubtful()
    return batch.results


def stored_of_sessions(
    source: UsageSource, events: Sequence[Event | Unread]
) -> dict[tuple[str, bytes], Stored]:
    """What names nothing but a user is meant for their home, which may be another one at the retry."""
    ids = {
        event.id
        for event in events
        if isinstance(event, Event)
        and event.user_id
        and not (event.api_key_id or event.project_id or event.organization_id)
        and is_event_id(event.id)
    }
    found = stored_under(source.pk, ids) if ids else {}
    return {(event, one.digest): one for (event, _), one in found.items()}


def take_in(
    batch: Batch,
    event: Event | Unread,
    decision: Settled | Wrong | None,
    period: tuple[dt.datetime, dt.datetime],
) -> None:
    """Makes a draft of the event where it can be one."""
    if isinstance(event, Unread):
        batch.results.append(Result(event.id, Outcome.REJECTED, refused=event.refused))
        return
    assert decision is not None
    if batch.of_sessions and (found := batch.of_sessions.get((event.id, digest_of(event)))):
        batch.results.append(Result(event.id, Outcome.DUPLICATE, found.landed))
        return
    if not is_event_id(event.id):
        decision = Wrong(None, BAD_ID)
    elif isinstance(decision, Settled) and not period[0] <= event.time <= period[1]:
        decision = Wrong(decision.found, TOO_EARLY if event.time > period[1] else TOO_LATE)
    if isinstance(decision, Wrong):
        batch.refuse(event, decision)
        return
    try:
        batch.accept(event, drafted(event, decision.shared))
    except Unusable as error:
        refused = Refused("invalid", "quantity", f"quantity: {error}.")
        batch.refuse(event, Wrong(decision.found, refused))


def drafted(event: Event, shared: Shared) -> Draft:
    """The draft of an event; Unusable when its quantity or cost is no amount."""
    quantity = quantity_of(event.quantity)
    time = event.time
    return Draft(
        shared,
        event.id,
        digest_of(event),
        time if time.tzinfo is dt.UTC else time.astimezone(dt.UTC),
        quantity,
        cost_of(quantity, shared.unit_price),
        None,
        msgspec.json.encode(event.attributes).decode() if event.attributes else "",
    )


def store(batch: Batch, drafts: dict[Identity, Draft]) -> None:
    """Writes drafts of the batch, and corrects the results of those stored already or too large."""
    while drafts:
        try:
            write(batch.source.pk, drafts.values(), batch.now)
            return
        except Known:
            found = stored(batch.source.pk, drafts.keys())
            old = {identity: drafts.pop(identity) for identity in found}
            batch.correct({key: met(old[key].digest, key[0], found[key]) for key in found})
        except TooLarge:
            if len(drafts) == 1:
                (key,) = drafts
                batch.correct({key: Result(key[0], Outcome.REJECTED, refused=TOO_LARGE)})
                return
            for identity, one in drafts.items():
                store(batch, {identity: one})
            return


def met(digest: bytes, event_id: str, found: Stored) -> Result:
    """The answer for an event whose id is stored: the same content, or other."""
    if digest == found.digest:
        return Result(event_id, Outcome.DUPLICATE, found.landed)
    told = f"{event_id} is stored with other content: {found.spoken}."
    refused = Refused("conflict", "id", told)
    return Result(event_id, Outcome.CONFLICT, refused=refused, stored=found)
