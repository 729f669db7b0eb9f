"""All external collaborators of an organization on one page."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.support.pages import outsiders, own_queries, queries, signed_in, words
from tests.world import World, accept, build_world, external, invited

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def page(user: User, **query: str) -> Any:
    return signed_in(user).get(reverse("externals", args=["northwind"]), query)


def names(response: Any) -> list[str]:
    return [external.row.name for external in response.context["rows"]]


def test_all_externals_stand_there_with_their_projects(world: World) -> None:
    world.external_row.end_date = dt.date(2999, 1, 31)
    world.external_row.save(update_fields=["end_date"])
    response = page(world.admin, sort="end")
    assert names(response) == ["External", "External Admin"]
    text = words(response)
    assert "Until 31 Jan 2999" in text
    assert "2 people, 2 project roles" in text
    assert "Remove user" in text
    row = response.context["rows"][0]
    assert (row.project, row.voucher) == ("Research", "Owner")
    assert reverse("person", args=["northwind", world.external.public_id]) in (
        response.content.decode()
    )
    assert "vendor" not in text


def test_the_list_is_filtered_by_text_and_project(world: World) -> None:
    world.production.allow_external_collaborators = True
    world.production.save(update_fields=["allow_external_collaborators"])
    external(world.production, "auditor@partner.example")
    assert names(page(world.owner, project="production")) == ["Auditor"]
    assert names(page(world.owner, q="admin@partner")) == ["External Admin"]
    assert names(page(world.owner, q="nobody-of-that-name")) == []


def test_only_what_externals_did_in_the_organization_is_shown(world: World) -> None:
    accept(invited(world.other_project, world.external.email), world.external)
    browser = signed_in(world.external)
    browser.get(reverse("project", args=[world.other_project.slug]))
    User.objects.filter(pk=world.external.pk).update(last_login=timezone.now())
    assert seen(world) == "–"
    assert "Last seen – in Northwind" in words(person_page(world))
    browser.get(reverse("project", args=[world.research.slug]))
    assert seen(world) == "just now"
    assert "Last seen just now in Northwind" in words(person_page(world))


def seen(world: World) -> str:
    (row,) = page(world.owner, q=world.external.email).context["rows"]
    return str(row.seen.text)


def person_page(world: World) -> Any:
    url = reverse("person", args=[world.organization.slug, world.external.public_id])
    return signed_in(world.owner).get(url)


@pytest.mark.parametrize("sort", ["person", "-person", "project", "added", "-end"])
def test_every_order_pages_through_all(world: World, sort: str) -> None:
    outsiders(world.research, 60)
    browser, seen, url = signed_in(world.owner), [], f"?sort={sort}"
    for _ in range(2):
        response = browser.get(reverse("externals", args=["northwind"]) + url)
        seen += [one.row.email for one in response.context["rows"]]
        url = response.context["page"].next_url
    assert len(seen) == len(set(seen)) == 62


def test_thirty_rows_cost_as_many_queries_as_two(world: World) -> None:
    numbers = []
    for more in (0, 30):
        if more:
            outsiders(world.research, more)
        with queries() as captured:
            page(world.owner)
        numbers.append(len(own_queries(captured)))
    assert len(set(numbers)) == 1
