"""A project's usage report as the API answers it, and what it can be asked."""

from typing import Annotated, Literal

from msgspec import Meta

from accounts.web.api.payloads import Parameters, Payload, ProjectId
from usage.enums import Dimension, Measure, Step
from usage.payloads import Day, Decimal

SEVERAL = "May be there several times. With `exclude_` before its name: everything but that."
DIMENSIONS = "|".join(dimension.value for dimension in Dimension if dimension != Dimension.PROJECT)
GroupBy = Annotated[
    str,
    Meta(
        description="One of `product`, `model`, `line_item`, `api_key` and `collaborator`, or a tag as "
        "`tag:` with its name.",
        pattern=rf"^({DIMENSIONS}|tag:[a-z][a-z0-9_-]{{0,39}})$",
        examples=["product", "tag:cost-center"],
    ),
]


class ReportParameters(Parameters, frozen=True, kw_only=True):
    """The parameters of the page *Usage*."""

    start: Annotated[Day | None, Meta(description="By default the first of the month.")] = None
    end: Annotated[Day | None, Meta(description="Included. By default the last of the month.")] = (
        None
    )
    measure: Measure = Measure.COST
    granularity: Annotated[
        Step | None,
        Meta(
            description="The length of `periods`. By default it depends on how many days there are."
        ),
    ] = None
    group_by: GroupBy = Dimension.PRODUCT.value
    unit: Annotated[
        str | None,
        Meta(description="If units are measured: which. By default the most expensive."),
    ] = None
    product: Annotated[str | None, Meta(description=f"Code of a product. {SEVERAL}")] = None
    line_item: Annotated[str | None, Meta(description=f"Code of a line item. {SEVERAL}")] = None
    model: Annotated[str | None, Meta(description=f"Name of a model, or none. {SEVERAL}")] = None
    api_key: Annotated[str | None, Meta(description=f"Id of a key, or none. {SEVERAL}")] = None
    collaborator: Annotated[str | None, Meta(description=f"Id of a user, or none. {SEVERAL}")] = (
        None
    )


class UsageLine(Payload, frozen=True, kw_only=True):
    """What a group used of one line item and model."""

    product: Annotated[str, Meta(examples=["serverless-inference"])]
    line_item: Annotated[str, Meta(examples=["output_tokens"])]
    model: Annotated[str | None, Meta(examples=["llama-3.3-70b"])]
    unit: Annotated[str, Meta(examples=["token"])]
    quantity: Decimal
    cost: Annotated[Decimal, Meta(description="In USD.", examples=["0.00011264"])]
    requests: int


class UsageGroup(Payload, frozen=True, kw_only=True):
    """A group with its lines, the largest first."""

    id: Annotated[str, Meta(description="`none` without a key, user, model or value.")]
    name: str
    amount: Decimal
    lines: list[UsageLine]


class UsagePeriod(Payload, frozen=True):
    """A bar of the page's chart: an hour, day, week or month."""

    start_time: Annotated[int, Meta(description="Unix seconds.")]
    amount: Decimal


class UsageReport(Payload, frozen=True, kw_only=True):
    """Amounts are costs in USD, or quantities of `unit`. They are exact, and those of the page."""

    object: Literal["project.usage"] = "project.usage"
    project_id: ProjectId
    start: Day
    end: Day
    measure: Measure
    granularity: Step
    group_by: GroupBy
    unit: Annotated[str | None, Meta(description="Null if costs are measured.")]
    total: Decimal
    groups: list[UsageGroup]
    periods: list[UsagePeriod]
