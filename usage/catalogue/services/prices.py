"""Prices as support staff keep them.

The price of a day that has begun stays: records keep theirs, and late events meet that of their day. So a
price that has begun is never changed; another one is added that begins later.
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
from accounts.support.services.support import require_staff
from usage.amounts import PRICE_DIGITS, text_of
from usage.catalogue.services.products import save_new
from usage.limits import MAX_CLOCK_SKEW
from usage.models import LineItem, Price

ADD_PRICE, CHANGE_PRICE, DELETE_PRICE = (
    "usage.add_price",
    "usage.change_price",
    "usage.delete_price",
)
ONCE_A_DAY = "A price of the same line item and model begins on {day} already. Choose another day."
HELD = "{day} has begun with a price, which stays. Choose {open} or later."
BEGUN = "It has begun, so records have been counted at it. Add a price that begins later instead."
GONE = "It has been taken back already."


def first_open_day() -> dt.date:
    """The first UTC day no event can have a time in yet: 5 minutes early are taken."""
    return (timezone.now() + MAX_CLOCK_SKEW).astimezone(dt.UTC).date() + dt.timedelta(days=1)


def has_begun(price: Price) -> bool:
    return price.starts_on < first_open_day()


def require_open_day(line_item: LineItem, model: str, starts_on: dt.date) -> None:
    """ValidationError when the model has a price for that day, which has begun.

    Where it has none yet, one may begin in the past: for history that is still to be imported.
    """
    before = line_item.prices.filter(model=model, starts_on__lt=starts_on)
    if starts_on < first_open_day() and before.exists():
        raise ValidationError({"starts_on": HELD.format(day=starts_on, open=first_open_day())})


@transaction.atomic
def create_price(
    *, actor: Actor, line_item: LineItem, model: str, unit_price: int, starts_on: dt.date
) -> Price:
    """A price in 10⁻¹² USD a unit from the beginning of a UTC day on, for one model or ('') for any.

    Conflict when one begins on that day; ValidationError when the model has a price for that day, which
    has begun.
    """
    require_staff(actor, ADD_PRICE)
    locked = locked_item(line_item.pk)
    require_open_day(locked, model, starts_on)
    price = Price(line_item=locked, model=model, unit_price=unit_price, starts_on=starts_on)
    save_new(price, {"starts_on": ONCE_A_DAY.format(day=starts_on)})
    record(actor, Action.PRICE_CREATED, organization=None, target=price, after=facts_of(price))
    return price


@transaction.atomic
def change_price(*, actor: Actor, price: Price, unit_price: int, starts_on: dt.date) -> None:
    """Changes a price that has not begun; Conflict when it has, or when another begins on that day."""
    require_staff(actor, CHANGE_PRICE)
    locked, before = unbegun(price)
    if starts_on < first_open_day():
        raise ValidationError({"starts_on": f"Choose {first_open_day()} or later."})
    locked.unit_price, locked.starts_on = unit_price, starts_on
    if facts_of(locked) == before:
        return
    try:
        with transaction.atomic():
            locked.save(update_fields=["unit_price", "starts_on"])
    except IntegrityError as error:
        raise Conflict({"starts_on": ONCE_A_DAY.format(day=starts_on)}) from error
    record(
        actor,
        Action.PRICE_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=facts_of(locked),
    )


@transaction.atomic
def delete_price(*, actor: Actor, price: Price) -> None:
    """Takes a price back that has not begun; Conflict when it has."""
    require_staff(actor, DELETE_PRICE)
    locked, before = unbegun(price)
    record(actor, Action.PRICE_DELETED, organization=None, target=locked, before=before)
    locked.delete()


def unbegun(price: Price) -> tuple[Price, dict[str, Any]]:
    """The price under its line item's lock, and what it says; Conflict when it has begun or is gone."""
    line_item = locked_item(price.line_item_id)
    locked = line_item.prices.with_items().filter(pk=price.pk).first()
    if locked is None:
        raise Conflict(GONE)
    if has_begun(locked):
        raise Conflict(BEGUN)
    return locked, facts_of(locked)


def locked_item(pk: int) -> LineItem:
    """Whoever adds, changes or takes back a price of it waits for others who do."""
    return (
        LineItem.objects.select_for_update(no_key=True, of=("self",))
        .select_related("product")
        .get(pk=pk)
    )


def facts_of(price: Price) -> dict[str, Any]:
    line_item = price.line_item
    return {
        "product": line_item.product.code,
        "line_item": line_item.code,
        "model": price.model or "any",
        "usd_per_unit": text_of(price.unit_price, PRICE_DIGITS),
        "unit": line_item.unit,
        "starts_on": str(price.starts_on),
    }
