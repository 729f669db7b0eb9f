"""A set of projects at once: the four structures, names one can edit, all or nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Action
from accounts.models import AuditEvent
from tests.database.refusals import all_rows
from tests.support.pages import signed_in, words
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
STRUCTURES = {
    "team": ["ml-research", "platform-eng", "applied-ai"],
    "environment": ["development", "staging", "production"],
    "workload": ["training", "inference", "evaluation"],
    "customer": ["customer-a", "customer-b"],
}


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(world.owner)


def address(world: World, name: str = "project_new_set") -> str:
    return reverse(name, args=[world.organization.slug])


def send(world: World, browser: Client, *names: str) -> Any:
    return browser.post(f"{address(world)}?set=team", {"name": list(names)})


def names_of(world: World) -> list[str]:
    projects = world.organization.projects.order_by("pk")
    return list(projects.values_list("name", flat=True))


@pytest.mark.parametrize("key", STRUCTURES)
def test_each_structure_fills_in_its_names(world: World, browser: Client, key: str) -> None:
    page = browser.get(address(world), {"set": key})
    rows = [row["name"].value() for row in page.context["form"].rows]
    assert [name for name in rows if name] == STRUCTURES[key]
    assert "" in rows, "there is a row to add one"
    assert "Best when" in words(page)


def test_a_new_project_offers_the_four_sets(world: World, browser: Client) -> None:
    page = browser.get(address(world, "project_new")).content.decode()
    for key in STRUCTURES:
        assert f'href="{address(world)}?set={key}"' in page


def test_an_unknown_set_is_the_first(world: World, browser: Client) -> None:
    for query in ({}, {"set": "x"}, {"set": "a\x00"}):
        assert browser.get(address(world), query).context["chosen"].key == "team"


def test_the_rows_filled_in_become_projects(world: World, browser: Client) -> None:
    before = names_of(world)
    response = send(world, browser, "Rockets", "  ", "Über  Team", "")
    made = world.organization.projects.exclude(name__in=before).order_by("pk")
    new = ",".join(one.public_id for one in made)
    assert response["Location"] == f"{address(world, 'projects')}?new={new}#new"
    assert [(one.name, one.slug, one.created_by) for one in made] == [
        ("Rockets", "rockets-2", world.owner),
        ("Über Team", "uber-team", world.owner),
    ]
    events = AuditEvent.objects.order_by("-pk")[:2]
    assert [event.act for event in events] == [Action.PROJECT_CREATED] * 2
    assert "Created Rockets, Über Team." in words(browser.get(address(world, "projects")))


def test_it_is_all_or_nothing_at_the_limit(world: World, browser: Client) -> None:
    before = all_rows()
    response = send(world, browser, "One", "Two", "Three")
    assert response.status_code == 409
    assert "has room for 2 more projects, not for 3" in words(response)
    assert [row["name"].value() for row in response.context["form"].rows][:3] == [
        "One",
        "Two",
        "Three",
    ]
    assert all_rows() == before
    assert send(world, browser, "One", "Two").status_code == 302


def test_one_bad_name_spoils_none_and_is_marked(world: World, browser: Client) -> None:
    before = all_rows()
    response = send(world, browser, "Fine", "bad\u202ename")
    assert response.status_code == 422
    assert [bool(row.errors) for row in response.context["form"].rows[:2]] == [False, True]
    assert "Remove the invisible character U+202E" in words(response)
    assert all_rows() == before


def test_without_a_name_there_is_nothing_to_make(world: World, browser: Client) -> None:
    for names in ([], ["", " "]):
        response = send(world, browser, *names)
        assert response.status_code == 422
        assert "Enter at least one name" in words(response)


def test_at_the_limit_the_page_leads_to_a_request(world: World, browser: Client) -> None:
    set_limits(world.organization, world.staff, limit=3)
    page, refused = browser.get(address(world)), send(world, browser, "One")
    assert (page.status_code, refused.status_code) == (200, 409)
    for answer in (page, refused):
        assert f'href="{address(world, "project_request")}"' in answer.content.decode()
        assert 'name="name"' not in answer.content.decode()
    assert len(names_of(world)) == 3
