"""The project switcher on usage pages: the other project's usage, seen in the same way."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.support.pages import signed_in
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
VIEW = "start=2026-11-01&end=2026-11-14&group_by=collaborator&product=volumes&product=files"


@pytest.fixture
def world() -> World:
    return build_world()


def links(world: World, address: str) -> dict[str, str]:
    frame = signed_in(world.owner).get(address).context["frame"]
    return {entry.name: entry.url for entry in frame.projects}


def test_it_keeps_period_groups_and_filters(world: World) -> None:
    here = reverse("usage", args=["research"])
    gone = "api_key=key_x&exclude_api_key=key_y&page=2&format=html"
    url = links(world, f"{here}?{VIEW}&{gone}")["Production"]
    path, _, query = url.partition("?")
    assert path == reverse("usage", args=["production"])
    assert QueryDict(query) == QueryDict(f"{VIEW}&carried=1")
    answer = signed_in(world.owner).get(url)
    assert answer.status_code == 302
    assert QueryDict(answer["Location"].partition("?")[2]) == QueryDict(VIEW)


def test_without_a_query_it_leads_to_the_plain_page(world: World) -> None:
    assert links(world, reverse("usage", args=["research"]))["Production"] == reverse(
        "usage", args=["production"]
    )


def test_elsewhere_it_leads_to_the_overview(world: World) -> None:
    address = f"{reverse('collaborators', args=['research'])}?q=x"
    assert links(world, address)["Production"] == reverse("project", args=["production"])


def test_people_who_are_not_there_are_dropped_and_the_others_stay(world: World) -> None:
    people = [world.project_member.public_id, world.external.public_id]
    here = reverse("usage", args=["research"])
    query = f"collaborator={people[0]}&collaborator={people[1]}&start=2026-11-01&end=2026-11-14"
    url = links(world, f"{here}?{query}")["Production"]
    answer = signed_in(world.owner).get(url, follow=True)
    assert answer.status_code == 200
    kept = QueryDict(answer.request["QUERY_STRING"])
    assert kept.getlist("collaborator") == people[:1]
    assert kept["start"] == "2026-11-01"
    assert "carried" not in kept


def organization_links(world: World, address: str) -> dict[str, str]:
    frame = signed_in(world.external).get(address).context["frame"]
    return {entry.name: entry.url for entry in frame.organizations}


def test_the_organization_switcher_keeps_the_page_where_it_may_be_seen(world: World) -> None:
    home = world.external.home_organization
    assert home
    query = (
        f"start=2026-11-01&end=2026-11-14&product=volumes&project={home.projects.default().slug}"
    )
    address = f"{reverse('cost_analytics', args=[home.slug])}?{query}"
    urls = organization_links(world, address)
    path, _, kept = urls[home.name].partition("?")
    assert path == reverse("cost_analytics", args=[home.slug])
    assert QueryDict(kept) == QueryDict("start=2026-11-01&end=2026-11-14&product=volumes&carried=1")
    others = [url for name, url in urls.items() if name != home.name]
    assert all("cost-analytics" not in url for url in others)
