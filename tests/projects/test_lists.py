"""Long lists: constant numbers of queries, and pages that visit every row exactly once."""

from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from keys.enums import KeyMakers
from keys.models import KeyPolicy
from projects.models import Project
from tests.keys.helpers.factories import many_keys
from tests.support.pages import crowd, members, outsiders, own_queries, queries, signed_in
from tests.world import World, build_world, invited, invited_member, set_limits

pytestmark = pytest.mark.django_db
LIMIT = 6
READERS = ["owner", "project_member", "external"]
SORTS = ["person", "-person", "role", "-role", "added", "-added"]
LISTS = {
    "collaborators": SORTS,
    "members": ["name", "-name", "role", "-role", "joined", "-joined", "active", "-active"],
    "projects": ["name", "-name", "created", "-created"],
    "api_keys": [
        *("name", "-name", "created", "-created", "used", "-used", "expires", "-expires"),
    ],
}
OF_PROJECT = ("collaborators", "api_keys")


@pytest.fixture
def world() -> World:
    return build_world()


def address(world: World, name: str) -> str:
    slug = world.research.slug if name in OF_PROJECT else world.organization.slug
    return reverse(name, args=[slug])


def filled(world: World, name: str, number: int) -> None:
    if name == "collaborators":
        crowd(world.research, number)
    elif name == "members":
        members(world.organization, number)
    elif name == "api_keys":
        many_keys(world.research, world.owner, number)
    else:
        set_limits(world.organization, world.staff, limit=500)
        Project.objects.bulk_create(
            Project(
                organization=world.organization,
                name=f"Project {index - index % 3:04}",
                slug=f"project-{index:04}",
            )
            for index in range(number)
        )


def rows_of(response: Any) -> list[Any]:
    return list(response.context["page"].rows)


def cost(client: Client, path: str, **query: str) -> list[str]:
    client.get(path, query)  # cookies and caches of a first visit
    with queries() as captured:
        response = client.get(path, query)
    assert response.status_code == 200
    return own_queries(captured)


@pytest.mark.parametrize("name", LISTS)
def test_one_row_and_thirty_cost_the_same_queries(world: World, name: str) -> None:
    client, path = signed_in(world.owner), address(world, name)
    filled(world, name, 1)
    few = cost(client, path)
    if name == "collaborators":
        crowd(world.research, 29, "more")
        outsiders(world.research, 5)
        for index in range(5):
            invited(world.research, f"later{index}@partner.example")
    elif name == "members":
        members(world.organization, 29, "more")
        for index in range(5):
            invited_member(world.organization, f"later{index}@northwind.example")
    elif name == "api_keys":
        many_keys(world.research, world.member, 29, "more")
    else:
        filled_more_projects(world.organization)
    assert len(cost(client, path)) == len(few)


def filled_more_projects(organization: Organization) -> None:
    Project.objects.bulk_create(
        Project(organization=organization, name=f"Another {index}", slug=f"another-{index}")
        for index in range(29)
    )


@pytest.mark.parametrize("name", ["organizations", "invitations"])
def test_their_own_lists_cost_the_same_for_one_row_and_thirty(world: World, name: str) -> None:
    person, path = world.external, reverse(name)
    invited_member(world.organization, person.email)
    client = signed_in(person)
    few = cost(client, path)
    for index in range(8):
        organization = Organization.objects.create(name=f"Club {index}", slug=f"club-{index}")
        organization.projects.create(
            name="Default Project", slug=f"club-{index}-default", is_default=True
        )
        organization.memberships.create(user=world.owner, role="owner")
        if name == "organizations":
            organization.memberships.create(user=person, role="member")
        else:
            invited_member(organization, person.email)
    assert len(cost(client, path)) == len(few)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "person"},
        {"role": "admin", "type": "member"},
        {"sort": "-person"},
        {"sort": "role", "q": "a"},
        {"page": "2"},
        {"page": "3"},
        {"page": "3", "sort": "person", "role": "member"},
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_the_collaborators_page_costs_at_most_six_queries(
    world: World, reader: str, query: dict[str, str]
) -> None:
    crowd(world.research, 120)
    spent = cost(signed_in(getattr(world, reader)), address(world, "collaborators"), **query)
    assert len(spent) <= LIMIT, "\n\n".join(spent)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "many", "status": "all", "creator": "me"},
        {"status": "rotating", "sort": "used"},
        {"page": "2", "sort": "-expires"},
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_the_api_keys_page_costs_at_most_six_queries_and_one_for_its_costs(
    world: World, reader: str, query: dict[str, str]
) -> None:
    many_keys(world.research, world.owner, 120)
    KeyPolicy.objects.create(organization=world.organization, makers=KeyMakers.ADMINS)
    spent = cost(signed_in(getattr(world, reader)), address(world, "api_keys"), **query)
    assert len(spent) <= LIMIT + 1, "\n\n".join(spent)


