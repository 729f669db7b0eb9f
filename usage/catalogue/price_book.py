"""The catalogue as rating a batch of events needs it: items by code, prices by day."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, Self

from django.db.models import FilteredRelation, Q

from usage.ids import LineItemId, OrganizationId
from usage.model_names import CanonicalNames
from usage.models import LineItem
from usage.models.catalogue import ANY_MODEL, fold_model


class CatalogueItem(NamedTuple):
    """A line item with the rules of its product."""

    pk: LineItemId
    unit: str
    counts_requests: bool
    multi_project: bool
    playground: bool


class DatedPrice(NamedTuple):
    """A price in 10⁻¹² USD a unit, the UTC day on which it starts, and the spelling of its model."""

    starts_on: dt.date
    unit_price: int
    model: str


class PriceMatch(NamedTuple):
    """A price in 10⁻¹² USD a unit, and the model and organization that it is for: '' and None for any."""

    unit_price: int
    model: str
    organization: OrganizationId | None


# Whose price it is (None: everyone's), of which line item, and for which model, folded.
PriceKey = tuple[OrganizationId | None, LineItemId, str]


class PriceBook:
    """Line items and their prices as of one moment."""

    def __init__(
        self,
        items: dict[tuple[str, str], CatalogueItem],
        prices: dict[PriceKey, list[DatedPrice]],
    ) -> None:
        """`items` by the codes of product and line item; `prices` oldest first."""
        self.items, self.prices = items, prices
        self.products = {product for product, _ in items}
        # What models count as, by name; those that are missing count as themselves.
        self.canonical: Mapping[str, str] = {}

    @classmethod
    def fetch(
        cls,
        organizations: Collection[OrganizationId] = (),
        products: Collection[str] | None = None,
    ) -> Self:
        """Reads line items with the prices for everyone and for these organizations in one query.

        `products` are the codes of their products, None for all products.
        """
        items: dict[tuple[str, str], CatalogueItem] = {}
        prices: dict[PriceKey, list[DatedPrice]] = {}
        rows = list_rows(organizations, products)
        for product, code, *fields, organization, model, day, unit_price in rows:
            item = items[product, code] = CatalogueItem(*fields)
            if day is not None:
                key = organization, item.pk, fold_model(model)
                prices.setdefault(key, []).append(DatedPrice(day, unit_price, model))
        return cls(items, prices)

    def fetch_canonical_names(self, models: Collection[str]) -> None:
        """Reads what these models count as, in one query or two."""
        names = CanonicalNames.fetch(models)
        self.canonical = {model: names.find(model) for model in models}

    def find_price(
        self,
        item: LineItemId,
        model: str,
        day: dt.date,
        organization: OrganizationId | None = None,
    ) -> PriceMatch | None:
        """Returns the price of a UTC day, or None without a price.

        The first of `list_candidates` that has begun by that day. Of several in different case that begin
        on one day the one spelled like `model` holds, else the first by code points.
        """
        for customer, prices in self.list_candidates(item, model, organization):
            begun = bisect_right(prices, day, key=attrgetter("starts_on"))
            if begun:
                since = prices[begun - 1].starts_on
                latest = [price for price in prices[:begun] if price.starts_on == since]
                price = min(latest, key=lambda price: (price.model != model, price.model))
                return PriceMatch(price.unit_price, price.model, customer)
        return None

    def list_start_days(
        self, item: LineItemId, model: str, organization: OrganizationId | None = None
    ) -> list[dt.date]:
        """Returns the UTC days on which a price starts that `find_price` looks at, the first day first."""
        candidates = self.list_candidates(item, model, organization)
        return sorted({price.starts_on for _, prices in candidates for price in prices})

    def list_candidates(
        self, item: LineItemId, model: str, organization: OrganizationId | None
    ) -> Iterator[tuple[OrganizationId | None, Sequence[DatedPrice]]]:
        """Yields whose prices may be those of the model, and these by day, the first choice first.

        This is the order of prices: the organization's own, then everyone's; of both those of the name in
        any case, those of its canonical name in any case, those for any model.
        """
        canonical = self.canonical.get(model, model)
        names = dict.fromkeys((fold_model(model), fold_model(canonical), ANY_MODEL))
        for customer in dict.fromkeys((organization, None)):
            for name in names:
                yield customer, self.prices.get((customer, item, name), ())


def list_rows(
    organizations: Collection[OrganizationId], products: Collection[str] | None
) -> Iterable[tuple[Any, ...]]:
    """Returns the line items, each with every price for everyone and for these organizations by day."""
    visible = Q(prices__organization=None) | Q(prices__organization__in=organizations)
    items = LineItem.objects.annotate(price=FilteredRelation("prices", condition=visible))
    if products is not None:
        items = items.filter(product__code__in=products)
    return items.order_by("price__starts_on").values_list(
        *("product__code", "code", "pk", "unit", "counts_requests"),
        *("product__multi_project", "product__is_playground"),
        *("price__organization", "price__model", "price__starts_on", "price__unit_price"),
    )
