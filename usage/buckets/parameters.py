"""The parameters of costs and usage by day or hour. Source: OpenAI's Usage API.

Parameters that are lists have names that end in `[]`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import (
    NotSupported,
    Parameters,
)
from usage.buckets.sums import BucketWidth

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
        Meta(
            description="Only these people: their own usage, and that of the keys they created. "
            "Also takes ids of service accounts."
        ),
    ] = msgspec.field(name="user_ids[]", default_factory=list)


CostGroup = Literal["project_id", "user_id", "api_key_id", "line_item"]


class CostParameters(BucketParameters, frozen=True, kw_only=True):
    group_by: Annotated[list[CostGroup], Meta(description="Any of them together.")] = msgspec.field(
        name="group_by[]", default_factory=list
    )
    line_items: Annotated[
        Values, Meta(description="Only these line items, as results name them.")
    ] = msgspec.field(name="line_items[]", default_factory=list)


UsageGroup = Literal["project_id", "user_id", "api_key_id", "model"]


class UsageParameters(BucketParameters, frozen=True, kw_only=True):
    group_by: Annotated[list[UsageGroup], Meta(description="Any of them together.")] = (
        msgspec.field(name="group_by[]", default_factory=list)
    )
    models: Annotated[Values, Meta(description="Only these models.")] = msgspec.field(
        name="models[]", default_factory=list
    )
    batch: NotSupported = None
    sizes: NotSupported = msgspec.field(name="sizes[]", default=None)
    sources: NotSupported = msgspec.field(name="sources[]", default=None)
    context_levels: NotSupported = msgspec.field(name="context_levels[]", default=None)
    vector_store_ids: NotSupported = msgspec.field(name="vector_store_ids[]", default=None)
