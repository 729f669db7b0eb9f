"""The price list as one organization reads it: what each line item costs now, and what it will cost later.

It asks the price book that rates usage, so it shows what usage of that day is billed at.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.http import HttpRequest

from accounts.access.base import Access
from accounts.access.organization import OrganizationAccess, find_selected_organization
from accounts.actors import Actor
from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.permissions import Permission
from usage.catalogue.price_book import PriceBook, PriceMatch
from usage.ids import LineItemId, OrganizationId
from usage.models import LineItem, Product


class LaterPrice(NamedTuple):
    """A price in 10⁻¹² USD a unit that starts on a later UTC day."""

    starts_on: dt.date
    unit_price: int
    is_own: bool


class ListedPrice(NamedTuple):
    """What a unit of a line item costs for a model ('' for any other model), in 10⁻¹² USD.

    `unit_price` is None if the first price starts later. `is_own`: it was agreed on with the organization,
    and `standard` is what it costs others (None: they have no price).
    """

    model: str
    unit_price: int | None
    is_own: bool
    standard: int | None
    later: list[LaterPrice]


class ListedItem(NamedTuple):
    """A line item with its prices, the one for any other model first."""

    line_item: LineItem
    prices: list[ListedPrice]


class ListedProduct(NamedTuple):
    product: Product
    items: list[ListedItem]


def knows_own_prices(access: Access | None) -> bool:
    """Returns whether a caller may know the prices of the organization: who sees its usage or settings."""
    return access is not None and (
        access.allows(Permission.USAGE_SEE) or access.allows(Permission.ORGANIZATION_SETTINGS_READ)
    )


def find_customer(request: HttpRequest) -> Organization | None:
    """Returns the selected organization if the user may know its prices, else their home if they may.

    None if they may know those of neither, as support staff.
    """
    selected = find_selected_organization(request)
    if selected is None or may_know_prices(request, selected):
        return selected
    visible = Organization.objects.visible_to(Principal.of_request(request))
    home = visible.filter(home_users=Actor.of(request).person).first()
    return home if home and may_know_prices(request, home) else None


def may_know_prices(request: HttpRequest, organization: Organization) -> bool:
    principal = Principal.of_request(request)
    access = OrganizationAccess(principal, organization, organization.principal_role)
    return knows_own_prices(access)


def build_price_list(organization: Organization | None, today: dt.date) -> list[ListedProduct]:
    """Returns all products with the prices of `organization` on a UTC day, with four or five queries.

    Without an organization the prices are those for everyone.
    """
    customer = OrganizationId(organization.pk) if organization else None
    book = PriceBook.fetch([customer] if customer else [])
    book.fetch_canonical_names({p.model for prices in book.prices.values() for p in prices})
    builder = PriceListBuilder(book, customer, today)
    return [
        ListedProduct(product, [builder.list_item(item) for item in product.line_items.all()])
        for product in Product.objects.with_line_items()
    ]


class PriceListBuilder:
    """Looks prices up in a price book for one organization, from a day on."""

    def __init__(self, book: PriceBook, customer: OrganizationId | None, today: dt.date) -> None:
        self.book, self.customer, self.today = book, customer, today
        self.models: dict[LineItemId, set[str]] = {}
        for (_, item, _), prices in book.prices.items():
            self.models.setdefault(item, set()).update(price.model for price in prices)

    def list_item(self, line_item: LineItem) -> ListedItem:
        item = LineItemId(line_item.pk)
        models = sorted(self.models.get(item, ()))
        return ListedItem(line_item, [self.list_price(item, model) for model in models])

    def list_price(self, item: LineItemId, model: str) -> ListedPrice:
        now = self.find(item, model, self.today)
        standard = self.book.find_price(item, model, self.today)
        return ListedPrice(
            model,
            now.unit_price if now else None,
            is_own=is_own(now),
            standard=standard.unit_price if standard else None,
            later=list(self.list_later(item, model, now)),
        )

    def list_later(
        self, item: LineItemId, model: str, now: PriceMatch | None
    ) -> Iterator[LaterPrice]:
        """Yields the days on which the price changes; a price that others go before changes nothing."""
        for day in self.list_days(item, model):
            match = self.find(item, model, day)
            if match and (now is None or match.unit_price != now.unit_price):
                yield LaterPrice(day, match.unit_price, is_own(match))
                now = match

    def list_days(self, item: LineItemId, model: str) -> Sequence[dt.date]:
        """Returns the days after today on which a price starts that may be one of the model."""
        days = self.book.list_start_days(item, model, self.customer)
        return [day for day in days if day > self.today]

    def find(self, item: LineItemId, model: str, day: dt.date) -> PriceMatch | None:
        return self.book.find_price(item, model, day, self.customer)


def is_own(price: PriceMatch | None) -> bool:
    """Returns whether a price was agreed on with one organization."""
    return price is not None and price.organization is not None
