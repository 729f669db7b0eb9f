"""GET /v1/billing/usage: a month's bill in windows, for whoever may read it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.support.services.support import suspend_organization
from keys.terminals.services.sessions import switch_terminal_login
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.terminal_client import logged_in
from tests.support.clock import set_clock
from tests.support.pages import queries
from tests.usage.helpers.event_client import corrected, event, of_user, results
from tests.world import World, issued
from usage.amounts import COST_DIGITS, to_decimal
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, 30, tzinfo=dt.UTC)
PATH = "/v1/billing/usage"


@pytest.fixture(autouse=True)
def used(monkeypatch: pytest.MonkeyPatch, world: World, secret: str) -> None:
    """Usage in research on three days and in three hours of one, some in Contoso, some not over yet."""
    set_clock(monkeypatch, NOW)
    times = ["18T08:15", "18T08:45", "18T09:00", "19T23:59", "20T12:10", "10T00:00"]
    sent = [
        event(world, id=f"e{n}", time=f"2026-11-{time}:00Z", quantity=str(10 * n + 15))
        for n, time in enumerate(times)
    ]
    last_month = event(world, id="old", time="2026-10-31T23:59:59Z")
    other = event(world, id="other", api_key_id=world.other_key.public_id)
    volumes = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    stored = event(world, id="v", time="2026-11-18T10:00:00Z", **volumes)
    assert {one["status"] for one in results(secret, *sent, last_month, other, stored)} == {
        "accepted"
    }


def bill(secret: str, **asked: str) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = call(f"{PATH}?{query}", secret)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_key_reads_the_finished_days_of_its_own_project(world: World) -> None:
    found = bill(world.key_secret)
    assert [window["date"] for window in found["data"]] == [
        "2026-11-10",
        "2026-11-18",
        "2026-11-19",
    ]
    assert found["organization_id"] == world.organization.public_id
    assert (found["object"], found["billing_period"], found["currency"]) == (
        "list",
        "2026-11",
        "USD",
    )
    assert found["earliest_window_start"] == "2026-11-10T00:00:00Z"
    assert found["latest_window_end"] == "2026-11-20T00:00:00Z"
    assert found["next_cursor"] is None
    assert found["data"][0] == {
        "date": "2026-11-10",
        "start_time": "2026-11-10T00:00:00Z",
        "end_time": "2026-11-11T00:00:00Z",
        "line_items": [
            {
                "product_name": "Serverless inference",
                "quantity": "65",
                "unit_price": "0.00000088",
                "cost": "0.0000572",
                "pricing_dimensions": {
                    "model": "llama-3.3-70b",
                    "line_item": "output_tokens",
                    "unit": "token",
                },
                "attributes": {
                    "product_id": "serverless-inference",
                    "project_id": world.research.public_id,
                    "api_key_id": world.key.public_id,
                },
            }
        ],
    }


def test_hours_are_windows_too_and_sums_are_the_same(world: World) -> None:
    hours = bill(world.key_secret, granularity="hour")
    starts = [window["start_time"][8:16] for window in hours["data"]]
    assert starts == ["10T00:00", "18T08:00", "18T09:00", "19T23:00"]
    days = bill(world.key_secret, month="2026-11", granularity="day")
    assert total(hours) == total(days) == cost_of(world, "research")


def total(found: dict[str, Any]) -> Decimal:
    items = [item for window in found["data"] for item in window["line_items"]]
    return sum((Decimal(item["cost"]) for item in items), Decimal())


def cost_of(world: World, project: str) -> Decimal:
    """Of what is in finished days of this month."""
    records = UsageRecord.objects.filter(
        series__project=getattr(world, project),
        time__gte=NOW.replace(day=1, hour=0),
        time__lt=NOW.replace(hour=0, minute=0),
    )
    return sum((to_decimal(one.cost, COST_DIGITS) for one in records), Decimal())


def test_pages_are_of_so_many_windows_and_their_cursor_holds_for_this_bill(world: World) -> None:
    first = bill(world.key_secret, limit="2")
    assert len(first["data"]) == 2
    assert first["latest_window_end"] == "2026-11-20T00:00:00Z"
    second = bill(world.key_secret, limit="2", after=first["next_cursor"])
    assert (len(second["data"]), second["next_cursor"]) == (1, None)
    for other in ({"month": "2026-10"}, {"granularity": "hour"}):
        query = "&".join(f"{name}={value}" for name, value in other.items())
        answer = call(f"{PATH}?{query}&after={first['next_cursor']}", world.key_secret)
        assert (answer.status_code, error_of(answer)["param"]) == (422, "after")


def test_a_day_whose_usage_was_taken_back_is_no_window(world: World, secret: str) -> None:
    void = {"id": "back", "event_id": "e5", "kind": "void", "reason": "It never ran."}
    assert corrected(secret, void)[0]["status"] == "accepted"
    for granularity in ("day", "hour"):
        found = bill(world.key_secret, granularity=granularity)
        assert found["earliest_window_start"][:10] == found["data"][0]["date"] == "2026-11-18"
        assert all(window["line_items"] for window in found["data"])


def test_a_month_without_usage_is_empty(world: World) -> None:
    found = bill(world.key_secret, month="2026-09")
    assert found["data"] == []
    assert found["earliest_window_start"] is found["latest_window_end"] is None


@pytest.mark.parametrize(
    ("query", "status", "param"),
    [
        ("month=2026-13", 422, "month"),
        ("month=november", 422, "month"),
        ("month=", 422, "month"),
        ("month=0000-01", 422, "month"),
        ("month=9999-12", 422, "month"),
        ("granularity=week", 422, "granularity"),
        ("limit=0", 422, "limit"),
        ("limit=1001", 422, "limit"),
        ("limit=x", 422, "limit"),
        ("after=x", 422, "after"),
        ("after=bnVsbA", 422, "after"),
        ("after=%00", 422, "after"),
        ("organization_id=1", 400, "organization_id"),
        ("organization_id=", 400, "organization_id"),
    ],
)
def test_a_wrong_parameter_is_named(world: World, query: str, status: int, param: str) -> None:
    answer = call(f"{PATH}?{query}", world.key_secret)
    assert answer.status_code == status, answer.content
    assert error_of(answer)["param"] == param


def test_another_organization_is_refused_alike_whether_it_is_there_or_not(world: World) -> None:
    there = call(f"{PATH}?organization_id={world.other_organization.public_id}", world.key_secret)
    nowhere = call(f"{PATH}?organization_id=org_{'0' * 20}", world.key_secret)
    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert error_of(there) == error_of(nowhere)
    own = f"{PATH}?organization_id={world.organization.public_id}"
    assert call(own, world.key_secret).status_code == 200


def test_a_key_that_an_external_made_reads_no_usage(world: World) -> None:
    made = issued(world.research, world.external, "of an external").secret
    assert call(PATH, made).status_code == 403
    assert call(PATH).status_code == 401


def test_a_login_reads_all_of_an_organization_that_its_person_runs(world: World) -> None:
    owner, admin = logged_in(world.owner).access, logged_in(world.admin).access
    northwind = world.organization.public_id
    for token in (owner, admin):
        assert bill(token) == bill(token, organization_id=northwind)
        items = [item for window in bill(token)["data"] for item in window["line_items"]]
        projects = {item["attributes"]["project_id"] for item in items}
        assert projects == {world.research.public_id, world.default.public_id}
    for person in (world.member, world.project_admin):
        token = logged_in(person).access
        assert call(PATH, token).status_code == 403
        assert call(f"{PATH}?organization_id={northwind}", token).status_code == 403


def switched_off(world: World) -> None:
    switch_terminal_login(
        actor=Actor.of_user(world.owner), organization=world.organization, allowed=False
    )


def suspended(world: World) -> None:
    support = Actor.of_user(world.staff)
    suspend_organization(actor=support, organization=world.organization, reason="Unpaid.")


@pytest.mark.parametrize("act", [switched_off, suspended])
def test_a_login_reads_nothing_of_an_organization_that_lets_no_terminal_in(
    world: World, act: Callable[[World], None]
) -> None:
    token = logged_in(world.owner).access
    assert call(PATH, token).status_code == 200
    act(world)
    named = f"{PATH}?organization_id={world.organization.public_id}"
    foreign = f"{PATH}?organization_id={world.other_organization.public_id}"
    refused = [call(path, token) for path in (PATH, named, foreign)]
    assert [one.status_code for one in refused] == [403, 403, 403]
    assert error_of(refused[0]) == error_of(refused[1]) == error_of(refused[2])


def test_more_line_items_cost_no_more_queries(world: World, secret: str) -> None:
    users = [world.owner, world.admin, world.project_admin, world.project_member]

    def used_by(number: int, days: int) -> int:
        """How many queries the bill costs after so many people used something on so many days."""
        sent = [
            of_user(
                world,
                id=f"m{day}-{user.pk}",
                time=f"2026-11-{day:02}T05:00:00Z",
                user_id=user.public_id,
                project_id=world.research.public_id,
            )
            for day in range(1, days + 1)
            for user in users[:number]
        ]
        results(secret, *sent)
        with queries() as asked:
            bill(world.key_secret)
        return len(asked)

    assert used_by(1, 1) == used_by(4, 17)
