"""Adds whole products of a preset or file to the catalogue, with their line items and prices."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from accounts.actors import Actor
from usage.catalogue.new_products import NewProduct
from usage.catalogue.services.prices import create_price
from usage.catalogue.services.products import create_line_item, create_product
from usage.models import Product


@transaction.atomic
def add_products(
    *, actor: Actor, products: Iterable[NewProduct], starts_on: dt.date | None
) -> list[Product]:
    """Adds the products that the catalogue does not have yet, and returns them.

    Prices start on `starts_on` in UTC; None leaves them out. Products of that code stay as they are.
    """
    present = set(Product.objects.values_list("code", flat=True))
    return [
        add_product(actor=actor, product=product, starts_on=starts_on)
        for product in products
        if product.code not in present
    ]


@transaction.atomic
def add_product(*, actor: Actor, product: NewProduct, starts_on: dt.date | None) -> Product:
    """Adds a product with its line items and prices. Raises Conflict if its code is taken."""
    row = create_product(
        actor=actor,
        code=product.code,
        name=product.name,
        description=product.description,
        multi_project=product.multi_project,
        is_playground=product.playground,
    )
    for item in product.line_items:
        line_item = create_line_item(
            actor=actor,
            product=row,
            code=item.code,
            name=item.name,
            unit=item.unit,
            counts_requests=item.counts_requests,
            reported_as=item.reported_as,
        )
        for model, unit_price in item.list_prices() if starts_on else ():
            assert starts_on is not None
            create_price(
                actor=actor,
                line_item=line_item,
                model=model,
                unit_price=unit_price,
                starts_on=starts_on,
            )
    return row
