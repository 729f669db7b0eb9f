"""The catalogue as one batch of records needs it: items by code, prices by day."""

import datetime as dt
from bisect import bisect_right
from typing import NamedTuple, Self

from usage.models import LineItem
from usage.models.catalogue import ANY_MODEL


class Item(NamedTuple):
    """A line item with what its product's rules are."""

    pk: int
    unit: str
    counts_requests: bool
    multi_project: bool
    playground: bool


class Catalogue:
    """What there is to be used, and for how much, as of one moment."""

    def __init__(
        self,
        items: dict[tuple[str, str], Item],
        prices: dict[tuple[int, str], list[tuple[dt.date, int]]],
    ) -> None:
        """`items` by the codes of product and line item; `prices` by line item and model, oldest first."""
        self.items, self.prices = items, prices
        self.products = {product for product, _ in items}

    @classmethod
    def read(cls) -> Self:
        """One query: each line item with all of its prices."""
        items: dict[tuple[str, str], Item] = {}
        prices: dict[tuple[int, str], list[tuple[dt.date, int]]] = {}
        rows = LineItem.objects.order_by("prices__starts_on").values_list(
            *("product__code", "code", "pk", "unit", "counts_requests"),
            *("product__multi_project", "product__is_playground"),
            *("prices__model", "prices__starts_on", "prices__unit_price"),
        )
        for product, code, *of_item, model, day, unit_price in rows:
            item = items[product, code] = Item(*of_item)
            if day is not None:
                prices.setdefault((item.pk, model), []).append((day, unit_price))
        return cls(items, prices)

    def price(self, item: int, model: str, day: dt.date) -> int | None:
        """The unit price that holds on a UTC day, in 10⁻¹² USD; None when none does.

        The model's own once it has one, else the one for any model.
        """
        for name in dict.fromkeys((model, ANY_MODEL)):
            held = self.prices.get((item, name), [])
            begun = bisect_right(held, day, key=lambda one: one[0])
            if begun:
                return held[begun - 1][1]
        return None
