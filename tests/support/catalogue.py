"""The catalogue that all tests sell from, as rows without audit events: it is there before each of them."""

import datetime as dt

from usage.catalogue.presets import INFERENCE_PLATFORM
from usage.models import ModelName, Price, Product

FIRST_DAY = dt.date(2020, 1, 1)


def fill_catalogue() -> None:
    ModelName.objects.create(name="")
    for product in INFERENCE_PLATFORM:
        row = Product.objects.create(
            code=product.code,
            name=product.name,
            description=product.description,
            multi_project=product.multi_project,
            is_playground=product.playground,
        )
        for item in product.line_items:
            line_item = row.line_items.create(
                code=item.code,
                name=item.name,
                unit=item.unit,
                counts_requests=item.counts_requests,
                reported_as=item.reported_as,
            )
            Price.objects.bulk_create(
                Price(line_item=line_item, model=model, unit_price=price, starts_on=FIRST_DAY)
                for model, price in item.list_prices()
            )
