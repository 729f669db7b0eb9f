"""An empty page of a list that is not empty: no list takes it for an empty list."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.web.cursors import encode_cursor
from tests.keys.helpers.personal_tokens import made
from tests.support.pages import signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db

LAST_NAME, LAST_TIME = "\U0010ffff", "9999-12-31T00:00:00+00:00"
# The lists of the console, how they are sorted, and the last value in that order.
LISTS = [
    ("members", {"sort": "name"}, LAST_NAME),
    ("projects", {"sort": "name"}, LAST_NAME),
    ("organization_keys", {"sort": "name"}, LAST_NAME),
    ("organization_tokens", {}, "0001-01-01T00:00:00+00:00"),
    ("api_keys", {"sort": "name"}, LAST_NAME),
    ("collaborators", {"sort": "person"}, LAST_NAME),
]


@pytest.fixture
def world() -> World:
    return build_world()


def open_past_the_end(world: World, name: str, query: dict[str, str], last: str) -> Any:
    made(world.owner, world.research)
    of = world.research if name in ("api_keys", "collaborators") else world.organization
    pk = 2**62 if last != "0001-01-01T00:00:00+00:00" else 0
    cursor = encode_cursor(last, pk)
    return signed_in(world.owner).get(reverse(name, args=[of.slug]), {**query, "after": cursor})


@pytest.mark.parametrize(("name", "query", "last"), LISTS)
def test_it_says_the_total_and_links_to_the_first_page(
    world: World, name: str, query: dict[str, str], last: str
) -> None:
    response = open_past_the_end(world, name, query, last)
    text, page = words(response), response.context["page"]
    assert page.rows == []
    assert page.total > 0
    assert "Nothing on this page" in text
    total = page.total
    assert (f"The {total} entries" if total > 1 else "The only entry") in text
    for claim in ("All keys are revoked", "No matching", "matches this filter", "yet", "No access"):
        assert claim not in text
    first = signed_in(world.owner).get(response.request["PATH_INFO"] + page.start_url)
    assert len(first.context["page"].rows) > 0


def test_a_filtered_list_without_matches_still_says_so(world: World) -> None:
    path = reverse("api_keys", args=[world.research.slug])
    cursor = encode_cursor(LAST_NAME, 2**62)
    query = {"q": "no such key", "sort": "name", "after": cursor}
    text = words(signed_in(world.owner).get(path, query))
    assert "Nothing on this page" not in text
    assert "No matching keys" in text


@pytest.mark.parametrize(("query", "total"), [({}, True), ({"q": "no such text"}, False)])
def test_the_audit_log_before_its_beginning_is_not_empty(
    world: World, query: dict[str, str], total: bool
) -> None:
    path = reverse("audit_log", args=[world.organization.slug])
    response = signed_in(world.owner).get(path, {**query, "before": "1"})
    text = words(response)
    assert "Nothing on this page" in text
    assert (f"The {response.context['page'].total} entries" in text) is total
    assert response.context["page"].newest_url in response.content.decode().replace("&amp;", "&")