def walked(client: Client, path: str, sort: str, *, back: bool = False) -> list[list[int]]:
    """The primary keys page by page, following the links from the first (or the last) page."""
    response = client.get(path, {"sort": sort})
    if back:
        response = client.get(path + response.context["page"].last_url)
    pages = [[row.pk for row in rows_of(response)]]
    while url := getattr(response.context["page"], "previous_url" if back else "next_url"):
        response = client.get(path + url)
        assert response.status_code == 200
        pages.append([row.pk for row in rows_of(response)])
        assert len(pages) < 10
    return pages


@pytest.mark.parametrize(
    ("name", "sort"), [(name, sort) for name, sorts in LISTS.items() for sort in sorts]
)
def test_every_row_is_visited_once_forward_and_back(world: World, name: str, sort: str) -> None:
    filled(world, name, 117)
    client, path = signed_in(world.owner), address(world, name)
    forward = walked(client, path, sort)
    backward = walked(client, path, sort, back=True)
    visits = Counter(pk for page in forward for pk in page)
    assert set(visits.values()) == {1}
    assert len(visits) == total(world, name)
    assert [len(page) for page in forward[:-1]] == [50, 50]
    assert [pk for page in reversed(backward) for pk in page] == [
        pk for page in forward for pk in page
    ]


def total(world: World, name: str) -> int:
    return {
        "collaborators": world.research.collaborators.count(),
        "members": world.organization.memberships.count(),
        "projects": world.organization.projects.count(),
        "api_keys": world.research.api_keys.count(),
    }[name]


@pytest.mark.parametrize("name", LISTS)
def test_a_typed_page_number_shows_the_same_rows_as_the_links(world: World, name: str) -> None:
    filled(world, name, 117)
    client, path = signed_in(world.owner), address(world, name)
    sort = LISTS[name][0]
    linked = walked(client, path, sort)
    for number, expected in enumerate(linked, start=1):
        response = client.get(path, {"sort": sort, "page": str(number)})
        assert [row.pk for row in rows_of(response)] == expected


@pytest.mark.parametrize(("typed", "shown"), [("0", 1), ("-3", 1), ("999", 3), ("x", 1), ("²", 1)])
def test_a_page_number_out_of_range_shows_the_nearest_page(
    world: World, typed: str, shown: int
) -> None:
    crowd(world.research, 117)
    response = signed_in(world.owner).get(address(world, "collaborators"), {"page": typed})
    assert response.context["page"].number == shown


def test_the_filter_stays_in_the_links_to_other_pages(world: World) -> None:
    crowd(world.research, 117)
    query = {"q": "person", "type": "member", "sort": "-person"}
    response = signed_in(world.owner).get(address(world, "collaborators"), query)
    following = parse_qs(urlsplit(response.context["page"].next_url).query)
    assert {name: following[name] for name in query} == {n: [v] for n, v in query.items()}


def test_a_row_that_goes_meanwhile_hides_no_other(world: World) -> None:
    rows = crowd(world.research, 117)
    client, path = signed_in(world.owner), address(world, "collaborators")
    first = client.get(path)
    seen = [row.pk for row in rows_of(first)]
    rows[0].delete()
    second = client.get(path + first.context["page"].next_url)
    every = list(
        world.research.collaborators.order_by("added_at", "pk").values_list("pk", flat=True)
    )
    assert rows_of(second)[0].pk == every[every.index(seen[-1]) + 1]
