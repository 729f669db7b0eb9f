"""What pages, files and the billing API write as text is what the totals come to, to the last digit.

Reconciliation compares the same surfaces before they are formatted.
"""

import csv
import datetime as dt
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.keys.helpers.api_client import call
from tests.keys.helpers.terminal_client import logged_in
from tests.support.clock import DAY
from tests.support.pages import signed_in
from tests.usage.helpers.event_client import corrected, event, of_user, results, rfc_3339
from tests.world import World
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, to_decimal
from usage.models import DailyTotal
from usage.reconciliation.records import ReconciliationScope
from usage.reconciliation.surfaces import SURFACES, list_months

pytestmark = pytest.mark.django_db
Sums = dict[tuple[str, str, str, str], tuple[Decimal, Decimal]]


@pytest.fixture
def used_world(world: World, secret: str) -> World:
    """With corrected usage of several days, projects, products and kinds of actors."""
    days = [event(world, id=f"day-{n}", time=rfc_3339(month_end() - n * DAY)) for n in range(4)]
    user = {"user_id": world.owner.public_id, "time": rfc_3339(month_end())}
    playground = of_user(world, id="chat", product="playground", **user)
    storage = event(
        world,
        id="disk",
        time=rfc_3339(month_end()),
        product="volumes",
        line_item="gb_hours",
        unit="gb-hour",
        quantity="0.000001",
        dimensions=None,
    )
    results(secret, *days, playground, storage)
    corrected(
        secret,
        {"id": "c1", "event_id": "day-1", "kind": "void", "reason": "Twice"},
        {"id": "c2", "event_id": "day-2", "kind": "adjust", "quantity": "7", "reason": "Wrong"},
    )
    return world


def month_end() -> dt.datetime:
    """A moment of the last day of last month, which is over."""
    return timezone.now().astimezone(dt.UTC).replace(day=1, hour=12) - DAY


def add_up(rows: Any) -> Sums:
    """Quantity and cost by day, project, product and line item; without those that are 0."""
    sums: Sums = defaultdict(lambda: (Decimal(), Decimal()))
    for *key, quantity, cost in rows:
        before = sums[tuple(key)]
        sums[tuple(key)] = (before[0] + Decimal(quantity), before[1] + Decimal(cost))
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


def sum_totals(world: World) -> Sums:
    totals = DailyTotal.objects.filter(organization=world.organization)
    return add_up(
        (
            str(day),
            slug,
            product,
            item,
            to_decimal(quantity, QUANTITY_DIGITS),
            to_decimal(cost, COST_DIGITS),
        )
        for day, slug, product, item, quantity, cost, _ in totals.sum_rows(
            "day", "project__slug", "line_item__product__code", "line_item__code"
        )
    )


def sum_file(world: World) -> Sums:
    start = month_end().date().replace(day=1)
    response = signed_in(world.owner).get(
        reverse("cost_analytics", args=[world.organization.slug]),
        {"format": "csv", "group_by": "project", "start": start, "end": month_end().date()},
    )
    lines = csv.DictReader(io.StringIO(b"".join(response).decode()))
    names = ("day (UTC)", "project slug", "product", "line item", "units", "cost (USD)")
    return add_up([line[name] for name in names] for line in lines)


def sum_bill(world: World, granularity: str) -> Sums:
    token = logged_in(world.owner).access
    month = f"{month_end():%Y-%m}"
    slugs = dict(world.organization.projects.values_list("public_id", "slug"))
    query = f"month={month}&granularity={granularity}&limit=1000"
    page = call(f"/v1/billing/usage?{query}", token).json()
    return add_up(
        (
            window["date"],
            slugs[line["attributes"]["project_id"]],
            line["attributes"]["product_id"],
            line["pricing_dimensions"]["line_item"],
            line["quantity"],
            line["cost"],
        )
        for window in page["data"]
        for line in window["line_items"]
    )


def test_the_text_of_files_and_of_the_bill_comes_to_the_totals(used_world: World) -> None:
    expected = sum_totals(used_world)
    assert len(expected) == 5
    assert sum_file(used_world) == expected
    assert sum_bill(used_world, "day") == expected
    assert sum_bill(used_world, "hour") == expected


def test_every_surface_is_read_before_it_is_formatted(used_world: World) -> None:
    (month,) = list_months(ReconciliationScope(used_world.organization))
    totals = month.sum_totals()
    for surface in SURFACES:
        read = {cell: amounts for cell, amounts in surface.read(month).items() if any(amounts)}
        expected = surface.adapt_totals(month, totals)
        assert read == {cell: amounts for cell, amounts in expected.items() if any(amounts)}
