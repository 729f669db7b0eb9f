"""The project limit: what counts, who may use it up, and what is said when it is reached."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Organization
from accounts.support.services.limits import change_limits
from projects.models import Project
from projects.services.projects import create_project
from tests.database.refusals import all_rows
from tests.support.pages import queries, words
from tests.world import World, person, set_limits

pytestmark = pytest.mark.django_db


def made(world: World, name: str, slug: str = "") -> Project:
    return create_project(
        actor=Actor.of_user(world.owner), organization=world.organization, name=name, slug=slug
    )


def count(organization: Organization) -> int:
    return Project.objects.filter(organization=organization).count()


def test_a_new_organization_has_room_for_its_default_project_alone() -> None:
    alone = person("alone@example.org")
    organization = alone.home_organization
    assert organization is not None
    assert (organization.project_limit, count(organization)) == (1, 1)
    with pytest.raises(Conflict, match="has reached its limit of 1 project"):
        create_project(actor=Actor.of_user(alone), organization=organization, name="Second")
    assert count(organization) == 1


def test_projects_can_be_made_up_to_the_limit_and_not_beyond(world: World) -> None:
    for number in range(world.organization.project_limit - count(world.organization)):
        made(world, f"Project {number}")
    before = all_rows()
    with pytest.raises(Conflict, match="ask support for more"):
        made(world, "One too many")
    assert all_rows() == before
    set_limits(world.organization, world.staff, limit=6)
    assert made(world, "Room again").organization == world.organization


def test_the_page_answers_409_at_the_limit(world: World, client: Client) -> None:
    set_limits(world.organization, world.staff, limit=count(world.organization))
    client.force_login(world.owner)
    before = all_rows()
    address = reverse("project_new", args=[world.organization.slug])
    assert client.post(address, {"name": "Too many"}).status_code == 409
    assert all_rows() == before


def test_a_slug_comes_from_the_name_and_a_taken_one_gets_a_suffix(world: World) -> None:
    set_limits(world.organization, world.staff, limit=9)
    assert made(world, "Vision Überall!").slug == "vision-uberall"
    assert made(world, "Rockets").slug == "rockets-2"
    with pytest.raises(Conflict, match="taken"):
        made(world, "x", slug="rockets")


def test_the_default_projects_slug_follows_the_organizations(world: World) -> None:
    assert (world.organization.slug, world.default.slug) == ("northwind", "northwind-default")


@pytest.mark.parametrize(
    "slug", ["Upper", "two--hyphens", "-x", "x-", "ä", "a b", "x" * 71, "admin", "new"]
)
def test_a_typed_slug_must_be_one_and_not_reserved(world: World, client: Client, slug: str) -> None:
    client.force_login(world.owner)
    address = reverse("project_new", args=[world.organization.slug])
    assert client.post(address, {"name": "Fine", "slug": slug}).status_code == 422
    assert count(world.organization) == 3


@pytest.mark.parametrize(
    "actor", ["member", "project_admin", "external_admin", "stranger", "staff"]
)
def test_only_owner_and_admins_make_projects(world: World, actor: str) -> None:
    before = all_rows()
    with pytest.raises((PermissionDenied, Http404)):
        create_project(
            actor=Actor.of_user(getattr(world, actor)), organization=world.organization, name="Mine"
        )
    assert all_rows() == before
    create_project(actor=Actor.of_user(world.admin), organization=world.organization, name="Theirs")


def test_support_cannot_set_the_limit_below_what_exists(world: World) -> None:
    before = all_rows()
    with pytest.raises(Conflict, match="has 3 projects"):
        set_limits(world.organization, world.staff, limit=2)
    assert all_rows() == before


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused_and_not_an_error(world: World, limit: int) -> None:
    with pytest.raises(Conflict):
        set_limits(world.organization, world.staff, limit=limit)


@pytest.mark.parametrize("actor", ["owner", "admin", "stranger", "external"])
def test_only_staff_change_limits(world: World, actor: str) -> None:
    before = all_rows()
    with pytest.raises(PermissionDenied):
        change_limits(
            actor=Actor.of_user(getattr(world, actor)),
            organization=world.organization,
            project_limit=9,
            external_collaborators_enabled=False,
            note="Because I can.",
        )
    assert all_rows() == before


def test_what_support_changed_is_in_the_organizations_audit_log(world: World) -> None:
    set_limits(world.organization, world.staff, limit=7, externals=False)
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.organization) == (
        Action.ORGANIZATION_LIMITS_CHANGED,
        world.organization,
    )
    assert event.actor == world.staff
    assert event.values_before == {"project_limit": 5, "external_collaborators_enabled": True}
    assert event.values_after["project_limit"] == 7
    assert event.values_after["external_collaborators_enabled"] is False


# Every page has the switcher; some offer a new project themselves.
OFFERS = {"projects": 2, "organization": 2, "members": 1, "project": 1, "profile": 1}


@pytest.mark.parametrize("page", OFFERS)
def test_at_the_limit_every_offer_of_a_new_project_asks_support_instead(
    world: World, client: Client, page: str
) -> None:
    slug = world.organization.slug
    new, request = reverse("project_new", args=[slug]), reverse("project_request", args=[slug])
    address = {
        "project": reverse("project", args=[world.default.slug]),
        "profile": reverse("profile"),
    }.get(page) or reverse(page, args=[slug])
    client.force_login(world.admin)

    def seen() -> tuple[int, int, int]:
        client.get(address)
        with queries() as captured:
            text = client.get(address).content.decode()
        return text.count(f'href="{new}"'), text.count(f'href="{request}"'), len(captured)

    roomy = seen()
    set_limits(world.organization, world.staff, limit=count(world.organization))
    full = seen()
    # The first steps on the Default Project's page include asking for more.
    asking = 1 if page == "project" else 0
    assert roomy[:2] == (OFFERS[page], asking)
    assert full[:2] == (0, OFFERS[page] + asking)
    assert full[2] == roomy[2]


@pytest.mark.parametrize("somebody", ["member", "external_admin"])
def test_who_makes_no_projects_is_offered_neither(
    world: World, client: Client, somebody: str
) -> None:
    set_limits(world.organization, world.staff, limit=count(world.organization))
    client.force_login(getattr(world, somebody))
    page = client.get(reverse("projects", args=[world.organization.slug]))
    assert "Request more projects" not in words(page)
    assert "New project" not in words(page)
