"""Usage pages of twelve months, of one hour, of nothing at all, and with one giant value."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
SESSIONS = {"product": "code-interpreter", "item": "sessions"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, NOW)


def page(world: World, **query: Any) -> Any:
    return signed_in(world.owner).get(reverse("usage", args=[world.research.slug]), query)


def test_twelve_months_have_weeks_or_months_and_a_year_before(world: World) -> None:
    for month in range(1, 13):
        used(world.key, dt.date(2025, month, 15), quantity=10, **SESSIONS)
        used(world.key, dt.date(2024, month, 15), quantity=5, **SESSIONS)
    year = {"start": "2025-01-01", "end": "2025-12-31"}
    by_month = page(world, **year, granularity="month")
    assert [bar.title.splitlines()[0] for bar in by_month.context["chart"].bars] == [
        f"{dt.date(2025, month, 1):%b %Y}: $10.00" for month in range(1, 13)
    ]
    weeks = page(world, **year)
    assert len(weeks.context["chart"].bars) == 53
    for response in (by_month, weeks):
        assert response.context["figures"][0].value == "$120.00"
        assert sum(response.context["report"].bar_sums[1]) == 60 * 10**10
        assert response.context["total_change"].percent == "+100.0%"


def test_usage_of_one_hour_is_one_bar_of_the_day(world: World) -> None:
    used(world.key, dt.date(2026, 11, 24), quantity=3, at=dt.time(23, 59), **SESSIONS)
    response = page(world, start="2026-11-24", end="2026-11-24")
    bars = response.context["chart"].bars
    assert len(bars) == 24
    assert [bool(bar.parts) for bar in bars] == [False] * 23 + [True]
    assert bars[23].title.startswith("24 Nov, 23:00: $3.00")
    assert words(page(world, start="2026-11-25", end="2026-11-25")).count("No usage") == 1


@pytest.mark.parametrize("query", [{}, {"granularity": "month"}, {"measure": "units"}])
def test_nothing_at_all_is_a_page_without_figures(world: World, query: dict[str, str]) -> None:
    response = page(world, **query)
    assert response.status_code == 200
    assert "No usage in this period" in words(response)
    assert '<svg class="plot' not in response.content.decode()


def test_one_giant_value_leaves_the_small_ones_visible_and_exact(world: World) -> None:
    giant = 900_000_000
    used(world.key, dt.date(2026, 11, 3), quantity=giant, **SESSIONS)
    used(world.key, dt.date(2026, 11, 4), quantity=1, at=dt.time(1))
    response = page(world)
    bars = response.context["chart"].bars
    assert bars[3].title.startswith("4 Nov: $0.00000088")
    assert [part.height for part in bars[3].parts] == [Decimal(1)]
    assert min(part.y for part in bars[2].parts) >= 10
    assert response.context["figures"][0].exact == f"${giant}.00000088"
    assert "< 0.1%" in words(response)
    assert "$900,000,000.00" in words(response)
