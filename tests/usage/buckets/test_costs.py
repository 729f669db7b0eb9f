"""GET /v1/organization/costs: buckets without gaps, exact costs, groups, filters and who may read them."""

import csv
import datetime as dt
import io
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.permissions import OrganizationRole
from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import set_clock
from tests.support.openapi_contract import documented
from tests.support.pages import own_queries, queries, signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.buckets import sums

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, 30, tzinfo=dt.UTC)
FIRST = dt.date(2026, 11, 10)
TODAY = NOW.date()
PATH = "/v1/organization/costs"
VOLUMES: dict[str, Any] = {"product": "volumes", "item": "gb_hours", "model": ""}


def unix(day: dt.date, hour: int = 0) -> int:
    return int(dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC).timestamp())


@pytest.fixture
def admin_key(world: World) -> str:
    return issue_admin_key(world.owner, world.organization, "FinOps").secret


@pytest.fixture(autouse=True)
def usage(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Usage of three projects on five of eleven days, of keys, of people, and in Contoso."""
    set_clock(monkeypatch, NOW)
    production = issued(world.production, world.owner, "deploy").key
    for number in range(0, 10, 2):
        day = FIRST + dt.timedelta(days=number)
        used(world.key, day, quantity=1_000_003 + number, at=dt.time(23, 59, 59))
        used(world.key, day, quantity=7 * number + 1, item="input_tokens", at=dt.time(0))
        used(production, day, quantity=31 + number, at=dt.time(7, 30))
        used(world.key, day, quantity=number + 1, project=world.default, **VOLUMES)
    used(world.external, FIRST, quantity=5, project=world.research)
    used(world.other_key, FIRST, quantity=9_999)
    used(world.key, TODAY, quantity=3, at=dt.time(12))


def read(secret: str, query: str = "", start: float = unix(FIRST)) -> Any:
    return documented(call(f"{PATH}?start_time={start}&{query}", secret))


def read_all(secret: str, query: str = "", start: float = unix(FIRST)) -> list[dict[str, Any]]:
    """The buckets of all pages."""
    buckets: list[dict[str, Any]] = []
    page = ""
    while True:
        answer = read(secret, f"{query}&{page}", start)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        buckets += body["data"]
        assert body["has_more"] is (body["next_page"] is not None)
        if not body["has_more"]:
            return buckets
        page = f"page={body['next_page']}"


def results(buckets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for bucket in buckets for result in bucket["results"]]


def total(buckets: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(result["amount"]["decimal"]) for result in results(buckets)), Decimal())


def file_costs(world: World, **query: str) -> dict[tuple[str, ...], Decimal]:
    """The costs in the file of the organization's page, by day and group."""
    answer = signed_in(world.owner).get(
        reverse("cost_analytics", args=[world.organization.slug]),
        {"format": "csv", "start": str(FIRST), "end": str(TODAY), **query},
    )
    lines = csv.DictReader(io.StringIO(b"".join(answer).decode()))  # type: ignore[call-overload]
    costs: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    column = {"project": "project", "api_key": "key id", "collaborator": "user id"}
    for line in lines:
        group = line[column[query["group_by"]]] if "group_by" in query else ""
        costs[line["day (UTC)"], group] += Decimal(line["cost (USD)"])
    return dict(costs)


def test_days_follow_without_gaps_and_cost_what_the_page_says(world: World, admin_key: str) -> None:
    buckets = read_all(admin_key, "limit=4")
    starts = [bucket["start_time"] for bucket in buckets]
    assert starts == [unix(FIRST + dt.timedelta(days=number)) for number in range(11)]
    assert all(bucket["end_time"] - bucket["start_time"] == 86_400 for bucket in buckets)
    assert [len(bucket["results"]) for bucket in buckets] == [1, 0] * 5 + [1]
    assert total(buckets) == sum(file_costs(world).values())
    amount = buckets[0]["results"][0]["amount"]
    assert amount["currency"] == "usd"
    assert amount["value"] == float(amount["decimal"])


@pytest.mark.parametrize(
    ("group", "dimension"), [("api_key_id", "api_key"), ("user_id", "collaborator")]
)
def test_groups_cost_what_the_file_says(
    world: World, admin_key: str, group: str, dimension: str
) -> None:
    buckets = read_all(admin_key, f"group_by[]={group}&limit=180")
    costs = {
        (
            dt.datetime.fromtimestamp(bucket["start_time"], dt.UTC).date().isoformat(),
            result[group] or "none",
        ): Decimal(result["amount"]["decimal"])
        for bucket in buckets
        for result in bucket["results"]
    }
    assert costs == file_costs(world, group_by=dimension)
    assert all(result["project_id"] is result["line_item"] is None for result in results(buckets))


def test_groups_go_together_and_line_items_have_exact_quantities(
    world: World, admin_key: str
) -> None:
    (bucket,) = read_all(
        admin_key,
        f"group_by[]=project_id&group_by[]=line_item&end_time={unix(FIRST, 1)}",
    )
    found = {
        (result["project_id"], result["line_item"]): (
            result["quantity_decimal"],
            result["quantity_unit"],
        )
        for result in bucket["results"]
    }
    research, production = world.research.public_id, world.production.public_id
    assert found == {
        (research, "serverless-inference, llama-3.3-70b, output_tokens"): ("1000008", "tokens"),
        (research, "serverless-inference, llama-3.3-70b, input_tokens"): ("1", "tokens"),
        (production, "serverless-inference, llama-3.3-70b, output_tokens"): ("31", "tokens"),
        (world.default.public_id, "volumes, gb_hours"): ("1", "gb-hour"),
    }


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (lambda world: f"project_ids[]={world.production.public_id}", "0.00015400"),
        (lambda world: f"project_ids[]={world.other_project.public_id}", "0"),
        (lambda world: "project_ids[]=proj_missing", "0"),
        (lambda world: f"api_key_ids[]={world.other_key.public_id}", "0"),
        (lambda world: f"user_ids[]={world.external.public_id}", "0.00000440"),
        (lambda world: "line_items[]=volumes, gb_hours", "25"),
        (lambda world: "line_items[]=gb_hours", "0"),
        (
            lambda world: (
                f"line_items[]=volumes, gb_hours&project_ids[]={world.research.public_id}"
            ),
            "0",
        ),
    ],
    ids=["project", "foreign", "unknown", "foreign key", "person", "item", "no item", "both"],
)
def test_filters(world: World, admin_key: str, condition: Any, expected: str) -> None:
    buckets = read_all(admin_key, condition(world))
    assert total(buckets) == Decimal(expected)
    assert len(buckets) == 11


