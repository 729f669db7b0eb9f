"""The steps of a report: chosen by its length, overridden, and refused where there would be too many bars."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, max(NOW, timezone.now()))
    set_clock(monkeypatch, NOW)


def page(world: World, **query: Any) -> Any:
    return signed_in(world.owner).get(reverse("usage", args=[world.research.slug]), query)


@pytest.mark.parametrize(
    ("start", "step", "bars"),
    [
        ("2026-11-25", "hour", 24),
        ("2026-11-23", "hour", 72),
        ("2026-11-22", "day", 4),
        ("2026-08-26", "day", 92),
        ("2026-08-25", "week", 14),
        ("2025-11-25", "week", 53),
        ("2025-11-24", "month", 13),
    ],
)
def test_the_step_follows_the_length_of_the_period(
    world: World, start: str, step: str, bars: int
) -> None:
    used(world.key, TODAY)
    response = page(world, start=start, end=str(TODAY))
    report = response.context["report"]
    assert (report.step, len(report.steps)) == (step, bars)
    assert f"{report.step.label} (automatic)" in words(response)
    by_month = page(world, start=start, end=str(TODAY), granularity="month").context["report"]
    assert by_month.step == "month"
    assert by_month.total == report.total == sum(sum(bar.values()) for bar in by_month.sum_bars())


def test_a_step_that_is_impossible_is_disabled_and_dropped_by_longer_periods(world: World) -> None:
    response = page(world, granularity="hour", start="2026-11-19", end="2026-11-25")
    presets = {link.label: link.url for link in response.context["presets"]}
    assert "granularity=hour" in presets["This month"]
    assert "granularity" not in presets["Last 90 days"]
    longer = page(world, start="2026-01-01", end="2026-11-25", granularity="hour")
    assert longer.status_code == 422
    assert longer.context["automatic_url"] == "?start=2026-01-01&end=2026-11-25"
    assert "Show Weekly" in words(longer)
    offered = page(world, start="2026-01-01", end="2026-11-25").content.decode()
    assert '<option value="hour" disabled>Hourly (at most 31 days)</option>' in offered
