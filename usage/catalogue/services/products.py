"""The catalogue as support staff keep it: products and their line items. Codes and units never change."""

from typing import Any

from django.db import IntegrityError, models, transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.support.services.support import require_staff
from usage.models import LineItem, Product

ADD_PRODUCT, CHANGE_PRODUCT = "usage.add_product", "usage.change_product"
ADD_LINE_ITEM, CHANGE_LINE_ITEM = "usage.add_lineitem", "usage.change_lineitem"
CODE_TAKEN = "The catalogue has {code} already. Choose another code."
IN_PLAYGROUND = "Usage of the playground always lands in the Default Project. Leave it off."
BEING_MOVED = "Usage of {product} is being moved. Wait until that is done."


@transaction.atomic
def create_product(
    *, actor: Actor, code: str, name: str, description: str, multi_project: bool
) -> Product:
    """Adds a product; nothing of it can be used before it has a line item. Conflict when `code` is taken."""
    require_staff(actor, ADD_PRODUCT)
    product = Product(code=code, name=name, description=description, multi_project=multi_project)
    save_new(product, {"code": CODE_TAKEN.format(code=code)})
    after = {"code": code, **settings_of(product)}
    record(actor, Action.PRODUCT_CREATED, organization=None, target=product, after=after)
    return product


@transaction.atomic
def change_product(
    *, actor: Actor, product: Product, name: str, description: str, multi_project: bool
) -> None:
    """Changes what it is called, and whether usage of it lands in projects from the next event on.

    Conflict when that is to change for the playground, or while usage of it is being moved.
    """
    require_staff(actor, CHANGE_PRODUCT)
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    before = settings_of(locked)
    if locked.is_playground and multi_project:
        raise Conflict({"multi_project": IN_PLAYGROUND})
    if multi_project != locked.multi_project and locked.reattributions.running().exists():
        raise Conflict({"multi_project": BEING_MOVED.format(product=locked)})
    locked.name, locked.description, locked.multi_project = name, description, multi_project
    if settings_of(locked) == before:
        return
    locked.save(update_fields=["name", "description", "multi_project"])
    record(
        actor,
        Action.PRODUCT_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=settings_of(locked),
    )


@transaction.atomic
def create_line_item(
    *, actor: Actor, product: Product, code: str, name: str, unit: str, counts_requests: bool
) -> LineItem:
    """Adds something that is counted; Conflict when the product has the code, or counts requests already."""
    require_staff(actor, ADD_LINE_ITEM)
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    line_item = LineItem(
        product=locked, code=code, name=name, unit=unit, counts_requests=counts_requests
    )
    require_one_counter(line_item)
    save_new(line_item, {"code": CODE_TAKEN.format(code=f"{locked.code}, {code},")})
    after = {"product": locked.code, "code": code, "unit": unit, **settings_of(line_item)}
    record(actor, Action.LINE_ITEM_CREATED, organization=None, target=line_item, after=after)
    return line_item


@transaction.atomic
def change_line_item(
    *, actor: Actor, line_item: LineItem, name: str, counts_requests: bool
) -> None:
    """Changes its name, and whether its records count as requests from the next event on.

    Conflict when another one of the product counts requests.
    """
    require_staff(actor, CHANGE_LINE_ITEM)
    Product.objects.select_for_update(no_key=True).get(pk=line_item.product_id)
    locked = LineItem.objects.select_related("product").get(pk=line_item.pk)
    before = settings_of(locked)
    locked.name, locked.counts_requests = name, counts_requests
    if settings_of(locked) == before:
        return
    require_one_counter(locked)
    locked.save(update_fields=["name", "counts_requests"])
    record(
        actor,
        Action.LINE_ITEM_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=settings_of(locked),
    )


def require_one_counter(line_item: LineItem) -> None:
    """Conflict when another line item of the (locked) product counts requests too."""
    others = LineItem.objects.filter(product=line_item.product_id, counts_requests=True)
    other = others.exclude(pk=line_item.pk).first()
    if line_item.counts_requests and other:
        told = f"{other.name} counts the requests already. Take it from there first."
        raise Conflict({"counts_requests": told})


def settings_of(row: Product | LineItem) -> dict[str, Any]:
    """What of it can be changed."""
    if isinstance(row, Product):
        return {
            "name": row.name,
            "description": row.description,
            "multi_project": row.multi_project,
        }
    return {"name": row.name, "counts_requests": row.counts_requests}


def save_new(row: models.Model, taken: dict[str, str]) -> None:
    """Conflict, saying what is `taken`, when there is one like it; two at once as well."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(taken) from error
