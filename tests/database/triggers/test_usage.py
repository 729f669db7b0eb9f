"""What the database refuses of usage: records are append-only, and no row mixes organizations."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.database.attempts.usage import (
    coming_price,
    moved_usage,
    new_record,
    new_series,
    price,
    product,
    total,
    used,
)
from tests.database.refusals import refused, run
from tests.database.writes import changed
from tests.support.clock import DAY
from tests.support.triggers import triggers_aside
from tests.world import World
from usage.enums import RecordKind
from usage.models import DailyTotal, HourlyTotal, LineItem, ModelName, Price, UsageRecord

pytestmark = pytest.mark.django_db
MIXED = "usage is billed to a project of its organization"


def test_records_can_be_neither_changed_nor_deleted(world: World) -> None:
    record = used(world)
    with refused("usage records cannot be changed"):
        changed(record, cost=0)
    with refused("usage records cannot be deleted"):
        run("DELETE FROM usage_usagerecord")
    if connection.vendor == "postgresql":
        with refused("usage records cannot be deleted"):
            run("TRUNCATE usage_usagerecord")
    assert UsageRecord.objects.get().cost == record.cost


def test_series_can_be_neither_changed_nor_deleted(world: World) -> None:
    series = used(world).series
    with refused("series cannot be changed"):
        changed(series, unit_price=1)
    with refused("series cannot be deleted"):
        run("DELETE FROM usage_series")
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")  # those of the new series, which would refuse it first
        with refused("series cannot be deleted"):
            run("TRUNCATE usage_series")


def test_a_series_never_mixes_organizations(world: World) -> None:
    other = world.other_organization.pk
    mixed: list[dict[str, Any]] = [
        {"organization_id": other},
        {"project_id": world.other_project.pk},
        {"intended_organization_id": other},
        {"intended_project_id": world.other_project.pk},
        {"intended_project_id": world.production.pk},
        {"intended_project_id": None},
        {"api_key_id": world.other_key.pk},
        {"project_id": 10**9},
        {"intended_organization_id": 10**9, "intended_project_id": None, "api_key_id": None},
    ]
    for values in mixed:
        with refused(MIXED):
            new_series(world, **values)
    new_series(world, project_id=world.default.pk)


def test_a_record_fits_its_series(world: World) -> None:
    record = used(world)
    void = new_series(world, kind=RecordKind.VOID, requests=-1)
    unfit: list[dict[str, Any]] = [
        {"series_id": 10**9},
        {"intended_organization_id": world.other_organization.pk},
        {"quantity": -1},
        {"cost": -1},
        {"original_id": record.pk},
        {"series_id": void.pk, "quantity": 0, "cost": 0},
        {"series_id": void.pk, "quantity": 1, "cost": 0, "original_id": record.pk},
        {"series_id": void.pk, "quantity": 0, "cost": 1, "original_id": record.pk},
    ]
    for values in unfit:
        with refused("a record fits its series"):
            new_record(world, **values)
    new_record(world)


def test_a_correction_points_at_usage_of_the_same_time_and_organization(world: World) -> None:
    record = used(world)
    series = new_series(world, kind=RecordKind.VOID, requests=-1)
    void = {"series_id": series.pk, "quantity": 0, "cost": 0}
    with refused("a correction points at usage"):
        new_record(world, **void, original_id=record.pk, time=record.time - DAY)
    with refused("a correction points at usage"):
        new_record(world, **void, original_id=10**9)
    new_record(world, **void, original_id=record.pk)


@pytest.mark.parametrize("table", [DailyTotal, HourlyTotal])
def test_a_total_stays_in_a_project_of_its_organization(
    world: World, table: type[DailyTotal] | type[HourlyTotal]
) -> None:
    moved_usage(world)
    with refused("a total stays in its project"):
        total(table, world).update(project_id=world.default.pk)
    row = total(table, world)[:1].get()
    row.project_id = world.other_project.pk
    with refused(MIXED):
        table.objects.bulk_create([row])


def test_codes_of_the_catalogue_never_change(world: World) -> None:
    with refused("never changes"):
        changed(product(world), code="other")
    with refused("never changes"):
        changed(used(world).series.line_item, code="other")


def test_a_price_that_has_begun_is_neither_changed_nor_deleted(world: World) -> None:
    begun, coming = price(world), coming_price(world, organization=world.organization)
    changes: list[dict[str, Any]] = [
        {"unit_price": 1},
        {"starts_on": dt.date(2100, 1, 1)},
        {"model": "other"},
        {"organization": world.organization},
        {"line_item": product(world).line_items.get(code="input_tokens")},
    ]
    for values in changes:
        with refused("a price that has begun cannot be changed"):
            changed(begun, **values)
        changed(coming, **values)
    with refused("a price that has begun cannot be deleted"):
        Price.objects.filter(pk=begun.pk).delete()
    begins_today = price(world).line_item.prices.create(
        model="new", unit_price=1, starts_on=timezone.now().astimezone(dt.UTC).date()
    )
    with refused("a price that has begun cannot be deleted"):
        Price.objects.filter(pk=begins_today.pk).delete()
    Price.objects.filter(pk=coming.pk).delete()


def test_a_canonical_model_is_canonical_itself(world: World) -> None:
    models = ModelName.objects
    head, other = models.create(name="head"), models.create(name="other")
    spelling = models.create(name="HEAD", canonical=head)
    with refused("a canonical model is canonical itself"):
        models.create(name="Head", canonical=spelling)
    for row, canonical in ((other, spelling), (head, other), (other, other)):
        with refused("a canonical model is canonical itself"):
            changed(row, canonical=canonical)
    changed(spelling, canonical=other)
    changed(head, canonical=other)


def test_usage_of_tokens_is_whole_but_stored_fractions_can_be_voided(world: World) -> None:
    with refused("tokens, requests and sessions are whole"):
        new_record(world, quantity=1_500_000)
    with triggers_aside("INSERT"):
        (stored,) = new_record(world, quantity=1_500_000)
    series = new_series(world, kind=RecordKind.VOID, requests=-1)
    void = {"series_id": series.pk, "original_id": stored.pk, "event_id": "void", "cost": 0}
    new_record(world, **void, quantity=-1_500_000)
    volumes = LineItem.objects.get(product__code="volumes")
    hours = new_series(world, line_item_id=volumes.pk, requests=0)
    new_record(world, series_id=hours.pk, event_id="hours", quantity=1_500_000)
