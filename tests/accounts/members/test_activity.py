"""Last active and number of projects, two columns of the members page."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from projects.models import Collaborator
from tests.support.pages import own_queries, queries, signed_in
from tests.world import World, build_world, listed

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=3)


@pytest.fixture
def world() -> World:
    world = build_world()
    Membership.objects.update(last_active_at=LONG_AGO)
    return world


def active(world: World, user: User) -> dt.datetime:
    return world.organization.memberships.get(user=user).last_active_at


def pages(world: World) -> list[str]:
    return [
        reverse("project", args=[world.research.slug]),
        reverse("organization", args=[world.organization.slug]),
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_opening_a_page_of_the_organization_or_a_project_is_activity(
    world: World, number: int
) -> None:
    signed_in(world.project_member).get(pages(world)[number])
    assert active(world, world.project_member) > timezone.now() - dt.timedelta(minutes=1)
    others = world.organization.memberships.exclude(user=world.project_member)
    assert {one.last_active_at for one in others} == {LONG_AGO}


def test_a_page_that_is_not_theirs_is_none(world: World) -> None:
    signed_in(world.member).get(pages(world)[0])
    assert active(world, world.member) == LONG_AGO


def test_it_is_noted_once_in_five_minutes_and_costs_nothing_between(world: World) -> None:
    browser = signed_in(world.project_member)
    for address in pages(world):
        browser.get(address)
    first = active(world, world.project_member)
    with queries() as captured:
        for address in pages(world):
            browser.get(address)
    assert not [text for text in own_queries(captured) if text.startswith("UPDATE")]
    assert active(world, world.project_member) == first


def test_an_external_has_no_membership_to_note(world: World) -> None:
    assert signed_in(world.external).get(pages(world)[0]).status_code == 200
    assert {one.last_active_at for one in Membership.objects.all()} == {LONG_AGO}


def test_an_external_is_active_in_the_project_they_open(world: World) -> None:
    browser, row = signed_in(world.external), world.external_row
    collaborators = Collaborator.objects.filter(pk=row.pk)
    assert row.last_active_at is None
    browser.get(pages(world)[0])
    just_now = timezone.now() - dt.timedelta(minutes=1)
    assert collaborators.filter(last_active_at__gt=just_now).exists()
    with queries() as captured:
        browser.get(pages(world)[0])
    assert not [text for text in own_queries(captured) if text.startswith("UPDATE")]
    Collaborator.objects.update(last_active_at=LONG_AGO)
    browser.get(pages(world)[0])
    assert collaborators.filter(last_active_at__gt=just_now).exists()
    other_rows = Collaborator.objects.exclude(pk=row.pk)
    assert {row.last_active_at for row in other_rows} == {LONG_AGO}


def rows(world: World, **query: str) -> Any:
    address = reverse("members", args=[world.organization.slug])
    return signed_in(world.owner).get(address, query).context["rows"]


def test_members_have_the_projects_they_are_listed_in_and_admins_all(world: World) -> None:
    listed(world.research, world.admin)
    shown = {row.name: row.projects for row in rows(world)}
    assert shown == {
        "Owner": "All",
        "Admin": "All",
        "Member": "0",
        "Project Admin": "1",
        "Project Member": "2",
    }


def test_an_archived_project_does_not_count(world: World) -> None:
    world.production.archived_at = LONG_AGO
    world.production.save(update_fields=["archived_at"])
    shown = {row.name: row.projects for row in rows(world)}
    assert shown["Project Member"] == "1"


def test_sorts_by_activity(world: World) -> None:
    signed_in(world.member).get(pages(world)[1])
    assert rows(world, sort="-active")[0].name == "Member"
    assert [row.name for row in rows(world, sort="active")][-2:] == ["Member", "Owner"]


def test_controls_are_there_for_those_who_may_use_them(world: World) -> None:
    address = reverse("members", args=[world.organization.slug])
    for reader, invites in ((world.owner, True), (world.admin, True), (world.member, False)):
        response = signed_in(reader).get(address)
        acts = {row.name for row in response.context["rows"] if row.remove_url}
        everybody = {"Admin", "Member", "Project Admin", "Project Member"}
        assert acts == (everybody if invites else set())
        assert bool(response.context["invite_url"]) is invites
        source = response.content.decode()
        for part in ("/invite/", "/remove/", "/role/", "/withdraw/"):
            assert (part in source) is invites
        assert ("/members/leave/" in source) is (reader != world.owner)
