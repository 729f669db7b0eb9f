"""The cost analytics of an organization: all its projects together, and no other organization's."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db


def today() -> dt.date:
    return timezone.now().date()


def page(world: World, person: str = "owner", **query: Any) -> Any:
    path = reverse("cost_analytics", args=[world.organization.slug])
    return signed_in(getattr(world, person)).get(path, query)


def test_it_adds_up_all_projects_and_no_one_elses(world: World) -> None:
    used(world.key, today(), quantity=5_000_000)
    used(world.key, today(), product="volumes", item="gb_hours", quantity=2, project=world.default)
    used(world.other_key, today(), quantity=70_000_000, model="rocket-1")
    response = page(world, group_by="project")
    text = words(response)
    assert "Research 5M tokens $4.40 68.8%" in text
    assert "Default Project 2 GB hours $2.00 31.2%" in text
    assert "Total $6.40" in text
    assert "rocket-1" not in text
    assert "Usage of Volumes is not attributed to projects yet $2.00 31.2%" in text


def test_only_who_answers_for_the_bill_sees_it(world: World) -> None:
    for person in ("member", "project_admin", "project_member", "external", "external_admin"):
        for form in ("", "csv", "records"):
            assert page(world, person, format=form).status_code == 403
    for person in ("owner", "admin"):
        assert page(world, person).status_code == 200


def test_projects_can_be_chosen_and_left_out(world: World) -> None:
    used(world.key, today(), quantity=5_000_000)
    used(world.key, today(), product="volumes", item="gb_hours", quantity=2, project=world.default)
    assert "Total $2.00" in words(page(world, project=world.default.slug))
    assert "Total $4.40" in words(page(world, exclude_project=world.default.slug))
    assert page(world, project=world.other_project.slug).status_code == 422


def test_a_person_without_usage_of_their_own_is_found_by_the_keys_they_made(world: World) -> None:
    used(world.key, today())
    response = page(world, collaborator=world.project_member.public_id, group_by="collaborator")
    assert "Project Member" in words(response)
    assert "Total $0.88" in words(response)


def test_people_of_other_organizations_are_no_one_here(world: World) -> None:
    response = page(world, collaborator=world.other_member.public_id)
    assert response.status_code == 422
    assert world.other_member.email not in response.content.decode()


def test_what_an_external_used_on_the_home_organizations_bill_says_which_project_it_was(
    world: World,
) -> None:
    home = world.external.home_organization
    assert home
    bill = home.projects.default()
    storage = {"product": "volumes", "item": "gb_hours", "quantity": 2}
    used(world.external, today(), project=bill, meant=world.research, **storage)
    path = reverse("cost_analytics", args=[home.slug])
    browser = signed_in(world.external)
    assert "Total $2.00" in words(browser.get(path))
    assert "Total $2.00" in words(browser.get(path, {"group_by": "collaborator"}))
    by_key = words(browser.get(path, {"group_by": "api_key"}))
    figures = by_key.partition(" so far $2.00")[2]
    assert figures
    assert "Northwind" not in figures
    file = b"".join(browser.get(path, {"format": "records"})).decode()
    assert world.research.public_id in file
    assert world.organization.slug not in file


def test_one_and_thirty_projects_cost_the_same_queries(world: World) -> None:
    counts = []
    used(world.key, today(), project=world.production)
    client, path = (
        signed_in(world.owner),
        reverse("cost_analytics", args=[world.organization.slug]),
    )
    client.get(path)
    set_limits(world.organization, world.staff, limit=40)
    for number in range(2):
        with queries() as captured:
            assert client.get(path, {"group_by": "project"}).status_code == 200
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 30):
            project = world.organization.projects.create(name=f"P {each}", slug=f"p-{each}")
            used(world.key, today(), project=project)
    assert counts[0] == counts[1] <= 12
