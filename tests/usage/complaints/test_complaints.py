"""What people complain about in usage pages of other platforms, and cannot here."""

import csv
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.enums import Step

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
SESSIONS = {"product": "code-interpreter", "item": "sessions"}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, NOW)


def page(world: World, **query: Any) -> Any:
    return signed_in(world.owner).get(reverse("usage", args=[world.research.slug]), query)


def total(response: Any) -> int:
    return int(response.context["report"].total)


def exported(world: World, form: str, **query: Any) -> Decimal:
    text = b"".join(page(world, format=form, **query)).decode()
    return sum((Decimal(row["cost (USD)"]) for row in csv.DictReader(text.splitlines())), Decimal())


def test_the_total_is_the_same_in_every_view_and_export(world: World) -> None:
    """Complaint: The dashboard says $41.20, the export adds up to $39.87."""
    for number in range(12):
        key = issued(world.research, world.owner, f"key {number}").key
        used(key, TODAY - dt.timedelta(days=2 * number), quantity=333_333 * (number + 1))
    groups = ("product", "model", "line_item", "api_key", "collaborator")
    periods = {"start": "2026-11-01", "end": "2026-11-30"}
    totals = {total(page(world, group_by=group, **periods)) for group in groups}
    totals |= {total(page(world, granularity=step, **periods)) for step in Step}
    assert len(totals) == 1
    expected = Decimal(totals.pop()).scaleb(-10)
    for form in ("csv", "records"):
        assert exported(world, form, **periods) == expected
    hourly = exported(world, "csv", granularity="hour", **periods)
    assert hourly == expected


def test_cached_tokens_are_charged_once(world: World) -> None:
    """Complaint: My cached tokens are billed as cached and again as input."""
    used(world.key, TODAY, item="input_tokens", quantity=600_000)
    used(world.key, TODAY, item="cached_input_tokens", quantity=400_000)
    response = page(world, measure="units", unit="token")
    assert total(response) == 1_000_000 * 10**6


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_days_are_utc_wherever_the_reader_is_and_the_page_says_so(world: World, zone: str) -> None:
    """Complaint: Yesterday's costs move to another day when a colleague in Tokyo opens the page."""
    for hour, quantity in ((0, 1), (23, 2)):
        used(
            world.key, TODAY - dt.timedelta(days=1), quantity=quantity, at=dt.time(hour), **SESSIONS
        )
    with timezone.override(zone):
        response = page(world, start="2026-11-24", end="2026-11-24", granularity="day")
        first = response.context["chart"].bars[0].title.splitlines()[0]
    assert first == "24 Nov: $3.00"
    assert "by UTC days" in words(response)
    assert "All times are UTC." in words(response)


def test_an_empty_period_says_so_and_where_there_is_usage(world: World) -> None:
    """Complaint: An empty chart: is nothing there, or is it broken?"""
    used(world.key, TODAY)
    response = page(world, start="2026-11-02", end="2026-11-08")
    text = words(response)
    assert "No usage in this period" in text
    assert "There is usage on other days, but not in 2 – 8 Nov 2026." in text
    assert "Clear filter" in words(page(world, product="volumes"))
    assert (
        list(
            csv.reader(
                b"".join(page(world, format="csv", start="2026-11-02", end="2026-11-08"))
                .decode()
                .splitlines()
            )
        )[1:]
        == []
    )


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_months_are_cut_at_midnight_utc(world: World, zone: str) -> None:
    """Complaint: The invoice's November starts hours after the dashboard's."""
    for day, hour, minute in ((31, 23, 59), (1, 0, 0)):
        month = 10 if day == 31 else 11
        used(
            world.key, dt.date(2026, month, day), quantity=day, at=dt.time(hour, minute), **SESSIONS
        )
    with timezone.override(zone):
        november = page(world, start="2026-11-01", end="2026-11-30")
        october = page(world, start="2026-10-01", end="2026-10-31")
        assert (total(november), total(october)) == (1 * 10**10, 31 * 10**10)
        assert november.context["month"].figures[0].value == "$1.00"
        by_month = page(world, start="2026-10-01", end="2026-11-30", granularity="month")
    amounts = [sum(bar.values()) for bar in by_month.context["report"].sum_bars()]
    assert amounts == [31 * 10**10, 1 * 10**10]


