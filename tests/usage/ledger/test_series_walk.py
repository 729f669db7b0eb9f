"""Records that the version before writes get their series: at once, or by the walk of `migrate`."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from console import triggers
from tests.database.attempts.usage import new_record, new_series, used
from tests.database.refusals import refused, run
from tests.database.writes import changed
from tests.support.clock import DAY, set_clock
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.world import World
from usage.ledger import series_walk
from usage.ledger.series_walk import find_all_series, is_walk_unfinished
from usage.models import Series, SeriesWalk, UsageRecord
from usage.triggers.records import SERIES_COLUMNS

pytestmark = pytest.mark.django_db


def wide(world: World, **values: Any) -> dict[str, Any]:
    """The values of a record as the version before writes it, for `new_record`."""
    series, fields = used(world).series, Series._meta.concrete_fields
    former = {
        f"former_{field.name}": getattr(series, field.attname)
        for field in fields
        if field.name not in ("id", "intended_organization")
    }
    return {"series_id": None, **former, **values}


def start_walk() -> None:
    SeriesWalk.objects.all().delete()
    SeriesWalk.objects.create()


def test_a_record_of_the_version_before_gets_its_series_at_once(world: World) -> None:
    new_record(world, **wide(world))
    assert set(UsageRecord.objects.values_list("series", flat=True)) == {used(world).series.pk}
    new_record(world, event_id="dearer", **wide(world, former_unit_price=7))
    assert UsageRecord.objects.get(event_id="dearer").series.unit_price == 7


def test_a_record_of_the_version_before_mixes_no_organizations_either(world: World) -> None:
    with refused("usage is billed to a project of its organization"):
        new_record(world, **wide(world, former_project=world.other_project.pk))
    with refused("usage is billed to a project of its organization"):
        new_record(world, series_id=None)
    with refused("usage records cannot be changed", "a record fits its series"):
        new_record(world, **wide(world, quantity=-1))


def without_series(world: World, number: int) -> None:
    """So many records as they are before the walk."""
    triggers.drop(connection)
    for position in range(number):
        new_record(world, event_id=f"old-{position}", **wide(world, former_unit_price=position))
    triggers.install(connection)


def test_the_walk_gives_every_record_its_series_and_changes_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_series(world, 10)
    columns = ", ".join(SERIES_COLUMNS)
    before = rows(f"SELECT id, event_id, cost, {columns} FROM usage_usagerecord ORDER BY id")
    start_walk()
    monkeypatch.setattr(series_walk, "BATCH", 3)
    assert (is_walk_unfinished(), find_all_series(), is_walk_unfinished()) == (True, 10, False)
    assert before == rows(
        f"SELECT id, event_id, cost, {columns} FROM usage_usagerecord ORDER BY id"
    )
    prices = UsageRecord.objects.filter(event_id__startswith="old-").order_by("pk")
    assert list(prices.values_list("series__unit_price", flat=True)) == list(range(10))
    start_walk()
    assert find_all_series() == 0


def rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_an_interrupted_walk_is_continued_by_migrate(
    world: World, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    without_series(world, 10)
    start_walk()
    monkeypatch.setattr(series_walk, "BATCH", 4)
    assert series_walk.walk_batch() > 0
    assert SeriesWalk.objects.get().reached > 0
    answer = client.get("/readyz")
    assert (answer.status_code, b"usage records" in answer.content) == (503, True)
    call_command("migrate", verbosity=0)
    assert not UsageRecord.objects.filter(series_id=None).exists()
    assert client.get("/readyz").status_code == 200


def test_only_the_right_series_and_only_once(world: World) -> None:
    without_series(world, 1)
    record = UsageRecord.objects.get(event_id="old-0")
    other = new_series(world, unit_price=5)
    with refused("usage records cannot be changed"):
        changed(record, series_id=other.pk)
    right = new_series(world, unit_price=0)
    with refused("usage records cannot be changed"):
        changed(record, series_id=right.pk, cost=record.cost + 1)
    assert changed(record, series_id=right.pk) == 1
    with refused("usage records cannot be changed"):
        run("UPDATE usage_usagerecord SET series_id = NULL")


def test_a_database_without_records_has_nothing_to_walk_over() -> None:
    start_walk()
    assert find_all_series() == 0
    assert not SeriesWalk.objects.exists()
    printed = io.StringIO()
    call_command("reconcile", stdout=printed)
    assert "difference 0" in printed.getvalue()
    assert_totals_are_the_records()


@pytest.mark.postgresql
def test_nodes_of_the_version_before_can_read_what_is_written_until_a_day_after_the_walk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_walk, "CACHE", {})
    SeriesWalk.objects.all().delete()
    SeriesWalk.objects.create(finished_at=timezone.now())
    record = used(world)
    series = record.series
    for name in ("organization", "project", "intended_project", "line_item", "model", "api_key"):
        assert getattr(record, f"former_{name}") == getattr(series, f"{name}_id")
    assert record.former_user is None
    for name in ("unit_price", "reason", "kind", "requests"):
        assert getattr(record, f"former_{name}") == getattr(series, name)
    set_clock(monkeypatch, timezone.now() + 2 * DAY)
    assert not series_walk.are_former_columns_read()
