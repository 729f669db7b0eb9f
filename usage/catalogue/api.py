"""The pages *Early access* and *Prices* for programs: GET /v1/organization/early_access and …/prices."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from django.http import HttpRequest
from django.utils import timezone
from msgspec import Meta

from accounts.web.api.callers import MANAGERS, Caller
from accounts.web.api.listing import ObjectList
from accounts.web.api.payloads import Payload
from accounts.web.api.routes import api_route
from usage.amounts import PRICE_DIGITS, format_decimal
from usage.catalogue.early_access import ProductRow, list_rows
from usage.catalogue.price_list import ListedPrice, build_price_list, knows_own_prices
from usage.models import LineItem, Product
from usage.payloads import Day, Decimal


class Attribution(StrEnum):
    """Where usage of a product is billed: to the project that used it, not yet so, or never so."""

    PROJECT = "project"
    NOT_YET = "not_yet"
    NEVER = "never"


class BillingRuleObject(Payload, frozen=True):
    """Some usage, and where it is billed, in words."""

    usage: Annotated[str, Meta(examples=["With an API key"])]
    billed_to: Annotated[str, Meta(examples=["the project of the key"])]


class ProductObject(Payload, frozen=True, kw_only=True):
    """A product of the catalogue."""

    object: Literal["organization.early_access.product"] = "organization.early_access.product"
    product: Annotated[str, Meta(description="Its code.", examples=["serverless-inference"])]
    name: str
    description: str
    attribution: Attribution
    rules: list[BillingRuleObject]

    @classmethod
    def of_row(cls, row: ProductRow) -> Self:
        product = row.product
        attribution = Attribution.PROJECT if product.multi_project else Attribution.NOT_YET
        return cls(
            product=product.code,
            name=product.name,
            description=product.description,
            attribution=Attribution.NEVER if product.is_playground else attribution,
            rules=[BillingRuleObject(*rule) for rule in row.rules],
        )


@api_route(
    "GET",
    "List which products are attributed to projects",
    tag="Usage",
    credentials=MANAGERS,
    errors=(403,),
)
def early_access(request: HttpRequest, caller: Caller) -> ObjectList[ProductObject]:
    """Lists all products of the catalogue with where their usage is billed, on one page."""
    data = [ProductObject.of_row(row) for row in list_rows()]
    return ObjectList(data=data, first_id=None, last_id=None, has_more=False)


UsdPerUnit = Annotated[
    Decimal, Meta(description="USD for one unit, exactly.", examples=["0.00000088"])
]


class LaterPriceObject(Payload, frozen=True):
    """A price that starts later."""

    starts_on: Annotated[Day, Meta(description="From 00:00 UTC on that day.")]
    usd_per_unit: UsdPerUnit
    own: bool


class PriceObject(Payload, frozen=True, kw_only=True):
    """What a unit of a line item costs the organization."""

    object: Literal["organization.price"] = "organization.price"
    product: Annotated[str, Meta(description="Its code.", examples=["serverless-inference"])]
    line_item: Annotated[str, Meta(description="Its code.", examples=["output_tokens"])]
    unit: Annotated[str, Meta(examples=["token"])]
    model: Annotated[
        str | None,
        Meta(description="Null: any model without a price of its own.", examples=["llama-3.1-8b"]),
    ]
    usd_per_unit: Annotated[
        UsdPerUnit | None, Meta(description="Today. Null if the first price starts later.")
    ]
    own: Annotated[bool, Meta(description="Whether it was agreed on with the organization.")]
    later: list[LaterPriceObject]

    @classmethod
    def of_price(cls, product: Product, item: LineItem, price: ListedPrice) -> Self:
        later = [
            LaterPriceObject(day.isoformat(), format_unit_price(unit_price), own)
            for day, unit_price, own in price.later
        ]
        return cls(
            product=product.code,
            line_item=item.code,
            unit=item.unit,
            model=price.model or None,
            usd_per_unit=None if price.unit_price is None else format_unit_price(price.unit_price),
            own=price.is_own,
            later=later,
        )


def format_unit_price(unit_price: int) -> str:
    return format_decimal(unit_price, PRICE_DIGITS)


@api_route("GET", "List prices", tag="Usage", credentials=MANAGERS, errors=(403,))
def prices(request: HttpRequest, caller: Caller) -> ObjectList[PriceObject]:
    """Lists what units of all line items cost today and later, on one page. Prices that were agreed on with
    the organization are only there for credentials that may see its usage or settings.
    """
    organization = caller.organization if knows_own_prices(caller.access) else None
    data = [
        PriceObject.of_price(product.product, item.line_item, price)
        for product in build_price_list(organization, timezone.now().date())
        for item in product.items
        for price in item.prices
    ]
    return ObjectList(data=data, first_id=None, last_id=None, has_more=False)
