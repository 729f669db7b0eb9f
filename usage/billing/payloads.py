"""The bill as the API answers it, and what it can be asked."""

from typing import Annotated, Literal

from msgspec import Meta

from accounts.web.api.payloads import (
    After,
    Cursor,
    OrganizationId,
    Parameters,
    Payload,
    Timestamp,
    describe_limit,
)
from usage.enums import Granularity
from usage.payloads import Decimal

MONTH = r"^2[01][0-9]{2}-(0[1-9]|1[0-2])\Z"
Month = Annotated[
    str, Meta(pattern=MONTH, examples=["2026-11"], extra_json_schema={"format": "month"})
]


class BillParameters(Parameters, frozen=True):
    month: Annotated[Month | None, Meta(description="The current month by default.")] = None
    granularity: Annotated[Granularity, Meta(description="The length of a window.")] = (
        Granularity.DAY
    )
    limit: Annotated[int, describe_limit(1000, "windows")] = 100
    after: After = None
    organization_id: Annotated[
        OrganizationId | None,
        Meta(description="For a login: one of its organizations.", extra={"status": 400}),
    ] = None


class BilledItem(Payload, frozen=True):
    product_name: Annotated[str, Meta(examples=["Serverless inference"])]
    quantity: Annotated[Decimal, Meta(examples=["128"])]
    unit_price: Annotated[Decimal, Meta(examples=["0.00000088"])]
    cost: Annotated[Decimal, Meta(examples=["0.00011264"])]
    pricing_dimensions: Annotated[
        dict[str, str],
        Meta(examples=[{"model": "llama-3.3-70b", "line_item": "output_tokens", "unit": "token"}]),
    ]
    attributes: Annotated[dict[str, str], Meta(examples=[{"product_id": "serverless-inference"}])]


class BilledWindow(Payload, frozen=True):
    date: Annotated[str, Meta(extra_json_schema={"format": "date"}, examples=["2026-11-23"])]
    start_time: Annotated[Timestamp, Meta(examples=["2026-11-23T00:00:00Z"])]
    end_time: Annotated[Timestamp, Meta(examples=["2026-11-24T00:00:00Z"])]
    line_items: list[BilledItem]


class BillPage(Payload, frozen=True):
    """One page of the bill. Times are UTC, ends exclusive; earliest and latest are of the whole month."""

    object: Literal["list"]
    organization_id: OrganizationId
    billing_period: Month
    currency: Literal["USD"]
    earliest_window_start: Annotated[Timestamp | None, Meta(examples=["2026-11-23T00:00:00Z"])]
    latest_window_end: Annotated[Timestamp | None, Meta(examples=["2026-11-24T00:00:00Z"])]
    data: list[BilledWindow]
    next_cursor: Cursor
