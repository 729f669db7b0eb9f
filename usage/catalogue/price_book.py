"""The catalogue as rating a batch of events needs it: items by code, prices by day."""

import datetime as dt
from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple, Self

from usage.ids import LineItemId
from usage.models import LineItem
from usage.models.catalogue import ANY_MODEL


class CatalogueItem(NamedTuple):
    """A line item with the rules of its product."""

    pk: LineItemId
    unit: str
    counts_requests: bool
    multi_project: bool
    playground: bool


class DatedPrice(NamedTuple):
    """A price in 10⁻¹² USD a unit and the UTC day on which it starts."""

    starts_on: dt.date
    unit_price: int


class PriceBook:
    """Line items and their prices as of one moment."""

    def __init__(
        self,
        items: dict[tuple[str, str], CatalogueItem],
        prices: dict[tuple[LineItemId, str], list[DatedPrice]],
    ) -> None:
        """`items` by the codes of product and line item; `prices` by item and model, oldest first."""
        self.items, self.prices = items, prices
        self.products = {product for product, _ in items}

    @classmethod
    def fetch(cls) -> Self:
        """Reads all line items with all their prices in one query."""
        items: dict[tuple[str, str], CatalogueItem] = {}
        prices: dict[tuple[LineItemId, str], list[DatedPrice]] = {}
        rows = LineItem.objects.order_by("prices__starts_on").values_list(
            *("product__code", "code", "pk", "unit", "counts_requests"),
            *("product__multi_project", "product__is_playground"),
            *("prices__model", "prices__starts_on", "prices__unit_price"),
        )
        for product, code, *fields, model, day, unit_price in rows:
            item = items[product, code] = CatalogueItem(*fields)
            if day is not None:
                prices.setdefault((item.pk, model), []).append(DatedPrice(day, unit_price))
        return cls(items, prices)

    def find_price(self, item: LineItemId, model: str, day: dt.date) -> int | None:
        """Returns the unit price on a UTC day in 10⁻¹² USD, or None without a price.

        The price of the model takes precedence over the price for any model.
        """
        for name in dict.fromkeys((model, ANY_MODEL)):
            prices = self.prices.get((item, name), [])
            started = bisect_right(prices, day, key=attrgetter("starts_on"))
            if started:
                return prices[started - 1].unit_price
        return None
