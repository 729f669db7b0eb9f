"""Adds and changes products and line items. Their codes and units never change."""

from typing import Any

from django.db import IntegrityError, models, transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.support.services.staff import require_staff
from usage.models import LineItem, Product

ADD_PRODUCT, CHANGE_PRODUCT = "usage.add_product", "usage.change_product"
ADD_LINE_ITEM, CHANGE_LINE_ITEM = "usage.add_lineitem", "usage.change_lineitem"
PRODUCT_CODE_TAKEN = "The catalogue already has a product {code}. Choose another code."
LINE_ITEM_CODE_TAKEN = "{product} already has a line item {code}. Choose another code."
IN_PLAYGROUND = "Playground usage is always billed to the Default Project. Leave this off."
BEING_MOVED = "Usage of {product} is being moved. Wait until that is done."
ALREADY_COUNTED = "{line_item} already counts the requests. Turn that off first."


@transaction.atomic
def create_product(
    *,
    actor: Actor,
    code: str,
    name: str,
    description: str,
    multi_project: bool,
    is_playground: bool = False,
) -> Product:
    """Adds a product, which needs a line item before it can be used. Raises Conflict if `code` is taken."""
    require_staff(actor, ADD_PRODUCT)
    product = Product(
        code=code,
        name=name,
        description=description,
        multi_project=multi_project,
        is_playground=is_playground,
    )
    save_new(product, {"code": PRODUCT_CODE_TAKEN.format(code=code)})
    after = {"code": code, **build_settings(product)}
    record(actor, Action.PRODUCT_CREATED, organization=None, target=product, after=after)
    return product


@transaction.atomic
def change_product(
    *, actor: Actor, product: Product, name: str, description: str, multi_project: bool
) -> None:
    """Changes the texts of a product, and whether its usage is attributed to projects from the next event.

    Raises Conflict for the attribution of the playground, and while usage of the product is being moved.
    """
    require_staff(actor, CHANGE_PRODUCT)
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    before = build_settings(locked)
    if locked.is_playground and multi_project:
        raise Conflict({"multi_project": IN_PLAYGROUND})
    if multi_project != locked.multi_project and locked.reattributions.running().exists():
        raise Conflict({"multi_project": BEING_MOVED.format(product=locked)})
    locked.name, locked.description, locked.multi_project = name, description, multi_project
    if build_settings(locked) == before:
        return
    locked.save(update_fields=["name", "description", "multi_project"])
    record(
        actor,
        Action.PRODUCT_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=build_settings(locked),
    )


@transaction.atomic
def turn_on_multi_project(*, actor: Actor, product: Product) -> None:
    """Attributes usage of the product to projects from the next event.

    Raises Conflict as `change_product` does.
    """
    require_staff(actor, CHANGE_PRODUCT)
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    texts = {"name": locked.name, "description": locked.description}
    try:
        change_product(actor=actor, product=locked, **texts, multi_project=True)
    except Conflict as conflict:
        # Without a field: the form that turns it on has none.
        raise Conflict(conflict.messages) from conflict


@transaction.atomic
def create_line_item(
    *,
    actor: Actor,
    product: Product,
    code: str,
    name: str,
    unit: str,
    counts_requests: bool,
    reported_as: str = "",
) -> LineItem:
    """Adds a line item. Raises Conflict if its code, or the counting of requests, is taken."""
    require_staff(actor, ADD_LINE_ITEM)
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    line_item = LineItem(
        product=locked,
        code=code,
        name=name,
        unit=unit,
        counts_requests=counts_requests,
        reported_as=reported_as,
    )
    require_single_counter(line_item)
    message = LINE_ITEM_CODE_TAKEN.format(product=locked.code, code=code)
    save_new(line_item, {"code": message})
    after = {"product": locked.code, "code": code, "unit": unit, **build_settings(line_item)}
    record(actor, Action.LINE_ITEM_CREATED, organization=None, target=line_item, after=after)
    return line_item


@transaction.atomic
def change_line_item(
    *, actor: Actor, line_item: LineItem, name: str, counts_requests: bool, reported_as: str
) -> None:
    """Changes the name of a line item, where the usage API counts it, and whether its records count as
    requests from the next event.

    Raises Conflict if another line item of the product counts requests.
    """
    require_staff(actor, CHANGE_LINE_ITEM)
    Product.objects.select_for_update(no_key=True).get(pk=line_item.product_id)
    locked = LineItem.objects.select_related("product").get(pk=line_item.pk)
    before = build_settings(locked)
    locked.name, locked.counts_requests, locked.reported_as = name, counts_requests, reported_as
    if build_settings(locked) == before:
        return
    require_single_counter(locked)
    locked.save(update_fields=["name", "counts_requests", "reported_as"])
    record(
        actor,
        Action.LINE_ITEM_CHANGED,
        organization=None,
        target=locked,
        before=before,
        after=build_settings(locked),
    )


def require_single_counter(line_item: LineItem) -> None:
    """Raises Conflict if another line item of the (locked) product counts requests too."""
    others = LineItem.objects.filter(product=line_item.product_id, counts_requests=True)
    other = others.exclude(pk=line_item.pk).first()
    if line_item.counts_requests and other:
        message = ALREADY_COUNTED.format(line_item=other.name)
        raise Conflict({"counts_requests": message})


def build_settings(row: Product | LineItem) -> dict[str, Any]:
    """Returns the values that can be changed."""
    if isinstance(row, Product):
        return {
            "name": row.name,
            "description": row.description,
            "multi_project": row.multi_project,
        }
    return {
        "name": row.name,
        "counts_requests": row.counts_requests,
        "reported_as": row.reported_as,
    }


def save_new(row: models.Model, taken: dict[str, str]) -> None:
    """Inserts a row. Raises Conflict with the message `taken` if a unique constraint refuses it."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(taken) from error
