"""Adds, changes and cancels prices, for every organization or for one.

A price that has started never changes, because records keep theirs and late events get the price of their
day. Another price that starts later is added instead.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.support.services.staff import require_staff
from usage.amounts import PRICE_DIGITS, format_decimal
from usage.catalogue.services.model_names import update_canonical_models
from usage.catalogue.services.products import save_new
from usage.ledger.series_walk import are_former_columns_read
from usage.limits import MAX_CLOCK_SKEW
from usage.models import LineItem, Price

ADD_PRICE, CHANGE_PRICE, DELETE_PRICE = (
    "usage.add_price",
    "usage.change_price",
    "usage.delete_price",
)
ONCE_A_DAY = (
    "Another price of this line item and model already starts on {day}. Choose another day."
)
STARTED_DAY = "{day} has already started with a price, which can't change. Choose {open} or later."
STARTED = "This price has already started. Add a price that starts later instead."
CANCELED = "This price has already been canceled."
FORMER_VERSION_RUNS = (
    "Servers of the previous version may still run, which would charge everyone this price. "
    "Try again a day after the upgrade."
)


def find_open_day() -> dt.date:
    """Returns the first UTC day that no event can be from yet, given that clocks may be ahead."""
    return (timezone.now() + MAX_CLOCK_SKEW).astimezone(dt.UTC).date() + dt.timedelta(days=1)


def has_started(price: Price) -> bool:
    return price.starts_on < find_open_day()


def require_open_day(price: Price) -> None:
    """Raises ValidationError if a new price would change what costs on a day that has started.

    A first price may start in the past, for history that is still to be imported.
    """
    before = Price.objects.like(price).filter(starts_on__lt=price.starts_on)
    if has_started(price) and before.exists():
        raise ValidationError(
            {"starts_on": STARTED_DAY.format(day=price.starts_on, open=find_open_day())}
        )


def require_free_day(price: Price) -> None:
    """Raises Conflict if another price of the model, in any case, starts on the same day."""
    others = Price.objects.like(price).exclude(pk=price.pk)
    if others.filter(starts_on=price.starts_on).exists():
        raise Conflict({"starts_on": ONCE_A_DAY.format(day=price.starts_on)})


def require_current_version(price: Price) -> None:
    """Raises Conflict for a price of one organization while nodes may run that take it for everyone's."""
    if price.organization and are_former_columns_read():
        raise Conflict({"organization": FORMER_VERSION_RUNS})


@transaction.atomic
def create_price(
    *,
    actor: Actor,
    line_item: LineItem,
    model: str,
    unit_price: int,
    starts_on: dt.date,
    organization: Organization | None = None,
) -> Price:
    """Adds a price in 10⁻¹² USD per unit from the start of a UTC day, for one model or ('') for any.

    With `organization` it is the price of that customer alone, whose audit log has it. Raises Conflict if
    another price starts on that day, or if nodes of the version before may charge everyone the price of
    one organization, ValidationError if the day has started with a price, Withheld if the actor belongs
    to the organization.
    """
    require_staff(actor, ADD_PRICE, *([organization] if organization else []))
    price = Price(
        line_item=lock_line_item(line_item.pk),
        organization=organization,
        model=model,
        unit_price=unit_price,
        starts_on=starts_on,
    )
    require_current_version(price)
    require_open_day(price)
    require_free_day(price)
    save_new(price, {"starts_on": ONCE_A_DAY.format(day=starts_on)})
    update_model_of_price(price)
    record(
        actor,
        Action.PRICE_CREATED,
        organization=organization,
        target=price,
        after=build_facts(price),
    )
    return price


@transaction.atomic
def change_price(*, actor: Actor, price: Price, unit_price: int, starts_on: dt.date) -> None:
    """Changes a scheduled price.

    Raises Conflict if it has started, or if another price starts on that day.
    """
    require_staff(actor, CHANGE_PRICE, *([price.organization] if price.organization else []))
    locked, before = lock_scheduled_price(price)
    if starts_on < find_open_day():
        raise ValidationError({"starts_on": f"Choose {find_open_day()} or later."})
    locked.unit_price, locked.starts_on = unit_price, starts_on
    if build_facts(locked) == before:
        return
    require_free_day(locked)
    try:
        with transaction.atomic():
            locked.save(update_fields=["unit_price", "starts_on"])
    except IntegrityError as error:
        raise Conflict({"starts_on": ONCE_A_DAY.format(day=starts_on)}) from error
    record(
        actor,
        Action.PRICE_CHANGED,
        organization=locked.organization,
        target=locked,
        before=before,
        after=build_facts(locked),
    )


@transaction.atomic
def delete_price(*, actor: Actor, price: Price) -> None:
    """Cancels a scheduled price. Raises Conflict if it has started."""
    require_staff(actor, DELETE_PRICE, *([price.organization] if price.organization else []))
    locked, before = lock_scheduled_price(price)
    Price.objects.filter(pk=locked.pk).delete()
    update_model_of_price(locked)
    record(
        actor,
        Action.PRICE_DELETED,
        organization=locked.organization,
        target=locked,
        before=before,
    )


def update_model_of_price(price: Price) -> None:
    """Lets the model go by the name in everyone's prices, or no longer."""
    if price.organization_id is None and price.model:
        update_canonical_models([price.model])


def lock_scheduled_price(price: Price) -> tuple[Price, dict[str, Any]]:
    """Locks the line item and returns the price with its facts.

    Raises Conflict if the price has started or is canceled.
    """
    line_item = lock_line_item(price.line_item_id)
    locked = line_item.prices.with_items().filter(pk=price.pk).first()
    if locked is None:
        raise Conflict(CANCELED)
    if has_started(locked):
        raise Conflict(STARTED)
    return locked, build_facts(locked)


def lock_line_item(pk: int) -> LineItem:
    """Locks a line item, so that changes to its prices happen one after the other."""
    return (
        LineItem.objects.select_for_update(no_key=True, of=("self",))
        .select_related("product")
        .get(pk=pk)
    )


def build_facts(price: Price) -> dict[str, Any]:
    line_item = price.line_item
    return {
        "product": line_item.product.code,
        "line_item": line_item.code,
        **({"organization": price.organization.slug} if price.organization else {}),
        "model": price.model or "any",
        "usd_per_unit": format_decimal(price.unit_price, PRICE_DIGITS),
        "unit": line_item.unit,
        "starts_on": str(price.starts_on),
    }
