"""Usage grouped and filtered by tags: of the key, else of its project, as they were on the day."""

import csv
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests.keys.helpers.api_client import call, error_of
from tests.projects.api.callers import admin_key
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.factories import used
from tests.usage.helpers.tags import tagged
from tests.world import World, issued
from usage.enums import Dimension, Reason
from usage.reports.tags import parse_names

pytestmark = pytest.mark.django_db
FIRST, TENTH, TWENTIETH = (dt.date(2026, 11, day) for day in (1, 10, 20))
NOVEMBER = {"start": "2026-11-01", "end": "2026-11-30"}
DAY = dt.timedelta(days=1)
TOKENS = 1_000_000  # cost $0.88


def page(world: World, project: str = "", person: str = "owner", **query: Any) -> Any:
    owner = getattr(world, project).slug if project else world.organization.slug
    url = reverse("usage" if project else "cost_analytics", args=[owner])
    return signed_in(getattr(world, person)).get(url, {**NOVEMBER, **query})


def groups(response: Any) -> dict[str, str]:
    """The cost of each group on the page."""
    assert response.status_code == 200, words(response)
    return {row.total.name.text: row.total.cost for row in response.context["rows"] if row.total}


def filtered(response: Any) -> str:
    assert response.status_code == 200, words(response)
    total: str = response.context["total"]
    return total


def download(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))


def test_usage_has_the_tag_of_its_project_as_it_was_on_the_day(world: World) -> None:
    tagged(world.research, "team", "search", FIRST, TENTH)
    tagged(world.research, "team", "ads", TENTH)
    for day in (FIRST, TENTH - DAY, TENTH, TWENTIETH):
        used(world.key, day)
    used(world.key, FIRST - DAY)
    used(issued(world.production, world.owner, "deploy").key, TENTH)
    assert groups(page(world, group_by="tag:team")) == {
        "search": "$1.76",
        "ads": "$1.76",
        "No value": "$0.88",
    }


