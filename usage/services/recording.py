"""Records usage: every event once, on the project it belongs to, for the price of its day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from usage.actors import Actors, Known, Named, Wrong, named_by
from usage.amounts import QUANTITY_DIGITS, Unusable, cost_of, scaled
from usage.attribution import Meant, attributed
from usage.enums import Outcome, Reason
from usage.events import Event, Refused, Unread, digest_of
from usage.models import ModelName, UsageSource
from usage.prices import Catalogue, Item
from usage.stored import Stored, stored
from usage.writing import Draft, TooLarge, write

LATEST, EARLIEST = dt.timedelta(days=35), dt.timedelta(minutes=5)
TOO_LARGE = Refused(
    "too_large", "quantity", "quantity: the total of the project would not fit into 64 bits."
)


class Result(NamedTuple):
    """What became of one record: `place` and `reason` are where it is, `stored` what a conflict met.

    `added` is what was written of an accepted one.
    """

    id: str | None
    outcome: Outcome
    organization: int | None = None
    project: int | None = None
    reason: Reason | None = None
    refused: Refused | None = None
    stored: Stored | None = None
    added: Draft | None = None


class Settled(NamedTuple):
    """What all records with the same actor, line item, model and day have in common."""

    known: Known
    item: Item
    model: int
    unit_price: int
    organization: int
    project: int
    reason: Reason


@dataclass
class Batch:
    """Records on their way from events to drafts; the answers come in the order of the events."""

    source: UsageSource
    now: dt.datetime
    history: Meant | None
    # The earliest time that is taken, if any is too late.
    earliest: dt.datetime | None
    results: list[Result | None]
    drafts: dict[tuple[str, int], Draft] = field(default_factory=dict)
    # Which of the answers wait for what the database says of a draft.
    waiting: dict[tuple[str, int], int] = field(default_factory=dict)
    # Those that would be refused, unless they are known already: a retry after a rule changed.
    doubtful: list[tuple[int, tuple[str, int], Event]] = field(default_factory=list)


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
    with transaction.atomic():
        now = timezone.now()
        earliest = None if any_age or history else now - LATEST
        batch = Batch(source, now, history, earliest, [None] * len(events))
        draft(batch, events)
        store(batch)
        settle_doubtful(batch)
    return [result for result in batch.results if result is not None]


def draft(batch: Batch, events: Sequence[Event | Unread]) -> None:
    """Makes a draft of each event that can be one."""
    good = [event for event in events if isinstance(event, Event)]
    settler = Settler(good, batch.history)
    latest = batch.now + EARLIEST
    for position, event in enumerate(events):
        if isinstance(event, Unread):
            batch.results[position] = Result(event.id, Outcome.REJECTED, refused=event.refused)
            continue
        settled = settler.settle(event)
        wrong: Wrong | None
        if not isinstance(settled, Settled):
            wrong = settled
        elif event.time > latest:
            wrong = Wrong(settled.known, TOO_EARLY)
        elif batch.earliest and event.time < batch.earliest:
            wrong = Wrong(settled.known, TOO_LATE)
        else:
            wrong = made(batch, position, event, settled)
        if wrong:
            doubt(batch, position, event, wrong)


def made(batch: Batch, position: int, event: Event, settled: Settled) -> Wrong | None:
    """Adds the draft of the event; what is wrong with its quantity otherwise."""
    known, item = settled.known, settled.item
    try:
        quantity = quantity_of(event.quantity)
        cost = cost_of(quantity, settled.unit_price)
    except Unusable as error:
        return Wrong(known, Refused("invalid", "quantity", f"quantity: {error}."))
    meant = known.meant
    one = Draft(
        settled.organization,
        settled.project,
        meant.default.organization,
        meant.project.project if meant.project else None,
        event.id,
        digest_of(event),
        event.time,
        item.pk,
        settled.model,
        quantity,
        settled.unit_price,
        cost,
        known.api_key,
        known.user,
        settled.reason,
        requests=1 if item.counts_requests else 0,
        attributes=msgspec.json.encode(event.attributes).decode() if event.attributes else "",
    )
    identity = event.id, meant.default.organization
    if before := batch.drafts.get(identity):
        # Twice in one batch: the first is stored, this one meets it.
        batch.results[position] = met(one.digest, event.id, Stored.of_draft(before))
    else:
        batch.drafts[identity], batch.waiting[identity] = one, position
    return None


def quantity_of(given: str | int) -> int:
    """In 10⁻⁶ units; Unusable when it is no amount, negative or too large."""
    quantity = scaled(str(given), QUANTITY_DIGITS)
    if quantity < 0:
        raise Unusable("it is negative; take usage back with a correction")
    return quantity


TOO_EARLY = Refused("too_early", "time", "time: it is more than 5 minutes ahead.")
TOO_LATE = Refused("too_late", "time", "time: it is more than 35 days ago.")


def doubt(batch: Batch, position: int, event: Event, wrong: Wrong) -> None:
    """Refuses the event, unless it turns out to be stored already."""
    batch.results[position] = Result(event.id, Outcome.REJECTED, refused=wrong.refused)
    if wrong.known:
        batch.doubtful.append((position, (event.id, wrong.known.organization), event))


def store(batch: Batch) -> None:
    """Writes the drafts and answers for them; one that does not fit into a total is refused alone."""
    if not batch.drafts:
        return
    drafts = list(batch.drafts.values())
    try:
        new = write(batch.source.pk, drafts, batch.now)
    except TooLarge:
        new = one_by_one(batch, drafts)
    old = [identity for identity in batch.drafts if identity not in new]
    found = stored(batch.source.pk, old) if old else {}
    for identity, one in batch.drafts.items():
        position = batch.waiting[identity]
        if identity in new:
            place = one.organization_id, one.project_id, one.reason
            batch.results[position] = Result(one.event_id, Outcome.ACCEPTED, *place, added=one)
        elif identity in found:
            batch.results[position] = met(one.digest, one.event_id, found[identity])
        else:
            batch.results[position] = Result(one.event_id, Outcome.REJECTED, refused=TOO_LARGE)


def one_by_one(batch: Batch, drafts: Sequence[Draft]) -> set[tuple[str, int]]:
    new: set[tuple[str, int]] = set()
    for one in drafts:
        try:
            new |= write(batch.source.pk, [one], batch.now)
        except TooLarge:
            continue
    return new


def settle_doubtful(batch: Batch) -> None:
    found = stored(batch.source.pk, [identity for _, identity, _ in batch.doubtful])
    for position, identity, event in batch.doubtful:
        if identity in found:
            batch.results[position] = met(digest_of(event), event.id, found[identity])


def met(digest: bytes, event_id: str, found: Stored) -> Result:
    """The answer for an event whose id is stored: the same content, or other."""
    if digest == found.digest:
        place = found.organization, found.project, found.reason
        return Result(event_id, Outcome.DUPLICATE, *place)
    told = f"{event_id} is stored with other content: {found.spoken}."
    return Result(event_id, Outcome.CONFLICT, refused=Refused("conflict", "id", told), stored=found)


class Settler:
    """Decides where events go and what they cost; asks the database a few times for a whole batch."""

    def __init__(self, events: Sequence[Event], history: Meant | None) -> None:
        self.catalogue = Catalogue.read()
        self.models = model_ids({event.dimensions.model for event in events})
        self.history = Known(history) if history else None
        self.actors = None if history else Actors(events)
        self.settled: dict[tuple[object, ...], Settled | Wrong] = {}

    def settle(self, event: Event) -> Settled | Wrong:
        """The place and price of an event; or why it is refused, with whom it is of where that is known."""
        day = event.time.astimezone(dt.UTC).date()
        model = event.dimensions.model
        named = named_by(event)
        key = (named, event.product, event.line_item, event.unit, model, day)
        found = self.settled.get(key)
        if found is None:
            found = self.settled[key] = self.decide(event, named, model, day)
        return found

    def decide(self, event: Event, named: Named, model: str, day: dt.date) -> Settled | Wrong:
        known = self.actors.resolve(named, day) if self.actors else self.history
        assert known is not None
        if isinstance(known, Wrong):
            return known
        item = self.catalogue.items.get((event.product, event.line_item))
        if item is None or item.unit != event.unit:
            return Wrong(known, self.not_sold(event, item))
        unit_price = self.catalogue.price(item.pk, model, day)
        if unit_price is None:
            told = f"time: {event.product}, {event.line_item} has no price on {day}."
            return Wrong(known, Refused("no_price", "time", told))
        place, reason = attributed(
            known.meant, multi_project=item.multi_project, playground=item.playground
        )
        return Settled(known, item, self.models[model], unit_price, *place, reason)

    def not_sold(self, event: Event, item: Item | None) -> Refused:
        if item:
            told = f"unit: {event.line_item} is counted in {item.unit}, not in {event.unit}."
            return Refused("invalid", "unit", told)
        if event.product in self.catalogue.products:
            told = f"line_item: {event.product} has no line item {event.line_item}."
            return Refused("not_found", "line_item", told)
        return Refused("not_found", "product", f"product: there is no {event.product}.")


def model_ids(names: set[str]) -> dict[str, int]:
    """The primary keys of model names, which are made as they come up."""
    known = dict(ModelName.objects.filter(name__in=names).values_list("name", "pk"))
    if missing := names - known.keys():
        ModelName.objects.bulk_create(
            [ModelName(name=name) for name in sorted(missing)], ignore_conflicts=True
        )
        known |= dict(ModelName.objects.filter(name__in=missing).values_list("name", "pk"))
    return known