def test_filters_stay_when_anything_else_changes(world: World) -> None:
    """Complaint: I switch from day to hour, and all my filters are gone."""
    used(world.key, TODAY)
    query = {
        "start": "2026-11-20",
        "end": "2026-11-25",
        "model": ["llama-3.3-70b", "none"],
        "exclude_api_key": "none",
        "group_by": "api_key",
    }
    response = page(world, **query)
    kept = {"model": ["llama-3.3-70b", "none"], "exclude_api_key": ["none"]}
    context = response.context
    links = [*context["presets"], *context["measures"]]
    urls = [link.url for link in links] + [context["automatic_url"], context["filter_url"]]
    urls += [bar.url for bar in context["chart"].bars] + [
        context["csv_url"],
        context["records_url"],
    ]
    for url in urls:
        changed = QueryDict(url.partition("?")[2])
        assert {name: changed.getlist(name) for name in kept} == kept, url
    # The form with the step and the grouping sends them along.
    fields = [(name, value) for name, values in kept.items() for value in values]
    assert sorted(context["chosen"]) == sorted(fields)
    for name, value in fields:
        assert f'<input type="hidden" name="{name}" value="{value}">' in response.content.decode()


def test_shares_are_of_the_total_and_come_to_a_hundred(world: World) -> None:
    """Complaint: 33% + 33% + 33%, and one line says 0%."""
    for number in range(7):
        key = issued(world.research, world.owner, f"key {number}").key
        used(key, TODAY, quantity=number * 7 + 1, **SESSIONS)
    used(world.key, TODAY, quantity=1)
    rows = page(world, group_by="api_key").context["rows"]
    shares = [row.total.share for row in rows if row.total]
    assert shares[-1] == "< 0.1%"
    assert "0.0%" not in shares
    percents = [Decimal(share.rstrip("%")) for share in shares[:-1]]
    # Each is rounded to a tenth, so together they are within half a tenth for each.
    assert abs(sum(percents, Decimal()) - 100) <= Decimal("0.05") * len(shares)


def test_the_current_hour_is_not_compared_with_a_whole_one(world: World) -> None:
    """Complaint: Every morning my usage seems to have collapsed: today is compared with all of yesterday."""
    for hour in range(24):
        used(world.key, TODAY - dt.timedelta(days=1), quantity=1, at=dt.time(hour), **SESSIONS)
    for hour in range(15):
        used(world.key, TODAY, quantity=1, at=dt.time(hour), **SESSIONS)
    for step in ("hour", "day"):
        response = page(world, start=f"{TODAY}", end=f"{TODAY}", granularity=step)
        figures = {figure.name: figure.value for figure in response.context["figures"]}
        assert figures["Change"] == "0.0%"
        assert "24 Nov 2026, 15:00" in words(response)
    bars = page(world, start=f"{TODAY}", end=f"{TODAY}").context["chart"].bars
    # The hour that lasts, and those to come, have nothing beside them.
    assert [bar.before is not None for bar in bars] == [True] * 15 + [False] * 9


def test_revoked_keys_and_people_who_left_stay_in_the_totals(world: World) -> None:
    """Complaint: We deleted a key, and last month's costs went down."""
    used(world.key, TODAY, quantity=5_000_000)
    by_key, by_person = {"group_by": "api_key"}, {"group_by": "collaborator"}
    before = [total(page(world, **query)) for query in (by_key, by_person, {})]
    client = signed_in(world.owner)
    revoke = reverse("api_key_revoke", args=[world.research.slug, world.key.public_id])
    assert client.post(revoke).status_code == 302
    remove = reverse(
        "member_remove", args=[world.organization.slug, world.project_member.public_id]
    )
    assert client.post(remove).status_code == 302
    after = [page(world, **query) for query in (by_key, by_person, {})]
    assert [total(response) for response in after] == before
    assert world.key.name in words(after[0])
    filtered = page(world, api_key=world.key.public_id)
    assert total(filtered) == before[0]
