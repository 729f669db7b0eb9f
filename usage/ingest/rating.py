"""Decides where events are billed and what a unit costs, with a few queries for a whole batch."""

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

import msgspec

from usage.attribution import AttributionInput, attribute_usage
from usage.catalogue.price_book import CatalogueItem, PriceBook
from usage.catalogue.services.model_names import create_models, fetch_canonical_names
from usage.ids import ModelId, OrganizationId
from usage.ingest.actor_rows import select_valid_ids
from usage.ingest.actors import ActorLookup, ActorReference, RejectedEvent, ResolvedActor
from usage.ingest.events import EXPECTED, Event, Rejection, is_valid_id
from usage.ledger.series import SharedFields
from usage.model_names import CanonicalNames, ModelReference, fetch_models
from usage.models.catalogue import ANY_MODEL

NO_MODEL_YET = ModelId(0)
BAD_MODEL = f"dimensions.model: Send {EXPECTED['dimensions.model']}."


class RatingCase(msgspec.Struct, frozen=True, gc=False):
    """The fields of an event that decide where it is billed and what a unit costs.

    Many events of a batch share a case. `day` is the ordinal of the UTC day. (One is made for every event,
    which takes a NamedTuple eight times as long.)
    """

    api_key: str | None
    user: str | None
    project: str | None
    organization: str | None
    product: str
    line_item: str
    unit: str
    model: str
    day: int

    @property
    def actor(self) -> ActorReference:
        return ActorReference(
            api_key=self.api_key,
            user=self.user,
            project=self.project,
            organization=self.organization,
        )


class RatedCase(NamedTuple):
    """What the records of a case have in common, and their actor.

    `is_default_priced`: the case names a model, which has no price of its own.
    """

    shared: SharedFields
    actor: ResolvedActor
    is_default_priced: bool


def build_case(event: Event) -> RatingCase:
    return RatingCase(
        api_key=event.api_key_id,
        user=event.user_id,
        project=event.project_id,
        organization=event.organization_id,
        product=event.product,
        line_item=event.line_item,
        unit=event.unit,
        model=event.dimensions.model,
        day=find_utc_day(event.time),
    )


def find_utc_day(time: dt.datetime) -> int:
    """Returns the ordinal of the UTC day, or of the local day in the years 0 and 10000 of UTC."""
    if time.tzinfo is not dt.UTC:
        with suppress(OverflowError):
            time = time.astimezone(dt.UTC)
    return time.toordinal()


def rate_cases(
    cases: Iterable[RatingCase], history: AttributionInput | None
) -> dict[RatingCase, RatedCase | RejectedEvent]:
    """Returns the decision for each case.

    With `history` all cases are attributed like that, without an actor.
    """
    actors = resolve_actors(set(cases), history)
    products = select_valid_ids({case.product for case in actors})
    price_book = PriceBook.fetch(find_payers(actors.values()), products)
    names = {case.model for case in actors if is_valid_id(case.model)}
    models = fetch_models(names)
    new_names = names - models.keys()
    canonical = fetch_canonical_names(new_names) if new_names else None
    if canonical:
        models |= {name: ModelReference(NO_MODEL_YET, canonical.find(name)) for name in new_names}
    price_book.canonical = {name: model.canonical for name, model in models.items()}
    decisions: dict[RatingCase, RatedCase | RejectedEvent] = {}
    for case, actor in actors.items():
        if isinstance(actor, RejectedEvent):
            decisions[case] = actor
        else:
            decisions[case] = rate_case(case, actor, price_book, models.get(case.model))
    return decisions | add_new_models(decisions, canonical)


def resolve_actors(
    cases: set[RatingCase], history: AttributionInput | None
) -> dict[RatingCase, ResolvedActor | RejectedEvent]:
    """Returns the actor of each case, or why its events are rejected."""
    if history:
        return dict.fromkeys(cases, ResolvedActor(history))
    references = {case: case.actor for case in cases}
    lookup = ActorLookup(set(references.values()))
    return {
        case: lookup.resolve(reference, dt.date.fromordinal(case.day))
        for case, reference in references.items()
    }


def find_payers(actors: Iterable[ResolvedActor | RejectedEvent]) -> set[OrganizationId]:
    """Returns the organizations to which usage of these actors may be billed."""
    subjects = {actor.attribution for actor in actors if isinstance(actor, ResolvedActor)}
    locations = {location for subject in subjects for location in (subject.default, subject.home)}
    return {location.organization for location in locations if location}


def add_new_models(
    decisions: Mapping[RatingCase, RatedCase | RejectedEvent], canonical: CanonicalNames | None
) -> dict[RatingCase, RatedCase]:
    """Returns the rated cases whose models are new, with their models; rejected events create none.

    `canonical` has the canonical names of the new ones.
    """
    rated = {
        case: rating
        for case, rating in decisions.items()
        if isinstance(rating, RatedCase) and rating.shared.model == NO_MODEL_YET
    }
    models = create_models({case.model for case in rated}, canonical) if rated else {}
    return {
        case: rating._replace(shared=rating.shared._replace(model=models[case.model]))
        for case, rating in rated.items()
    }


def rate_case(
    case: RatingCase, actor: ResolvedActor, price_book: PriceBook, model: ModelReference | None
) -> RatedCase | RejectedEvent:
    """Returns the decision for a case. `model` is that of the case, None if its name is invalid."""
    if model is None:
        return RejectedEvent(Rejection("invalid", "dimensions.model", BAD_MODEL), actor)
    item = price_book.items.get((case.product, case.line_item))
    if item is None or item.unit != case.unit:
        return RejectedEvent(reject_item(case, item, price_book), actor)
    subject, day = actor.attribution, dt.date.fromordinal(case.day)
    location, reason = attribute_usage(
        subject, multi_project=item.multi_project, playground=item.playground
    )
    price = price_book.find_price(item.pk, case.model, day, location.organization)
    if price is None:
        message = f"time: {case.line_item} of {case.product} has no price on {day}."
        return RejectedEvent(Rejection("no_price", "time", message), actor)
    shared = SharedFields(
        organization=location.organization,
        project=location.project,
        intended_organization=actor.organization,
        intended_project=subject.project.project if subject.project else None,
        line_item=item.pk,
        model=model.pk,
        unit_price=price.unit_price,
        api_key=actor.api_key,
        user=actor.user,
        reason=reason,
        requests=1 if item.counts_requests else 0,
    )
    is_default_priced = price.model == ANY_MODEL != case.model
    return RatedCase(shared, actor, is_default_priced)


def reject_item(case: RatingCase, item: CatalogueItem | None, price_book: PriceBook) -> Rejection:
    """Returns why the catalogue does not have what a case names."""
    if item:
        message = f"unit: {case.line_item} is counted in {item.unit}, not in {case.unit}."
        return Rejection("invalid", "unit", message)
    if case.product in price_book.products:
        message = f"line_item: {case.product} has no line item {case.line_item}."
        return Rejection("not_found", "line_item", message)
    return Rejection("not_found", "product", f"product: there is no {case.product}.")


def ensure_models(names: set[str]) -> dict[str, ModelId]:
    """Returns the ids of model names, creating those that are new."""
    models = {name: model.pk for name, model in fetch_models(names).items()}
    new_names = names - models.keys()
    return models | (create_models(new_names) if new_names else {})
