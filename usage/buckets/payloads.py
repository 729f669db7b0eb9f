"""Costs by day or hour as the API answers them, and what it can be asked.

Source: OpenAI's Usage API. Parameters that are lists have names that end in `[]`.
"""

from typing import Annotated, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import KeyId, Parameters, Payload, ProjectId, UserId
from usage.buckets.sums import BucketWidth
from usage.payloads import Decimal

Result = TypeVar("Result")
MAX_VALUES = 100
LAST_SECOND = 253_370_764_800  # the first of the year 9999
Seconds = Annotated[float, Meta(ge=0, le=LAST_SECOND, examples=[1_795_392_000])]
Values = Annotated[list[str], Meta(max_length=MAX_VALUES)]


class BucketParameters(Parameters, frozen=True, kw_only=True):
    """What costs and usage have in common."""

    start_time: Annotated[
        Seconds, Meta(description="Unix seconds. The bucket that it is in is the first.")
    ]
    end_time: Annotated[
        Seconds | None,
        Meta(
            description="Unix seconds, exclusive; the bucket that it is in is included. By default now."
        ),
    ] = None
    bucket_width: Annotated[BucketWidth, Meta(description="In UTC.")] = BucketWidth.DAY
    limit: Annotated[int | None, Meta(description="How many buckets a page has.")] = None
    page: Annotated[str | None, Meta(description="The `next_page` of the page before.")] = None
    project_ids: Annotated[
        Values, Meta(description="Only these projects, where the usage is billed.")
    ] = msgspec.field(name="project_ids[]", default_factory=list)
    api_key_ids: Annotated[Values, Meta(description="Only these API keys.")] = msgspec.field(
        name="api_key_ids[]", default_factory=list
    )
    user_ids: Annotated[
        Values,
        Meta(description="Only these people: their own usage, and that of the keys they created."),
    ] = msgspec.field(name="user_ids[]", default_factory=list)


CostGroup = Literal["project_id", "user_id", "api_key_id", "line_item"]


class CostParameters(BucketParameters, frozen=True, kw_only=True):
    group_by: Annotated[list[CostGroup], Meta(description="Any of them together.")] = msgspec.field(
        name="group_by[]", default_factory=list
    )
    line_items: Annotated[
        Values, Meta(description="Only these line items, as results name them.")
    ] = msgspec.field(name="line_items[]", default_factory=list)


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
    user_id: UserId | None = None
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
