"""GET /v1/organization/early_access: the page *Early access* for programs."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from django.http import HttpRequest
from msgspec import Meta

from accounts.web.api.callers import MANAGERS, Caller
from accounts.web.api.listing import ObjectList
from accounts.web.api.payloads import Payload
from accounts.web.api.routes import api_route
from usage.catalogue.early_access import ProductRow, list_rows


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
