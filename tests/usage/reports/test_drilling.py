"""From a row of a usage page into its parts, step by step, and back by the breadcrumbs."""

import datetime as dt
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.support.clock import set_clock
from tests.support.pages import signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.reports.formatting import format_money

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, NOW)


def follow(world: World, query: str, view: str = "usage") -> Any:
    slug = world.research.slug if view == "usage" else world.organization.slug
    response = signed_in(world.owner).get(reverse(view, args=[slug]) + query)
    assert response.status_code == 200
    return response


def links(response: Any) -> dict[str, str]:
    """The URLs of the rows by their names."""
    rows = response.context["rows"]
    names = [row.total.name if row.total else row.name for row in rows]
    return {name.text: name.url for name in names if name}


def test_a_product_leads_to_its_models_keys_and_days(world: World) -> None:
    used(world.key, DAY, quantity=3_000_000)
    used(world.key, DAY, quantity=2_000_000, model="tiny")
    used(issued(world.research, world.owner, "ci").key, DAY, quantity=1_000_000)
    used(world.key, DAY, product="volumes", item="gb_hours", quantity=9)
    response = follow(world, "?start=2026-11-18&end=2026-11-24")
    expected = [
        ("Serverless inference", "model", 5.28),
        ("llama-3.3-70b", "api_key", 3.52),
        ("notebooks", "line_item", 2.64),
    ]
    for name, group_by, cost in expected:
        response = follow(world, links(response)[name])
        report = response.context["report"]
        assert report.group_by == group_by
        assert report.total == round(cost * 10**10)
        assert str(report.period.start) == "2026-11-18"
    assert response.context["report"].step == "day"
    crumbs = response.context["breadcrumbs"]
    assert [link.label for link in crumbs] == [
        "All usage",
        "Product: Serverless inference",
        "Model: llama-3.3-70b",
        "API key: notebooks",
    ]
    assert crumbs[-1].current
    back = follow(world, crumbs[1].url).context["report"]
    assert (back.group_by, back.total) == ("model", 52_800_000_000)
    start = follow(world, crumbs[0].url).context["report"]
    assert (start.group_by, start.total) == ("product", 142_800_000_000)


def test_which_key_cost_most_yesterday_takes_two_clicks(world: World) -> None:
    yesterday = NOW.date() - dt.timedelta(days=1)
    used(world.key, yesterday)
    used(issued(world.research, world.owner, "ci").key, yesterday, quantity=5_000_000)
    # The first: *Group by*. The second: yesterday's bar, which shows its parts and leads to the rows.
    by_key = follow(world, "?group_by=api_key", "cost_analytics")
    bar = by_key.context["chart"].bars[yesterday.day - 1]
    assert bar.title.splitlines()[1] == "ci: $4.40 (83.3%)"
    assert next(iter(links(follow(world, bar.url, "cost_analytics")))) == "ci"
    presets = {link.label: link.url for link in by_key.context["presets"]}
    assert next(iter(links(follow(world, presets["Yesterday"], "cost_analytics")))) == "ci"


def test_what_is_narrowed_down_already_is_passed_over(world: World) -> None:
    used(world.key, DAY)
    by_product = follow(world, "?model=llama-3.3-70b&group_by=product")
    assert "group_by=api_key" in links(by_product)["Serverless inference"]
    by_project = follow(world, "?group_by=project", "cost_analytics")
    research = QueryDict(links(by_project)["Research"].lstrip("?"))
    assert (research["project"], research["group_by"]) == ("research", "product")
    by_person = follow(world, "?group_by=collaborator")
    assert "group_by=api_key" in links(by_person)["Project Member"]


def test_no_key_and_hidden_names_can_be_followed(world: World) -> None:
    used(world.external, DAY, project=world.research)
    assert "api_key=none" in links(follow(world, "?group_by=api_key"))["No API key"]
    follow(world, links(follow(world, "?group_by=api_key"))["No API key"])


def test_each_row_of_line_items_leads_to_its_own_amount(world: World) -> None:
    """Codes of line items are unique within a product only."""
    used(world.key, DAY, quantity=1_000_000)
    used(world.key, DAY, quantity=2_000_000, product="playground")
    response = follow(world, "?group_by=line_item")
    for row in response.context["rows"]:
        report = follow(world, row.name.url).context["report"]
        assert format_money(report.total) == row.cost


def test_the_search_of_the_filter_leads_nowhere_else(world: World) -> None:
    used(world.key, DAY)
    response = follow(world, "?find=foo&product=serverless-inference")
    context = response.context
    urls = [*links(response).values(), *(link.url for link in context["presets"])]
    urls += [
        context["save_view_url"],
        context["records_url"],
        *(b.url for b in context["chart"].bars),
    ]
    assert len(urls) > 8
    assert not [url for url in urls if "find=" in url]
