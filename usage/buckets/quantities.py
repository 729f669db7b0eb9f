"""GET /v1/organization/usage/…: what an organization used, by day or hour.

Line items say where they are counted (`reported_as`), so that it is the operator who decides which products
are completions and which are embeddings.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import Q
from django.http import HttpRequest

from accounts.access.decorators import View
from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller
from accounts.web.api.routes import api_route
from usage.amounts import QUANTITY_DIGITS, Amounts, to_decimal
from usage.buckets.names import Names
from usage.buckets.parameters import UsageParameters
from usage.buckets.payloads import BucketPage
from usage.buckets.queries import build_report, make_answer, read_page
from usage.buckets.results import RESULTS, UsageResult
from usage.buckets.sums import BucketKey, BucketWidth, Group, Sums
from usage.enums import UsageField
from usage.ids import LineItemId, ModelId
from usage.model_names import find_spellings
from usage.reports.scope import NO_ID, LineItems

Kind = TypeVar("Kind", bound=UsageResult)
GROUPS = {
    "project_id": Group.PROJECT,
    "user_id": Group.USER,
    "api_key_id": Group.API_KEY,
    "model": Group.MODEL,
}
# How many buckets a page has by default, and at most.
LIMITS = {BucketWidth.DAY: (7, 31), BucketWidth.HOUR: (24, 168)}
# Fields that are a part of another one, and are counted there too.
PARTS = {
    "input_cached_tokens": "input_tokens",
    "input_audio_tokens": "input_tokens",
    "output_audio_tokens": "output_tokens",
}
REQUESTS = "num_model_requests"


def list_usage(caller: Caller, query: UsageParameters, kind: type[Kind]) -> BucketPage[Kind]:
    """Returns the usage that is counted as results of that kind.

    Requests are those of whole products, as one line item of a product counts them.
    """
    items = LineItems()
    counted = find_counted(items, kind.path)
    groups = {Group.LINE_ITEM, *(GROUPS[name] for name in query.group_by)}
    report = build_report(caller, query, groups, build_condition(items, counted, query.models))
    default, most = LIMITS[query.bucket_width]
    page = read_page(report, query.limit, default=default, most=most)
    names = Names.of((bucket.sums for bucket in page.buckets), items)

    def make_results(sums: Sums) -> list[Kind]:
        merged = merge_items(sums, counted)
        return [make_result(kind, key, merged[key], names) for key in sorted(merged)]

    return make_answer(report, page, make_results)


def find_counted(items: LineItems, path: str) -> dict[LineItemId, UsageField]:
    """Returns the line items that are counted at a path, with their fields."""
    fields = {
        pk: UsageField(item.reported_as) for pk, item in items.by_id.items() if item.reported_as
    }
    return {pk: field for pk, field in fields.items() if field.path == path}


def build_condition(
    items: LineItems, counted: Collection[LineItemId], models: Collection[str]
) -> Q:
    """Returns the condition of the usage of all products that have such line items."""
    products = {items[pk].product_id for pk in counted}
    condition = Q(
        line_item__in=[pk for pk, item in items.by_id.items() if item.product_id in products]
    )
    spellings = set[ModelId]().union(*find_spellings(models).values())
    return condition & Q(model__in=spellings) if models else condition


def merge_items(
    sums: Sums, counted: dict[LineItemId, UsageField]
) -> dict[BucketKey, dict[str, int]]:
    """Returns the quantities by field in 10⁻⁶ units, and the number of requests, of each group."""
    merged: dict[BucketKey, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, amounts in sums.items():
        group = merged[key._replace(line_item=LineItemId(NO_ID))]
        group[REQUESTS] += amounts.requests
        if field := counted.get(key.line_item):
            add_quantity(group, field.field, amounts)
    return {key: group for key, group in merged.items() if any(group.values())}


def add_quantity(group: dict[str, int], field: str, amounts: Amounts) -> None:
    group[field] += amounts.quantity
    if whole := PARTS.get(field):
        group[whole] += amounts.quantity


def make_result(kind: type[Kind], key: BucketKey, amounts: dict[str, int], names: Names) -> Kind:
    own_fields = set(kind.__struct_fields__) - {*UsageResult.__struct_fields__, "object"}
    return kind(
        project_id=names.projects.get(key.project),
        user_id=names.users.get(key.user),
        api_key_id=names.api_keys.get(key.api_key),
        model=names.models.get(key.model) or None,
        **{name: count_field(name, amounts[name]) for name in own_fields},
    )


def count_field(name: str, amount: int) -> int:
    """Returns the number of requests, or a quantity in whole units, rounded half-even."""
    return amount if name == REQUESTS else round(to_decimal(amount, QUANTITY_DIGITS))


def make_view(kind: type[UsageResult]) -> View:
    """Returns the view of the path that has results of that kind."""

    def view(request: HttpRequest, caller: Caller, query: UsageParameters) -> Any:
        """Lists what the organization used, the earliest bucket first."""
        return list_usage(caller, query, kind)

    page: Any = BucketPage
    declare = api_route(
        "GET",
        f"List usage of {kind.path.replace('_', ' ')}",
        tag="Costs and usage",
        credentials=MANAGERS,
        permission=Permission.COST_ANALYTICS_SEE,
        answer=page[kind],
    )
    return declare(view)


# By the last part of their paths.
VIEWS = {kind.path: make_view(kind) for kind in RESULTS}
