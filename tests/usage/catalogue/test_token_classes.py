"""Cached, written and reasoning tokens are line items of their own, added to catalogues that are there."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.database.refusals import all_rows
from tests.support.triggers import triggers_aside
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.models import LineItem, Price, UsageRecord

pytestmark = pytest.mark.django_db
CLASSES = ("cached_input_tokens", "cache_write_tokens", "reasoning_tokens")
MIGRATION = import_module("usage.migrations.0012_token_classes")


def migrate() -> None:
    MIGRATION.add_classes(apps, connection.schema_editor())


def added() -> dict[str, Any]:
    """What the catalogue has of the classes, without ids."""
    items = LineItem.objects.filter(product__code="serverless-inference", code__in=CLASSES)
    fields = ("code", "name", "unit", "counts_requests", "reported_as")
    prices = ("prices__model", "prices__unit_price", "prices__starts_on")
    rows = items.order_by("code", "prices__model").values_list(*fields, *prices)
    return {f"{row[0]} {row[5]}": row[1:] for row in rows}


def forget_classes() -> None:
    """The catalogue as it was before there were any."""
    with triggers_aside("DELETE"):
        Price.objects.filter(line_item__code__in=CLASSES).delete()
        LineItem.objects.filter(code__in=CLASSES).delete()


def test_each_class_has_its_price_and_reasoning_costs_nothing(world: World, secret: str) -> None:
    sent = [
        event(world, id=code, line_item=code, quantity="1000000", dimensions=None)
        for code in ("input_tokens", *CLASSES)
    ]
    assert {one["status"] for one in results(secret, *sent)} == {"accepted"}
    costs = dict(UsageRecord.objects.values_list("event_id", "cost"))
    assert costs == {
        "input_tokens": 8_800_000_000,
        "cached_input_tokens": 4_400_000_000,
        "cache_write_tokens": 11_000_000_000,
        "reasoning_tokens": 0,
    }


def test_a_catalogue_that_is_there_gets_what_the_preset_has(world: World) -> None:
    expected = added()
    forget_classes()
    assert added() == {}
    migrate()
    assert added() == expected
    before = all_rows()
    migrate()
    assert all_rows() == before


def test_who_set_prices_of_their_own_sets_these_too(world: World) -> None:
    forget_classes()
    tokens = LineItem.objects.get(product__code="serverless-inference", code="input_tokens")
    tokens.prices.create(model="ours", unit_price=5, starts_on="2026-01-01")
    rows = {table: rows for table, rows in all_rows().items() if table != "usage_lineitem"}
    migrate()
    assert {name.split()[0] for name in added()} == set(CLASSES)
    assert rows == {t: rows for t, rows in all_rows().items() if t != "usage_lineitem"}


def test_a_line_item_that_has_the_code_stays_as_it_is(world: World) -> None:
    forget_classes()
    product = LineItem.objects.filter(product__code="serverless-inference")[:1].get().product
    own = product.line_items.create(code="reasoning_tokens", name="Thoughts", unit="token")
    migrate()
    own.refresh_from_db()
    assert (own.name, own.prices.count()) == ("Thoughts", 0)
