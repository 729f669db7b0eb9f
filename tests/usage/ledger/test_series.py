"""Series: created in one order by everything that writes records."""

from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from console import triggers
from tests.database.attempts.usage import used
from tests.usage.ledger.test_series_walk import start_walk, wide
from tests.world import World
from usage.enums import Reason
from usage.ids import UserId
from usage.ledger.series import SharedFields, ensure_series, fetch_series, select_series, sort_key
from usage.ledger.series_walk import find_all_series
from usage.models import Series, UsageRecord
from usage.triggers.records import SERIES_COLUMNS

pytestmark = pytest.mark.django_db
# How they differ from the series of `used`. NULL counts as 0, wherever the database would sort it.
IN_ORDER: tuple[dict[str, Any], ...] = (
    {"unit_price": 9, "api_key": None, "intended_project": None},
    {"unit_price": 8, "api_key": None, "reason": Reason.NO_PROJECT},
    {"unit_price": 8, "reason": Reason.PLAYGROUND},
    {"unit_price": 8},
)


def read_series() -> list[SharedFields]:
    return [SharedFields.of(series) for series in Series.objects.order_by("pk")]


def write_former_records(world: World) -> None:
    """Writes records as the version before does, in one statement and out of order."""
    record, records = used(world), []
    fields = [field.attname for field in UsageRecord._meta.concrete_fields if field.name != "id"]
    for number, values in enumerate(reversed(IN_ORDER)):
        former = wide(world, **{f"former_{name}": value for name, value in values.items()})
        same = {name: getattr(record, name) for name in fields}
        records.append(UsageRecord(**{**same, **former, "event_id": f"old-{number}"}))
    UsageRecord.objects.bulk_create(records)


def assert_created_in_order() -> None:
    first, *created = read_series()
    assert created == [first._replace(**values) for values in IN_ORDER]
    assert created == sorted(created, key=sort_key)


def test_a_series_is_found_without_those_of_other_keys_and_people(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    used(world)
    (by_key,) = read_series()
    by_nobody = by_key._replace(api_key=None)
    people = [UserId(world.owner.pk), UserId(world.project_member.pk)]
    wanted = [by_key, by_nobody, *(by_nobody._replace(user=person) for person in people)]
    stored = ensure_series(wanted)
    for shared in wanted:
        assert [series.pk for series in select_series([shared])] == [stored[shared]]
    for number in range(1, 5):
        with django_assert_num_queries(1):
            assert fetch_series(wanted[:number]) == {key: stored[key] for key in wanted[:number]}


def test_the_fields_of_a_series_are_in_the_order_of_its_columns(world: World) -> None:
    columns = {field.name: field.column for field in Series._meta.concrete_fields}
    del columns["id"]
    assert [columns[name] for name in SharedFields._fields] == list(SERIES_COLUMNS)
    assert set(SERIES_COLUMNS) == set(columns.values())
    series = used(world).series
    for name, value in SharedFields.of(series)._asdict().items():
        assert getattr(series, Series._meta.get_field(name).attname) == value


def test_series_are_created_in_the_order_of_their_columns(world: World) -> None:
    used(world)
    (first,) = read_series()
    ensure_series([first._replace(**values) for values in reversed(IN_ORDER)])
    assert_created_in_order()


@pytest.mark.postgresql
def test_the_trigger_creates_series_in_the_same_order(world: World) -> None:
    write_former_records(world)
    assert_created_in_order()


def test_the_walk_creates_series_in_the_same_order(world: World) -> None:
    used(world)
    triggers.drop(connection)
    write_former_records(world)
    triggers.install(connection)
    start_walk()
    assert find_all_series() == len(IN_ORDER)
    assert_created_in_order()
