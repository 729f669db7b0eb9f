"""The usage page of a project: what it says, to whom, and what it makes of bad addresses."""

import csv
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, external, issued, project_with_externals
from usage.models import ModelName

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The world is made now; what its people do then is on a day of choice."""
    set_clock(monkeypatch, max(NOW, timezone.now()))
    set_clock(monkeypatch, NOW)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"start": "2026-11-40"}, "start", "Start: enter a day as YYYY-MM-DD, such as 2026-11-30."),
    ({"end": "yesterday"}, "end", "End: enter a day as YYYY-MM-DD, such as 2026-11-30."),
    (
        {"start": "2026-11-09", "end": "2026-11-08"},
        "end",
        "End: choose the start or a later day.",
    ),
    ({"start": "0001-01-01"}, "end", "End: choose a period of at most 3,660 days."),
    ({"end": "9999-12-31", "start": "9999-12-30"}, "end", "End: choose an earlier day."),
    ({"start": "0001-01-01", "end": "0001-01-31"}, "start", "Start: choose a later day."),
    ({"start": "0005-01-01", "end": "0012-01-01"}, "start", "Start: choose a later day."),
    ({"end": "9999-12-30", "start": "9999-06-01"}, "end", "End: choose an earlier day."),
    ({"measure": "euros"}, "measure", "Measure: choose one of cost, units."),
    ({"granularity": "year"}, "granularity", "Granularity: choose one of hour, day, week, month."),
    (
        {"granularity": "hour", "start": "2026-10-01", "end": "2026-11-01"},
        "granularity",
        "Granularity: Hourly shows at most 31 days.",
    ),
    (
        {"group_by": "project"},
        "group_by",
        "Group by: choose one of product, model, line_item, api_key, collaborator.",
    ),
    ({"product": "tea"}, "product", "Product: there is no tea."),
    ({"product": "a\x00b"}, "product", "Product: there is no a\x00b."),
    (
        {"exclude_line_item": ["tea", "output_tokens"]},
        "exclude_line_item",
        "Without line item: there is no tea.",
    ),
    (
        {"project": "research"},
        "project",
        "Project: this report already covers only one project.",
    ),
    ({"api_key": "key_nobody"}, "api_key", "API key: there is no key_nobody."),
    ({"collaborator": "user_nobody"}, "collaborator", "Collaborator: there is no user_nobody."),
    ({"unit": "barrel"}, "unit", "Unit: nothing is counted in barrel."),
    ({"format": "pdf"}, "format", "Format: choose one of csv, records."),
    ({"product": [f"p{n}" for n in range(101)]}, "product", "Product: choose at most 100."),
]


def page(world: World, person: str = "owner", of: str = "research", **query: Any) -> Any:
    slug = getattr(world, of).slug
    return signed_in(getattr(world, person)).get(reverse("usage", args=[slug]), query)


def figures(response: Any) -> dict[str, tuple[str, str]]:
    return {figure.name: (figure.value, figure.note) for figure in response.context["figures"]}


def month(response: Any) -> dict[str, tuple[str, str]]:
    return {
        figure.name: (figure.value, figure.note) for figure in response.context["month"].figures
    }


def test_it_shows_the_months_numbers_in_a_chart_and_a_table(world: World) -> None:
    used(world.key, TODAY, quantity=2_000_000)
    used(world.key, TODAY, product="code-interpreter", item="sessions", model="", quantity=3)
    response = page(world)
    text = words(response)
    assert response.status_code == 200
    assert "Serverless inference llama-3.3-70b · Output tokens 2M tokens $1.76 37.0%" in text
    assert "Code interpreter Sessions 3 sessions $3.00 63.0%" in text
    assert "Total $4.76" in text
    assert "Updated 0 seconds ago." in text
    assert "UTC" in text
    shown = response.content.decode()
    parts = "Code interpreter: $3.00 (63.0%)\nServerless inference: $1.76 (37.0%)"
    assert f"25 Nov: $4.76\n{parts}</title>" in shown
    assert shown.count('<a class="bar"') == 30
    assert 'href="?start=2026-11-25&amp;end=2026-11-25"' in shown


def test_this_month_is_compared_with_the_last_one_up_to_the_same_hour(world: World) -> None:
    sessions = {"product": "code-interpreter", "item": "sessions"}
    used(world.key, dt.date(2026, 11, 3), quantity=90, **sessions)
    for day, hour in ((24, 12), (25, 14), (25, 15), (26, 1)):
        used(world.key, dt.date(2026, 10, day), quantity=30, at=dt.time(hour), **sessions)
    response = page(world)
    found = figures(response)
    assert "Changes are relative to 1 – 25 Oct 2026, 15:00. All times are UTC." in words(response)
    assert found["Cost"] == ("$90.00", "1 – 30 Nov 2026, 1 product")
    assert found["Change"] == ("+50.0%", "+$30.00 on $60.00")
    assert found["Requests"] == ("1", "−50.0%, $90,000.00 per 1,000")
    # 25 days of November have begun.
    assert found["Average a day"] == ("$3.60", "Most on 3 Nov, $90.00")


def test_other_periods_are_compared_with_as_many_days_before(world: World) -> None:
    sessions = {"product": "code-interpreter", "item": "sessions"}
    for day, quantity in ((1, 10), (7, 20), (8, 15), (14, 30)):
        used(world.key, dt.date(2026, 11, day), quantity=quantity, **sessions)
    found = figures(page(world, start="2026-11-08", end="2026-11-14"))
    assert found["Change"] == ("+50.0%", "+$15.00 on $30.00")
    first = figures(page(world, start="2026-11-01", end="2026-11-07"))
    assert first["Change"] == ("new", "+$30.00 on $0.00")
    october = words(page(world, start="2026-11-01", end="2026-11-07"))
    assert "Changes are relative to 25 – 31 Oct 2026." in october
    hours = figures(page(world, start="2026-11-08", end="2026-11-08", granularity="hour"))
    assert hours["Change"] == ("−25.0%", "−$5.00 on $20.00")
    assert hours["Average a day"] == ("$15.00", "Most on 8 Nov, 12:00, $15.00")


def test_the_figures_are_those_of_what_is_filtered(world: World) -> None:
    used(world.key, TODAY, product="code-interpreter", item="sessions", model="", quantity=3)
    used(world.key, TODAY, quantity=2_000_000)
    for query in ({"product": "code-interpreter"}, {"exclude_product": "code-interpreter"}, {}):
        response = page(world, **query)
        exported = b"".join(page(world, format="csv", **query)).decode().splitlines()
        costs = [Decimal(row["cost (USD)"]) for row in csv.DictReader(exported)]
        shown = figures(response)["Cost"][0]
        assert shown == f"${sum(costs):.2f}"
        assert f"Total {shown}" in words(response)
        assert month(response)["November so far"][0] == "$4.76"
    tokens = figures(page(world, measure="units", unit="token"))
    assert tokens["Tokens"] == ("2M", "1 – 30 Nov 2026, 1 product")
    assert tokens["Average a day"][0] == "80,000"


def test_the_forecast_goes_on_at_the_pace_of_the_last_whole_days(world: World) -> None:
    assert month(page(world))["Forecast by 30 Nov"][0] == "—"
    sessions = {"product": "code-interpreter", "item": "sessions"}
    for back in range(8):
        used(world.key, TODAY - dt.timedelta(days=back), quantity=24, **sessions)
    # Eight days, and the 5 days and 8.5 hours that are left of November, of 24 dollars each.
    expected = 8 * 24 + 5 * 24 + 8.5
    filtered = page(world, product="volumes", start="2026-01-01")
    assert month(filtered)["Forecast by 30 Nov"] == (
        f"${expected:.2f}",
        "at the last 7 days’ pace",
    )


@pytest.mark.parametrize("form", ["", "csv", "records"])
def test_externals_see_none_of_it(world: World, form: str) -> None:
    for person in ("external", "external_admin"):
        assert page(world, person, format=form).status_code == 403
    items = page(world).context["frame"].groups[0].items
    assert "Usage" in [item.label for item in items]
    overview = signed_in(world.external).get(reverse("project", args=["research"]))
    assert "usage/" not in overview.content.decode()
    assert page(world, "project_member", format=form).status_code == 200


@pytest.mark.parametrize(("query", "field", "message"), WRONG)
@pytest.mark.parametrize("form", [{}, {"format": "csv"}])
def test_a_bad_address_is_said_at_its_field(
    world: World, query: dict[str, Any], field: str, message: str, form: dict[str, str]
) -> None:
    response = page(world, **{**form, **query})
    assert response.status_code == 422
    assert response.context["form"].errors[field] == [message]
    assert f'id="wrong-{field}"' in response.content.decode()


def test_keys_and_people_of_others_are_as_unknown_as_any(world: World) -> None:
    for name, value in (
        ("api_key", world.other_key.public_id),
        ("collaborator", world.stranger.public_id),
    ):
        assert page(world, **{name: value}).status_code == 422


@pytest.mark.parametrize(("person", "of"), [("member", "default"), ("project_admin", "research")])
def test_filters_reveal_nothing_of_hidden_projects(world: World, person: str, of: str) -> None:
    key = issued(world.production, world.owner, "merger plans").key
    maker = external(project_with_externals(world.organization, "Merger"), "lawyer@law.example")
    for name, value in (
        ("api_key", key.public_id),
        ("exclude_api_key", world.organization.projects.default().api_keys.get().public_id),
        ("collaborator", maker.user.public_id),
    ):
        assert page(world, person, of, **{name: value}).status_code == 422
        assert page(world, "owner", "default", **{name: value}).status_code == 200
    # What the usage shows anyway can be filtered by.
    used(key, TODAY, product="volumes", item="gb_hours", project=world.default)
    status = 200 if of == "default" else 422
    assert page(world, person, of, api_key=key.public_id).status_code == status


def test_what_is_chosen_can_be_taken_back(world: World) -> None:
    used(world.key, TODAY)
    response = page(
        world, product="volumes", exclude_api_key=world.key.public_id, start="2026-11-02"
    )
    assert "No matching usage" in words(response)
    chips = {one.label: one.url for one in response.context["chips"]}
    assert list(chips) == ["Product: Volumes", "API key: not notebooks"]
    assert "product" not in chips["Product: Volumes"]
    assert "start=2026-11-02" in chips["Product: Volumes"]
    assert response.context["clear_url"] == "?start=2026-11-02"


def test_without_usage_it_says_how_to_make_a_first_request_with_a_key(
    world: World, settings: Settings
) -> None:
    response = page(world)
    text = words(response)
    assert "No usage in this period" in text
    assert reverse("api_keys", args=[world.research.slug]) in response.content.decode()
    assert f"curl -i {settings.BASE_URL}/v1/auth" in text
    assert "It only checks the key" in text
    for metering in ("/v1/usage/events", "SERVICE_CREDENTIAL", "metering"):
        assert metering not in response.content.decode()
    path = reverse("cost_analytics", args=[world.organization.slug])
    analytics = words(signed_in(world.owner).get(path))
    assert f"curl -i {settings.BASE_URL}/v1/auth" in analytics
    assert "SERVICE_CREDENTIAL" not in analytics


def test_the_operator_says_what_a_first_request_is(world: World, settings: Settings) -> None:
    settings.API_URL = "https://api.example.com/v1"
    settings.FIRST_REQUEST = 'curl $API_URL/models \\\n  -H "Authorization: Bearer $API_KEY"'
    text = words(page(world))
    assert 'curl https://api.example.com/v1/models \\ -H "Authorization: Bearer $API_KEY"' in text
    assert "The API is at https://api.example.com/v1" in text
    assert "It only checks the key" not in text
    used(world.key, TODAY)
    assert "curl" not in words(page(world, start="2026-01-01", end="2026-01-02"))


def test_the_default_project_names_nothing_that_is_hidden_from_the_reader(world: World) -> None:
    secretive = issued(world.production, world.owner, "merger plans").key
    for key in (world.key, secretive):
        used(key, TODAY, product="volumes", item="gb_hours", project=world.default)
    for person, sees in (("owner", True), ("project_member", True), ("member", False)):
        response = page(world, person, "default", group_by="api_key")
        assert ("merger plans" in words(response)) is sees
        assert (secretive.public_id in response.content.decode()) is True
        exported = b"".join(page(world, person, "default", group_by="api_key", format="csv"))
        assert (b"merger plans" in exported) is sees


def test_names_of_keys_are_text(world: World) -> None:
    used(issued(world.research, world.owner, "<b>bold</b>").key, TODAY, model="<i>model</i>")
    shown = page(world, group_by="api_key").content.decode()
    assert "<b>bold</b>" not in shown
    assert "<i>model</i>" not in shown


@pytest.mark.parametrize("group_by", ["product", "model", "line_item", "api_key", "collaborator"])
def test_one_and_thirty_groups_cost_the_same_queries(world: World, group_by: str) -> None:
    counts = []
    used(world.key, TODAY)
    client, path = signed_in(world.owner), reverse("usage", args=[world.research.slug])
    client.get(path)
    for number in range(2):
        with queries() as captured:
            assert client.get(path, {"group_by": group_by}).status_code == 200
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 30):
            key = issued(world.research, world.owner, f"key {each}").key
            used(key, TODAY - dt.timedelta(days=each % 20), model=f"model-{each}")
    assert counts[0] == counts[1] <= 10
    assert ModelName.objects.count() > 30
