"""Events are stored once, where they belong, for the price of their day."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.usage.helpers.event_client import event, of_user, results
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db


def test_an_event_lands_in_its_keys_project_with_price_and_cost(world: World, secret: str) -> None:
    (result,) = results(secret, event(world))
    assert result == {
        "id": "req-1:output",
        "status": "accepted",
        "project_id": world.research.public_id,
        "organization_id": world.organization.public_id,
        "reason": "key_project",
        "priced_as": "default",
    }
    record = UsageRecord.objects.get()
    assert (record.quantity, record.series.unit_price) == (1_000_000_000, 880_000)
    assert record.cost == 8_800_000  # 1,000 × 0.00000088 USD, in 10⁻¹⁰ USD
    assert_totals_are_the_records()


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(world: World, secret: str) -> None:
    sent = event(world)
    first, again = results(secret, sent), results(secret, sent)
    assert first[0].pop("priced_as") == "default"  # said when it is priced, once
    assert again == [{**first[0], "status": "duplicate"}]
    assert UsageRecord.objects.count() == 1
    assert_totals_are_the_records()


def test_the_same_id_with_other_content_is_a_conflict_that_names_the_stored(
    world: World, secret: str
) -> None:
    sent = event(world)
    results(secret, sent)
    (result,) = results(secret, {**sent, "quantity": "999"})
    assert (result["status"], result["code"], result["param"]) == ("conflict", "conflict", "id")
    assert result["stored"]["quantity"] == "1000"
    assert UsageRecord.objects.count() == 1


def test_an_id_twice_in_a_batch_is_stored_once(world: World, secret: str) -> None:
    sent = event(world)
    found = results(secret, sent, sent, {**sent, "quantity": "5"})
    assert [one["status"] for one in found] == ["accepted", "duplicate", "conflict"]
    assert UsageRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "product", "place", "reason"),
    [
        ("project_member", "serverless-inference", "research", "token_project"),
        ("project_member", "volumes", "default", "product_not_multi_project"),
        ("external", "serverless-inference", "research", "token_project"),
        ("external", "volumes", "home", "external_home"),
        ("owner", "serverless-inference", "research", "token_project"),
        ("project_member", "playground", "default", "playground"),
    ],
)
def test_a_users_event_lands_by_the_rules(
    world: World, secret: str, who: str, product: str, place: str, reason: str
) -> None:
    user = getattr(world, who)
    units = {"volumes": ("gb_hours", "gb-hour")}
    line_item, unit = units.get(product, ("output_tokens", "token"))
    sent = of_user(
        world,
        user_id=user.public_id,
        project_id=world.research.public_id,
        product=product,
        line_item=line_item,
        unit=unit,
        dimensions=None,
    )
    (result,) = results(secret, sent)
    project = (
        user.home_organization.projects.default() if place == "home" else getattr(world, place)
    )
    assert (result["project_id"], result["reason"]) == (project.public_id, reason)
    assert_totals_are_the_records()


def test_keys_and_default_projects_are_looked_up_once(world: World, secret: str) -> None:
    results(secret, event(world))
    with CaptureQueriesContext(connection) as queries:
        results(secret, event(world, id="req-2:output"))
    tables = ("projects_project", "keys_apikey", "accounts_user", "accounts_organization")
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    usage_reads = [sql for sql in reads if any(f'FROM "{table}"' in sql for table in tables)]
    # The response names public ids.
    assert len(usage_reads) == 1
    assert '"projects_project"."public_id"' in usage_reads[0]
