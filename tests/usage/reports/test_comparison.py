"""The comparison with the period before: in the chart, its legend and tooltips, and in each row."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, issued

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
SESSIONS = {"product": "code-interpreter", "item": "sessions"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, NOW)


def page(world: World, **query: Any) -> Any:
    return signed_in(world.owner).get(reverse("usage", args=[world.research.slug]), query)


def spend(world: World, day: str, dollars: int, hour: int = 12) -> None:
    moment = dt.date.fromisoformat(day)
    used(world.key, moment, quantity=dollars, at=dt.time(hour), **SESSIONS)


def titles(response: Any) -> list[str]:
    return [bar.title for bar in response.context["chart"].bars]


def test_each_bar_is_compared_with_its_counterpart_in_the_period_before(world: World) -> None:
    spend(world, "2026-11-04", 10)
    spend(world, "2026-11-11", 15)
    response = page(world, start="2026-11-08", end="2026-11-14")
    bars = response.context["chart"].bars
    assert titles(response)[3] == (
        "11 Nov: $15.00\nCode interpreter: $15.00 (100.0%)\n4 Nov: $10.00 (+50.0%)"
    )
    assert titles(response)[4] == "12 Nov: $0.00\n5 Nov: $0.00 (—)"
    assert [bar.before is not None for bar in bars] == [False] * 3 + [True] + [False] * 3
    # As high as the floor reaches for two thirds of the bar.
    assert abs(bars[3].before.height * 3 - bars[3].parts[0].height * 2) < 1
    assert response.context["compared_with"] == "1 – 7 Nov 2026"
    assert "1 – 7 Nov 2026" in words(response)
    assert 'class="before" aria-hidden="true"' in response.content.decode()


def test_today_is_compared_up_to_the_same_hour(world: World) -> None:
    for hour in (9, 14, 15, 20):
        spend(world, "2026-10-25", 10, hour)
    spend(world, "2026-11-25", 30)
    response = page(world)
    assert titles(response)[24].endswith("\n25 Oct, until 15:00: $20.00 (+50.0%)")
    assert titles(response)[25] == "26 Nov: $0.00"
    assert response.context["total_change"].percent == "+50.0%"


def test_a_longer_month_before_is_compared_whole_and_drawn_as_far_as_this_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOW + dt.timedelta(days=10))
    spend(world, "2026-10-31", 7)
    spend(world, "2026-10-30", 1)
    spend(world, "2026-11-02", 2)
    november = page(world, start="2026-11-01", end="2026-11-30")
    assert len(titles(november)) == 30
    assert november.context["total_change"].difference == "−$6.00"
    assert titles(november)[29] == "30 Nov: $0.00\n30 Oct: $1.00 (−100.0%)"
    october = page(world, start="2026-10-01", end="2026-10-31")
    assert len(titles(october)) == 31
    assert october.context["total_change"].difference == "+$8.00"


def test_each_row_says_how_much_more_it_is_or_that_it_is_new(world: World) -> None:
    newcomer = issued(world.research, world.owner, "newcomer").key
    day, before = dt.date(2026, 11, 11), dt.date(2026, 11, 4)
    used(world.key, before, quantity=10, **SESSIONS)
    used(world.key, day, quantity=4, **SESSIONS)
    used(newcomer, day, quantity=3, **SESSIONS)
    response = page(world, start="2026-11-08", end="2026-11-14", group_by="api_key")
    rows = {row.total.name.text: row for row in response.context["rows"]}
    known = rows["notebooks"]
    assert (known.total.change.percent, known.total.change.difference) == ("−60.0%", "−$6.00")
    assert known.change == known.total.change
    assert (rows["newcomer"].change.percent, rows["newcomer"].change.difference) == (
        "new",
        "+$3.00",
    )
    total = response.context["total_change"]
    assert (total.percent, total.difference) == ("−30.0%", "−$3.00")
    assert "Total $7.00 −30.0% −$3.00" in words(response)


def test_the_changes_of_rows_are_those_of_the_total(world: World) -> None:
    for number in range(1, 6):
        key = issued(world.research, world.owner, f"key {number}").key
        used(key, dt.date(2026, 11, 4), quantity=number, **SESSIONS)
        used(key, dt.date(2026, 11, 11), quantity=3, **SESSIONS)
    for step in ("hour", "day"):
        for measure in ("cost", "units"):
            report = page(
                world,
                start="2026-11-08",
                end="2026-11-14",
                granularity=step,
                measure=measure,
                group_by="api_key",
            ).context["report"]
            before = [report.measure_amount(each) for each in report.amounts_before.values()]
            assert sum(before) == sum(report.bar_sums[1])
            scale = 10**10 if measure == "cost" else 10**6
            assert sum(before) == 15 * scale


def test_what_was_used_only_before_is_counted_in_the_change(world: World) -> None:
    spend(world, "2026-11-04", 10)
    used(world.key, dt.date(2026, 11, 11))
    response = page(world, start="2026-11-08", end="2026-11-14")
    assert response.context["total_change"].difference == "−$9.12"


def test_without_usage_before_nothing_is_drawn_or_named(world: World) -> None:
    spend(world, "2026-11-11", 1)
    response = page(world, start="2026-11-08", end="2026-11-14")
    assert titles(response)[3] == "11 Nov: $1.00\nCode interpreter: $1.00 (100.0%)"
    assert response.context["compared_with"] == ""
    assert response.context["rows"][0].change.percent == "new"