def test_a_tag_of_the_key_takes_the_place_of_its_projects(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    tagged(world.research, "env", "dev", FIRST)
    tagged(world.key, "team", "ads", TENTH, TWENTIETH)
    for day in (TENTH - DAY, TENTH, TWENTIETH - DAY, TWENTIETH):
        used(world.key, day)
    assert groups(page(world, group_by="tag:team")) == {"ads": "$1.76", "search": "$1.76"}
    assert groups(page(world, group_by="tag:env")) == {"dev": "$3.52"}


def test_the_page_explains_tags_where_it_uses_them(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    used(world.key, FIRST)
    explained = "Tags count from 00:00 UTC of the day after they are set."
    assert explained not in words(page(world))
    for query in ({"group_by": "tag:team"}, {"tag:team": "search"}, {"exclude_tag:team": "none"}):
        assert explained in words(page(world, **query))


def test_hours_have_the_tag_of_their_day(world: World) -> None:
    tagged(world.research, "team", "search", FIRST, TENTH)
    for at in (dt.time(0), dt.time(23)):
        used(world.key, TENTH - DAY, at=at)
        used(world.key, TENTH, at=at)
    days = {"start": "2026-11-09", "end": "2026-11-10", "granularity": "hour"}
    response = page(world, group_by="tag:team", **days)
    assert groups(response) == {"No value": "$1.76", "search": "$1.76"}
    report = response.context["report"]
    series = {group.key: group.series for group in report.groups}
    bars = report.sum_bars()
    named = next(group.key for group in report.groups if group.key)
    assert [number for number, bar in enumerate(bars) if bar.get(series[named])] == [0, 23]
    assert [number for number, bar in enumerate(bars) if bar.get(series[0])] == [24, 47]


def test_usage_billed_to_the_default_project_keeps_the_tags_of_its_own(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    tagged(world.default, "team", "shared", FIRST)
    used(world.key, TENTH, project=world.default)
    used(world.member, TENTH, project=world.default)
    used(world.project_member, TENTH, project=world.default, meant=world.research)
    assert groups(page(world, group_by="tag:team")) == {"search": "$1.76", "shared": "$0.88"}


def test_usage_that_externals_bring_home_has_the_tags_there(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    tagged(world.other_default, "team", "consulting", FIRST)
    used(
        world.other_external, TENTH, project=world.other_default, meant=world.research,
        reason=Reason.EXTERNAL_HOME,
    )  # fmt: skip
    owner = world.other_organization.memberships.owner().user
    url = reverse("cost_analytics", args=[world.other_organization.slug])
    response = signed_in(owner).get(url, {**NOVEMBER, "group_by": "tag:team"})
    assert groups(response) == {"consulting": "$0.88"}


def test_tags_of_another_organization_never_show(world: World) -> None:
    """Even if usage with another reason were intended for one of its projects."""
    tagged(world.research, "team", "secret", FIRST)
    used(world.other_external, TENTH, project=world.other_default, meant=world.research)
    owner = world.other_organization.memberships.owner().user
    url = reverse("cost_analytics", args=[world.other_organization.slug])
    response = signed_in(owner).get(url, {**NOVEMBER, "group_by": "tag:team"})
    assert groups(response) == {"No value": "$0.88"}
    assert "secret" not in response.content.decode()


def test_values_and_usage_without_one_are_filtered(world: World) -> None:
    tagged(world.research, "team", "search", FIRST, TENTH)
    tagged(world.research, "team", "ads", TENTH, TWENTIETH)
    used(world.key, FIRST)
    used(world.key, TENTH, quantity=2 * TOKENS)
    used(world.key, TWENTIETH, quantity=4 * TOKENS)
    for query, total in [
        ({"tag:team": "search"}, "$0.88"),
        ({"tag:team": ["search", "ads"]}, "$2.64"),
        ({"tag:team": "none"}, "$3.52"),
        ({"tag:team": ["none", "ads"]}, "$5.28"),
        ({"exclude_tag:team": "search"}, "$5.28"),
        ({"exclude_tag:team": "none"}, "$2.64"),
        ({"tag:team": "search", "tag:env": "none"}, "$0.88"),
        ({"tag:env": "none"}, "$6.16"),
    ]:
        response = page(world, **query)
        assert filtered(response) == total, query
        file = download(page(world, format="csv", **query))
        assert sum(Decimal(row["cost (USD)"]) for row in file) == Decimal(total[1:]), query
        records = download(page(world, format="records", **query))
        assert sum(Decimal(row["cost (USD)"]) for row in records) == Decimal(total[1:]), query


def test_the_page_names_the_filter_and_offers_the_tags(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    used(world.key, TENTH)
    response = page(world, **{"tag:team": "search", "exclude_tag:team": "none"})
    chips = [chip.label for chip in response.context["chips"]]
    assert chips == ["Tag team: search", "Tag team: not No value"]
    shown = words(response)
    assert "Group by: Tag team" in shown
    link = next(row.total for row in page(world, group_by="tag:team").context["rows"]).name.url
    assert "tag%3Ateam=search" in link
    assert (
        signed_in(world.owner)
        .get(reverse("cost_analytics", args=[world.organization.slug]) + link)
        .context["report"]
        .group_by
        == Dimension.PROJECT
    )
    of_project = page(world, "research", group_by="tag:team").context["rows"][0].total.name.url
    assert "group_by=product" in of_project


def test_a_form_that_filters_keeps_the_others_and_clear_removes_all(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    response = page(world, **{"tag:team": "search"})
    assert ("tag:team", "search") in response.context["chosen"]
    assert "tag" not in response.context["clear_url"]


def test_the_filter_page_lists_values_by_name(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    tagged(world.key, "team", "ads", FIRST)
    tagged(world.key, "customer", "Acme", FIRST)
    client = signed_in(world.owner)
    url = reverse("cost_analytics_filter", args=[world.organization.slug])
    listed = {
        group.dimension.value: [option.reference for option in group.options]
        for group in client.get(url).context["filters"]
    }
    assert listed["tag:team"] == ["ads", "search", "none"]
    assert listed["tag:customer"] == ["Acme", "none"]
    searched = client.get(url, {"find": "acm", "tag:team": "ads"}).context["filters"]
    options = {
        group.dimension.value: [(option.reference, option.included) for option in group.options]
        for group in searched
    }
    assert options["tag:team"] == [("ads", True)]
    assert options["tag:customer"] == [("Acme", False)]


def test_unknown_values_are_refused_and_unknown_names_have_no_value(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    used(world.key, TENTH)
    refused = page(world, **{"tag:team": "nobody"})
    assert refused.status_code == 422
    assert "Tag team: there is no nobody." in words(refused)
    assert groups(page(world, group_by="tag:other")) == {"No value": "$0.88"}
    assert page(world, group_by="tag:Team").status_code == 422
    assert page(world, group_by="exclude_tag:team").status_code == 422
    assert filtered(page(world, **{"tag:Team": "x"})) == "$0.88"  # like any parameter there is not
    many = {f"tag:t{number}": "none" for number in range(17)}
    assert page(world, **many).status_code == 422


def test_a_switch_to_another_project_drops_values_that_are_not_there(world: World) -> None:
    tagged(world.research, "team", "search", FIRST)
    response = page(world, "production", group_by="tag:team", carried="1", **{"tag:team": "search"})
    assert response.status_code == 302
    assert "search" not in response.url
    assert "group_by=tag%3Ateam" in response.url


def test_the_file_has_a_column_with_the_value(world: World) -> None:
    tagged(world.research, "team", '=ads,"x"', FIRST, TENTH)
    used(world.key, FIRST)
    used(world.key, TENTH)
    rows = download(page(world, group_by="tag:team", format="csv"))
    assert [(row["day (UTC)"], row["tag:team"]) for row in rows] == [
        ("2026-11-01", '\'=ads,"x"'),
        ("2026-11-10", ""),
    ]


def test_the_file_of_records_has_the_tags_of_each_day(world: World) -> None:
    tagged(world.research, "team", '=ads,"x"', FIRST, TENTH)
    tagged(world.key, "env", "dev", TENTH)
    used(world.key, FIRST, at=dt.time(23, 59, 59))
    used(world.key, TENTH, at=dt.time(0))
    plain = download(page(world, format="records"))
    assert not any(name.startswith("tag") for name in plain[0])
    query = {"group_by": "tag:team", "exclude_tag:env": "x", "format": "records"}
    tagged(world.key, "env", "x", FIRST - 9 * DAY, FIRST - 8 * DAY)
    rows = sorted(download(page(world, **query)), key=lambda row: row["time (UTC)"])
    assert [(row["tag:team"], row["tag:env"]) for row in rows] == [
        ('\'=ads,"x"', ""),
        ("", "dev"),
    ]


def test_programs_group_and_filter_by_tags(world: World) -> None:
    tagged(world.research, "team", "search", FIRST, TENTH)
    used(world.key, FIRST)
    used(world.key, TENTH, quantity=2 * TOKENS)
    admin = admin_key(world)
    path = f"/v1/organization/projects/{world.research.public_id}/usage"
    query = "?start=2026-11-01&end=2026-11-30"
    answer = call(f"{path}{query}&group_by=tag:team", admin).json()
    assert answer["group_by"] == "tag:team"
    assert [(group["id"], group["name"], group["amount"]) for group in answer["groups"]] == [
        ("none", "No value", "1.76"),
        ("search", "search", "0.88"),
    ]
    assert call(f"{path}{query}&tag:team=search", admin).json()["total"] == "0.88"
    refused = call(f"{path}{query}&group_by=tag:Team", admin)
    assert (refused.status_code, error_of(refused)["param"]) == (422, "group_by")
    refused = call(f"{path}{query}&tag:team=nobody", admin)
    assert (refused.status_code, error_of(refused)["param"]) == (422, "tag:team")


@pytest.mark.parametrize("project", ["", "research"])
def test_more_tags_and_values_cost_no_more_queries(world: World, project: str) -> None:
    counts = []
    tagged(world.key, "team", "search", FIRST)
    tagged(world.key, "env", "dev", FIRST)
    used(world.key, TENTH)
    page(world, project)
    for number in range(2):
        with queries() as captured:
            groups(page(world, project, group_by="tag:team", **{"exclude_tag:env": "none"}))
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 30):
            key = issued(world.research, world.owner, f"key {each}").key
            tagged(key, "team", f"team {each}", FIRST)
            tagged(key, "env", f"env {each}", FIRST)
            used(key, TENTH)
    assert counts[0] == counts[1] <= (14 if project else 15)


def test_names_are_read_from_parameters() -> None:
    given = ["tag:a", "exclude_tag:b-1", "tag:a", "tag:", "tag:A", "tags:a", "x", "tag:a\n"]
    assert parse_names(given) == ["a", "b-1"]
