"""Costs and usage by day or hour as the API answers them. Source: OpenAI's Usage API."""

from typing import Annotated, Generic, Literal, TypeVar

from msgspec import Meta

from accounts.web.api.payloads import KeyId, Payload, ProjectId
from usage.payloads import CollaboratorId, Decimal

Result = TypeVar("Result")


class Bucket(Payload, Generic[Result], frozen=True, kw_only=True):
    """One day or hour. It has no results if nothing was used."""

    object: Literal["bucket"] = "bucket"
    start_time: Annotated[int, Meta(description="Unix seconds.")]
    end_time: Annotated[int, Meta(description="Unix seconds, exclusive.")]
    results: list[Result]


class BucketPage(Payload, Generic[Result], frozen=True, kw_only=True):
    """Buckets without gaps, in the order of time."""

    object: Literal["page"] = "page"
    data: list[Bucket[Result]]
    has_more: bool
    next_page: Annotated[str | None, Meta(description="Send it as `page`.")]


class Amount(Payload, frozen=True):
    """`decimal` is exact, `value` the nearest number."""

    value: Annotated[float, Meta(examples=[0.00011264])]
    decimal: Annotated[Decimal, Meta(examples=["0.00011264"])]
    currency: Literal["usd"] = "usd"


class CostResult(Payload, frozen=True, kw_only=True):
    """A cost. What it is not grouped by is null; so are the user and key of usage that has none."""

    object: Literal["organization.costs.result"] = "organization.costs.result"
    amount: Amount
    project_id: ProjectId | None = None
    user_id: CollaboratorId | None = None
    api_key_id: KeyId | None = None
    line_item: Annotated[
        str | None,
        Meta(
            description="Product, model and line item.",
            examples=["serverless-inference, llama-3.3-70b, output_tokens"],
        ),
    ] = None
    quantity: Annotated[float | None, Meta(description="Only grouped by line item.")] = None
    quantity_decimal: Annotated[Decimal | None, Meta(description="The exact quantity.")] = None
    quantity_unit: Annotated[str | None, Meta(examples=["tokens"])] = None
