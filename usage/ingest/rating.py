"""Decides where events land and what a unit costs, with a few queries for a whole batch."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from usage.attribution import Meant, attributed
from usage.catalogue.price_book import Catalogue, Item
from usage.ingest.actors import Actors, Found, Named, Wrong
from usage.ingest.events import WANTED, Event, Refused, is_event_id
from usage.ledger.writer import Shared
from usage.models import ModelName

NO_MODEL_YET = 0
BAD_MODEL = f"dimensions.model: Send {WANTED['dimensions.model']}."


class Case(NamedTuple):
    """What decides where an event lands and what a unit costs: many events of a batch have it in common.

    `day` is the ordinal of the UTC day.
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


class Settled(NamedTuple):
    """The decision for a case: what its records share, and of whom they are."""

    shared: Shared
    found: Found


def case_of(event: Event) -> Case:
    return Case(
        event.api_key_id,
        event.user_id,
        event.project_id,
        event.organization_id,
        event.product,
        event.line_item,
        event.unit,
        event.dimensions.model,
        utc_day(event.time),
    )


def utc_day(time: dt.datetime) -> int:
    """The ordinal of its day; where UTC has no such day (year 0 or 10000), that of its own zone."""
    if time.tzinfo is not dt.UTC:
        with suppress(OverflowError):
            time = time.astimezone(dt.UTC)
    return time.toordinal()


def settled(cases: Iterable[Case], history: Meant | None) -> dict[Case, Settled | Wrong]:
    """The decision for each case. With `history` they have no actor: they are meant for that."""
    cases = set(cases)
    catalogue = Catalogue.read()
    actors = Actors({named_by(case) for case in cases} if history is None else set())
    decisions: dict[Case, Settled | Wrong] = {}
    for case in cases:
        day = dt.date.fromordinal(case.day)
        found = Found(history) if history else actors.resolve(named_by(case), day)
        decisions[case] = (
            found if isinstance(found, Wrong) else decided(case, found, day, catalogue)
        )
    return with_models(decisions)


def with_models(decisions: dict[Case, Settled | Wrong]) -> dict[Case, Settled | Wrong]:
    """The decisions with their models; those of refused events are not made."""
    good = {case: one for case, one in decisions.items() if isinstance(one, Settled)}
    models = model_ids({case.model for case in good})
    for case, one in good.items():
        decisions[case] = one._replace(shared=one.shared._replace(model=models[case.model]))
    return decisions


def named_by(case: Case) -> Named:
    return Named(*case[:4])


def decided(case: Case, found: Found, day: dt.date, catalogue: Catalogue) -> Settled | Wrong:
    """The decision without its model yet."""
    if not is_event_id(case.model):
        return Wrong(found, Refused("invalid", "dimensions.model", BAD_MODEL))
    item = catalogue.items.get((case.product, case.line_item))
    if item is None or item.unit != case.unit:
        return Wrong(found, not_sold(case, item, catalogue))
    unit_price = catalogue.price(item.pk, case.model, day)
    if unit_price is None:
        told = f"time: {case.product}, {case.line_item} has no price on {day}."
        return Wrong(found, Refused("no_price", "time", told))
    meant = found.meant
    place, reason = attributed(meant, multi_project=item.multi_project, playground=item.playground)
    shared = Shared(
        *place,
        meant.default.organization,
        meant.project.project if meant.project else None,
        item.pk,
        NO_MODEL_YET,
        unit_price,
        found.api_key,
        found.user,
        reason,
        requests=1 if item.counts_requests else 0,
    )
    return Settled(shared, found)


def not_sold(case: Case, item: Item | None, catalogue: Catalogue) -> Refused:
    if item:
        told = f"unit: {case.line_item} is counted in {item.unit}, not in {case.unit}."
        return Refused("invalid", "unit", told)
    if case.product in catalogue.products:
        told = f"line_item: {case.product} has no line item {case.line_item}."
        return Refused("not_found", "line_item", told)
    return Refused("not_found", "product", f"product: there is no {case.product}.")


def model_ids(names: set[str]) -> dict[str, int]:
    """The primary keys of model names, which are made as they come up."""
    known = dict(ModelName.objects.filter(name__in=names).values_list("name", "pk"))
    if missing := names - known.keys():
        ModelName.objects.bulk_create(
            [ModelName(name=name) for name in sorted(missing)], ignore_conflicts=True
        )
        known |= dict(ModelName.objects.filter(name__in=missing).values_list("name", "pk"))
    return known
