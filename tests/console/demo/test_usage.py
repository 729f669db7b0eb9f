"""The demo world's ninety days of usage."""

from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from console.demo.usage import DAYS, STREAMS
from keys.models import ApiKey
from projects.models import Project
from tests.console.helpers.demo import NOW, seed_demo
from tests.support.clock import DAY, set_clock
from tests.usage.helpers.expected_totals import assert_totals_are_the_records, sum_by_column
from usage.enums import Reason
from usage.models import DailyTotal, UsageRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO = True
    set_clock(monkeypatch, NOW)
    seed_demo()


def test_all_kinds_of_usage_are_there_from_ninety_days_ago_until_the_last_full_hour(
    demo: None,
) -> None:
    days = DailyTotal.objects.filter(organization__slug="northwind").values("day").distinct()
    assert days.count() == DAYS
    times = UsageRecord.objects.values_list("time", flat=True)
    assert min(times) > NOW - DAYS * DAY
    assert max(times) < NOW.replace(minute=0)
    told = {event_id.split(":")[-2] for event_id in ids()}
    assert told == {stream.name for stream in STREAMS}
    assert set(DailyTotal.objects.values_list("reason", flat=True)) == {
        *(Reason.PLAYGROUND, Reason.KEY_PROJECT, Reason.TOKEN_PROJECT),
        *(Reason.PRODUCT_NOT_MULTI_PROJECT, Reason.EXTERNAL_HOME),
    }
    assert_totals_are_the_records()


def test_contoso_has_a_little_and_fabrikam_none(demo: None) -> None:
    sums = sum_by_column(DailyTotal.objects, "organization__slug")
    costs = {slug: amounts.cost for slug, amounts in sums.items()}
    assert costs.keys() == {"northwind", "contoso"}
    assert costs["contoso"] < costs["northwind"] / 20
    home = UsageRecord.objects.filter(series__reason=Reason.EXTERNAL_HOME)
    assert set(home.values_list("series__intended_project__slug", "series__project__slug")) == {
        ("ml-research", "contoso-default")
    }


def test_weeks_have_their_rhythm_and_it_grows(demo: None) -> None:
    totals = DailyTotal.objects.filter(organization__slug="northwind")
    daily = {day: amounts.cost for day, amounts in sum_by_column(totals, "day").items()}
    weekdays = [cost for day, cost in daily.items() if day.weekday() < 5]
    weekends = [cost for day, cost in daily.items() if day.weekday() >= 5]
    assert sum(weekends) / len(weekends) < 0.6 * sum(weekdays) / len(weekdays)
    assert sum(weekdays[-20:]) > 1.15 * sum(weekdays[:20])
    assert all(daily.values())


def test_seeding_again_adds_only_what_has_happened_since(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ids()
    call_command("seed_demo")
    assert ids() == before
    set_clock(monkeypatch, NOW + 3 * DAY)
    call_command("seed_demo")
    added = UsageRecord.objects.exclude(event_id__in=before)
    assert ids() > before
    assert min(added.values_list("time", flat=True)) >= NOW.replace(minute=0)
    assert max(added.values_list("time", flat=True)) < (NOW + 3 * DAY).replace(minute=0)
    assert_totals_are_the_records()


def test_keys_that_ended_stop_being_used(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    last: dict[str, Any] = {}
    for key in ApiKey.objects.listed().with_use():
        used = UsageRecord.objects.filter(series__api_key=key).order_by("-time").first()
        last[key.name] = used and used.time
        assert not used or used.time >= key.created_at
    assert last["old-laptop"] < NOW - 44 * DAY
    assert last["staging-2025"] < NOW - 31 * DAY
    assert (last["load-test"], last["playground-tests"]) == (None, None)
    Project.objects.get(slug="production").archive(None)
    before = UsageRecord.objects.filter(series__intended_project__slug="production").count()
    set_clock(monkeypatch, NOW + 3 * DAY)
    call_command("seed_demo")
    assert UsageRecord.objects.filter(series__intended_project__slug="production").count() == before


def ids() -> set[str]:
    return set(UsageRecord.objects.values_list("event_id", flat=True))
