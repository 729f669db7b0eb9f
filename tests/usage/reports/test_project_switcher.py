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
    assert QueryDict(query) == QueryDict(VIEW)


def test_without_a_query_it_leads_to_the_plain_page(world: World) -> None:
    assert links(world, reverse("usage", args=["research"]))["Production"] == reverse(
        "usage", args=["production"]
    )


def test_elsewhere_it_leads_to_the_overview(world: World) -> None:
    address = f"{reverse('collaborators', args=['research'])}?q=x"
    assert links(world, address)["Production"] == reverse("project", args=["production"])
