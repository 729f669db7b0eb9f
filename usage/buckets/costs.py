"""GET /v1/organization/costs: what an organization pays, by day or hour. Source: OpenAI's Usage API."""

import msgspec
from django.db.models import Q
from django.http import HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller
from accounts.web.api.routes import api_route
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, Amounts, format_decimal, to_decimal
from usage.buckets.names import Names, build_line_item_condition
from usage.buckets.parameters import CostParameters
from usage.buckets.payloads import Amount, BucketPage, CostResult
from usage.buckets.queries import build_report, make_answer, read_page
from usage.buckets.sums import BucketKey, Group
from usage.reports.scope import NO_ID, LineItems

GROUPS = {
    "project_id": {Group.PROJECT},
    "user_id": {Group.USER},
    "api_key_id": {Group.API_KEY},
    "line_item": {Group.LINE_ITEM, Group.MODEL},
}
# The units that the reference API has a plural for are named so.
PLURALS = {"token": "tokens", "image": "images", "character": "characters"}


@api_route(
    "GET",
    "List costs",
    tag="Costs and usage",
    credentials=MANAGERS,
    permission=Permission.COST_ANALYTICS_SEE,
)
def costs(request: HttpRequest, caller: Caller, query: CostParameters) -> BucketPage[CostResult]:
    """Lists the costs of the organization by day or hour, the earliest first. They are the costs of the page
    Cost analytics, to the last digit."""
    groups = set[Group]().union(*(GROUPS[name] for name in query.group_by))
    items = LineItems()
    condition = build_line_item_condition(query.line_items, items) if query.line_items else Q()
    report = build_report(caller, query, groups, condition)
    page = read_page(report, query.limit, default=7, most=180)
    names = Names.of((bucket.sums for bucket in page.buckets), items)
    return make_answer(
        report, page, lambda sums: [make_result(key, sums[key], names) for key in sorted(sums)]
    )


def make_result(key: BucketKey, amounts: Amounts, names: Names) -> CostResult:
    cost = to_decimal(amounts.cost, COST_DIGITS)
    result = CostResult(
        amount=Amount(float(cost), format_decimal(amounts.cost, COST_DIGITS)),
        project_id=names.projects.get(key.project),
        user_id=names.users.get(key.user),
        api_key_id=names.api_keys.get(key.api_key),
    )
    if key.line_item == NO_ID:
        return result
    unit = names.items[key.line_item].unit
    return msgspec.structs.replace(
        result,
        line_item=names.name_line_item(key),
        quantity=float(to_decimal(amounts.quantity, QUANTITY_DIGITS)),
        quantity_decimal=format_decimal(amounts.quantity, QUANTITY_DIGITS),
        quantity_unit=PLURALS.get(unit, unit),
    )
