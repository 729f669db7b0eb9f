"""The banner of what cannot be changed now: a suspended or closed organization, an archived project."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import OrganizationState
from accounts.models import User
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
SUSPENDED = "Read-only. Support has suspended Northwind: Bill unpaid."
ARCHIVED = "Read-only. Research is archived"


@pytest.fixture
def world() -> World:
    return build_world()


def page(user: User, name: str, slug: str) -> Any:
    return signed_in(user).get(reverse(name, args=[slug]))


@pytest.mark.parametrize("name", ["organization", "projects", "members", "organization_settings"])
def test_a_suspended_organization_says_so_on_its_pages(world: World, name: str) -> None:
    slug = world.organization.slug
    assert "Read-only." not in words(page(world.member, name, slug))
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    assert SUSPENDED in words(page(world.member, name, slug))


@pytest.mark.parametrize("name", ["project", "collaborators", "project_settings"])
def test_a_suspended_organization_says_so_on_its_projects_pages(world: World, name: str) -> None:
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    assert SUSPENDED in words(page(world.external, name, world.research.slug))


def test_nothing_new_is_offered_in_a_suspended_organization(world: World) -> None:
    new = reverse("project_new", args=[world.organization.slug])
    assert new in page(world.owner, "projects", world.organization.slug).content.decode()
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    assert new not in page(world.owner, "projects", world.organization.slug).content.decode()


def test_a_frozen_page_names_no_helper_who_cannot_help(world: World) -> None:
    slug = world.organization.slug
    assert "can change this" in words(page(world.member, "organization_settings", slug))
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    assert "can change this" not in words(page(world.owner, "organization_settings", slug))


def test_who_goes_there_anyway_reads_that_it_is_not_their_role(world: World) -> None:
    slug = world.organization.slug
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    refused = page(world.owner, "member_invite", slug)
    assert refused.status_code == 403
    assert "Support has suspended Northwind: Bill unpaid." in words(refused)
    assert "Your role does not allow it" in words(page(world.member, "member_invite", slug))


def test_an_archived_project_says_so_and_the_others_do_not(world: World) -> None:
    research = world.research
    research.archived_at, research.archived_by = research.created_at, world.owner
    research.save(update_fields=["archived_at", "archived_by"])
    assert ARCHIVED in words(page(world.project_member, "project", research.slug))
    assert "Read-only." not in words(page(world.owner, "project", world.production.slug))
    assert "Read-only." not in words(page(world.owner, "organization", world.organization.slug))


def test_the_banner_costs_no_query(world: World) -> None:
    client, path = signed_in(world.owner), reverse("project", args=[world.research.slug])
    client.get(path)
    with queries() as before:
        client.get(path)
    world.organization.change_state(OrganizationState.SUSPENDED, "Bill unpaid.")
    with queries() as after:
        client.get(path)
    assert len(own_queries(after)) == len(own_queries(before))
