"""Reconciling finds every difference between records and totals, and nothing where there is none."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from console import triggers
from tests.database.attempts.usage import moved_usage, used
from tests.database.refusals import run
from tests.support.clock import DAY
from tests.usage.helpers.event_client import corrected, event, of_user, results, rfc_3339
from tests.world import World
from usage.models import DailyTotal, HourlyTotal
from usage.models.record import UsageRecord

pytestmark = pytest.mark.django_db
NOTHING = "0 sums of totals and 0 months as they are shown: difference 0.\n"


@pytest.fixture
def used_world(world: World, secret: str) -> World:
    """With usage of all kinds: several days and people, corrected, taken back, moved."""
    now = timezone.now()
    days = [event(world, id=f"day-{n}", time=rfc_3339(now - n * DAY)) for n in range(5)]
    people = [
        of_user(world, id=f"of-{user.pk}-{product}", user_id=user.public_id, product=product)
        for user in (world.external, world.owner)
        for product in ("serverless-inference", "playground")
    ]
    results(secret, *days, *people)
    corrected(
        secret,
        {"id": "c1", "event_id": "day-1", "kind": "void", "reason": "Twice"},
        {"id": "c2", "event_id": "day-2", "kind": "adjust", "quantity": "7", "reason": "Wrong"},
    )
    moved_usage(world)
    return world


def reconciled(**options: Any) -> str:
    said = StringIO()
    call_command("reconcile", stdout=said, **options)
    return said.getvalue()


def differences(**options: Any) -> list[str]:
    said = StringIO()
    with pytest.raises(CommandError, match="differences in") as raised:
        call_command("reconcile", stdout=said, **options)
    assert raised.value.returncode == 1
    listed = said.getvalue().splitlines()
    assert str(raised.value).startswith(f"{len(listed)} differences in ")
    return listed


def of_totals(**options: Any) -> list[str]:
    """The differences between records and totals."""
    return [line for line in differences(**options) if ": records " in line]


def test_nothing_differs_in_what_the_console_wrote(used_world: World) -> None:
    assert reconciled().startswith(f"{DailyTotal.objects.count()} sums of totals and ")
    assert reconciled().endswith(" months as they are shown: difference 0.\n")


def test_without_usage_there_is_nothing_to_differ(world: World) -> None:
    assert reconciled() == NOTHING


@pytest.mark.parametrize("column", ["quantity", "cost", "requests"])
@pytest.mark.parametrize("table", [DailyTotal, HourlyTotal])
def test_a_changed_total_is_listed(
    used_world: World, table: type[DailyTotal] | type[HourlyTotal], column: str
) -> None:
    before = DailyTotal.objects.count()
    run(f"UPDATE {table._meta.db_table} SET {column} = {column} + 1")
    assert len(of_totals()) == before
    run(f"UPDATE {table._meta.db_table} SET {column} = {column} - 1")
    reconciled()


def test_a_difference_says_where_it_is_and_what_each_has(world: World) -> None:
    record = used(world)
    run("UPDATE usage_dailytotal SET cost = cost + 1")
    (listed,) = differences()
    assert listed == (
        f"northwind {world.research.slug} {record.time:%Y-%m-%d} serverless-inference/output_tokens "
        f"(intended for {world.research.slug}, {world.key.public_id}, key_project, 0.00000088 USD each): "
        "records 1000 for 0.00088 USD in 1 requests; "
        "daily totals 1000 for 0.0008800001 USD in 1 requests; "
        "hourly totals 1000 for 0.00088 USD in 1 requests"
    )


def test_a_lost_total_and_one_too_many_are_listed(world: World) -> None:
    used(world)
    run("DELETE FROM usage_hourlytotal")
    row = DailyTotal.objects.get()
    row.day -= DAY
    DailyTotal.objects.bulk_create([row])
    first, second = of_totals()
    assert "records 0 for 0 USD in 0 requests; daily totals 1000" in first
    assert second.endswith("hourly totals 0 for 0 USD in 0 requests")


def test_usage_in_the_totals_of_another_key_is_listed(world: World) -> None:
    used(world)
    run("UPDATE usage_dailytotal SET api_key_id = 0")
    assert len(differences()) == 2


def test_a_record_past_the_totals_is_listed(world: World) -> None:
    record = used(world)
    triggers.drop(connection)
    record.pk, record.event_id = None, "another"
    UsageRecord.objects.bulk_create([record])
    assert "records 2000 for 0.00176 USD in 2 requests" in differences()[0]


def test_only_what_was_asked_for_is_looked_at(used_world: World) -> None:
    run("UPDATE usage_dailytotal SET cost = cost + 1")
    assert reconciled(organization=used_world.other_organization.slug) == NOTHING
    assert len(differences(organization="northwind")) < len(differences())
    tomorrow = timezone.now() + DAY
    assert reconciled(since=f"{tomorrow:%Y-%m-%d}") == NOTHING
    since = timezone.now().astimezone(dt.UTC) - 3 * DAY
    assert len(differences(since=f"{since:%Y-%m-%d}")) < len(differences())


@pytest.mark.parametrize("column", ["quantity", "cost"])
def test_what_the_billing_api_shows_otherwise_is_listed(
    world: World, secret: str, column: str
) -> None:
    """By the hour it reads other totals; of today it says nothing yet."""
    yesterday = timezone.now() - DAY
    results(secret, event(world, time=rfc_3339(yesterday)), event(world, id="today"))
    assert "and 1 months as they are shown: difference 0." in reconciled()
    run(f"UPDATE usage_hourlytotal SET {column} = {column} + 1")
    (listed,) = [line for line in differences() if "records" not in line]
    assert listed.startswith(f"northwind {world.research.slug} {yesterday:%Y-%m-%d} serverless-inf")
    assert "daily totals 1000 for 0.00088 USD; billing API by hour 1000" in listed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"organization": "nowhere"}, "--organization: there is no organization nowhere."),
        ({"since": "yesterday"}, "--since: yesterday is not a day; write it as 2026-11-23."),
    ],
)
def test_an_option_that_cannot_be_is_named(
    world: World, options: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandError) as raised:
        reconciled(**options)
    assert (str(raised.value), raised.value.returncode) == (said, 2)


@pytest.mark.django_db(transaction=True)
def test_it_runs_outside_a_transaction_and_leaves_none_open(world: World) -> None:
    used(world)
    assert reconciled() == "1 sums of totals and 0 months as they are shown: difference 0.\n"
    assert not connection.in_atomic_block
    used(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usage_usagerecord")
        assert cursor.fetchone() == (1,)