def test_hours_and_times_inside_of_buckets(world: World, admin_key: str) -> None:
    start, end = unix(FIRST, 7) + 1_799.5, unix(FIRST, 9) + 0.5
    buckets = read_all(admin_key, f"bucket_width=1h&end_time={end}", start)
    assert [bucket["start_time"] for bucket in buckets] == [unix(FIRST, hour) for hour in (7, 8, 9)]
    assert [len(bucket["results"]) for bucket in buckets] == [1, 0, 0]
    late = read_all(admin_key, f"end_time={unix(TODAY) + 10**9}", unix(TODAY))
    assert [bucket["start_time"] for bucket in late] == [unix(TODAY)]
    assert read_all(admin_key, "", unix(TODAY) + 10**9) == []


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("", "start_time"),
        ("start_time=soon", "start_time"),
        ("start_time=-1", "start_time"),
        ("start_time=nan", "start_time"),
        ("start_time=1e300", "start_time"),
        (f"start_time={unix(FIRST)}&end_time={unix(FIRST)}", "end_time"),
        ("start_time=1&bucket_width=1m", "bucket_width"),
        ("start_time=1&limit=0", "limit"),
        ("start_time=1&limit=181", "limit"),
        ("start_time=1&limit=1.0", "limit"),
        ("start_time=1&group_by[]=model", "group_by[][0]"),
        ("start_time=1&page=next", "page"),
        ("start_time=1&" + "&".join(["project_ids[]=x"] * 101), "project_ids[]"),
    ],
)
def test_wrong_parameters_are_named(admin_key: str, query: str, param: str) -> None:
    answer = documented(call(f"{PATH}?{query}", admin_key))
    assert answer.status_code == 422, answer.content
    assert error_of(answer)["param"] == param


def test_a_page_of_another_list_is_refused(admin_key: str) -> None:
    page = read(admin_key, "limit=2").json()["next_page"]
    answer = read(admin_key, f"bucket_width=1h&page={page}")
    assert (answer.status_code, error_of(answer)["param"]) == (422, "page")


def test_a_page_with_very_many_sums_ends_early(
    admin_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "group_by[]=line_item&group_by[]=api_key_id&limit=180"
    whole = read_all(admin_key, query)
    monkeypatch.setattr(sums, "MAX_ROWS", 5)
    answer = read(admin_key, query).json()
    assert 0 < len(answer["data"]) < len(whole)
    assert read_all(admin_key, query) == whole
    monkeypatch.setattr(sums, "MAX_ROWS", 1)
    assert read_all(admin_key, query) == whole


def test_only_those_who_may_see_cost_analytics_read_it(world: World) -> None:
    for person, status in ((world.owner, 200), (world.admin, 200), (world.member, 403)):
        token = made(person, world.organization, scope=TokenScope.READ).secret
        assert read(token).status_code == status
    for secret in (made(world.admin, world.research, "research").secret, world.key_secret):
        assert read(secret).status_code == 403
    their_owner = world.other_organization.memberships.get(role=OrganizationRole.OWNER).user
    foreign = issue_admin_key(their_owner, world.other_organization, "theirs").secret
    assert total(read_all(foreign)) == Decimal("0.00879912")


def test_more_days_and_groups_take_no_more_queries(admin_key: str) -> None:
    query = "group_by[]=project_id&group_by[]=user_id&group_by[]=api_key_id&group_by[]=line_item"
    read(admin_key)
    with queries() as few:
        read(admin_key, f"{query}&limit=1")
    with queries() as many:
        read(admin_key, f"{query}&limit=180")
    assert len(own_queries(many)) == len(own_queries(few)) <= 12
