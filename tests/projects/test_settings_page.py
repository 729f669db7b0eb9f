"""Project settings, a new project, the organization's list of projects."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from projects.models import Project
from tests.support.pages import signed_in, words
from tests.world import World, build_world, set_limits

pytestmark = pytest.mark.django_db
BAD_NAMES = ["", "   ", "x" * 101, "a\x00b", "a\u202eb", "\u200b", "a\x07b", "\ue000"]


@pytest.fixture
def world() -> World:
    return build_world()


def send(user: User, page: str, organization: str, /, **data: str) -> Any:
    return signed_in(user).post(reverse(page, args=[organization]), data)


def test_a_project_admin_renames_the_project_and_keeps_its_address(world: World) -> None:
    response = send(
        world.project_admin, "project_settings", world.research.slug,
        name="  Résearch   lab ", allow_external_collaborators="on",
    )  # fmt: skip
    assert response.status_code == 302
    world.research.refresh_from_db()
    assert (world.research.name, world.research.slug) == ("Résearch lab", "research")
    assert world.research.allow_external_collaborators


def test_leaving_the_box_empty_turns_externals_off(world: World) -> None:
    send(world.external_admin, "project_settings", world.research.slug, name="Research")
    world.research.refresh_from_db()
    assert not world.research.allow_external_collaborators
    project = reverse("project", args=[world.research.slug])
    assert signed_in(world.external).get(project).status_code == 200


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused_at_its_field(world: World, name: str) -> None:
    response = send(world.owner, "project_settings", world.research.slug, name=name)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name"}
    world.research.refresh_from_db()
    assert world.research.name == "Research"


def test_a_member_reads_the_settings_and_finds_no_form(world: World) -> None:
    source = signed_in(world.project_member).get(
        reverse("project_settings", args=[world.research.slug])
    )
    assert source.status_code == 200
    assert "Research" in words(source)
    assert 'name="allow_external_collaborators"' not in source.content.decode()


def test_the_default_project_cannot_take_externals(world: World) -> None:
    page = signed_in(world.owner).get(reverse("project_settings", args=[world.default.slug]))
    assert 'name="allow_external_collaborators"' not in page.content.decode()
    response = send(
        world.owner, "project_settings", world.default.slug,
        name="Default Project", allow_external_collaborators="on",
    )  # fmt: skip
    assert response.status_code == 409
    world.default.refresh_from_db()
    assert not world.default.allow_external_collaborators


def test_a_new_project_gets_a_slug_from_its_name(world: World) -> None:
    response = send(world.admin, "project_new", world.organization.slug, name="Ünïted Billing!")
    assert response["Location"] == reverse("project", args=["united-billing"])
    project = Project.objects.get(slug="united-billing")
    assert (project.organization, project.created_by) == (world.organization, world.admin)


def test_a_suggested_slug_gets_a_suffix_by_itself(world: World) -> None:
    """`rockets` is another organization's: nothing says whose."""
    response = send(world.owner, "project_new", world.organization.slug, name="Rockets")
    assert response["Location"] == reverse("project", args=["rockets-2"])


def test_a_typed_slug_that_is_taken_is_a_conflict_at_its_field(world: World) -> None:
    response = send(world.owner, "project_new", world.organization.slug, name="X", slug="rockets")
    assert response.status_code == 409
    assert set(response.context["form"].errors) == {"slug"}
    assert "contoso" not in words(response).lower()


@pytest.mark.parametrize(
    "slug",
    ["Upper", "a b", "-a", "a-", "a--b", "é", "a_b", "admin", "new", "x" * 71, "a/b", "..", "\x00"],
)
def test_a_bad_slug_is_refused_at_its_field(world: World, slug: str) -> None:
    response = send(world.owner, "project_new", world.organization.slug, name="Fine", slug=slug)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"slug"}


def test_at_the_limit_the_form_gives_way_to_a_request(world: World) -> None:
    set_limits(world.organization, world.staff, limit=3)
    listing = signed_in(world.owner).get(reverse("projects", args=[world.organization.slug]))
    assert "3 of 3" in words(listing)
    request = reverse("project_request", args=[world.organization.slug])
    assert f'href="{request}"' in listing.content.decode()
    new = signed_in(world.owner).get(reverse("project_new", args=[world.organization.slug]))
    assert f'href="{request}"' in new.content.decode()
    response = send(world.owner, "project_new", world.organization.slug, name="One more")
    assert response.status_code == 409
    assert Project.objects.filter(organization=world.organization).count() == 3


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        ("owner", {"Default Project", "Research", "Production"}),
        ("admin", {"Default Project", "Research", "Production"}),
        ("member", {"Default Project"}),
        ("project_admin", {"Default Project", "Research"}),
        ("project_member", {"Default Project", "Research", "Production"}),
        ("external", {"Research"}),
        ("external_admin", {"Research"}),
    ],
)
def test_everyone_sees_the_projects_they_can_open(
    world: World, reader: str, expected: set[str]
) -> None:
    user = getattr(world, reader)
    response = signed_in(user).get(reverse("projects", args=[world.organization.slug]))
    assert {project.name for project in response.context["page"].rows} == expected
    for other in {"Default Project", "Research", "Production"} - expected:
        assert other not in words(response)


def test_only_those_who_make_projects_see_how_many_are_used(world: World) -> None:
    path = reverse("projects", args=[world.organization.slug])
    assert "3 of 5" in words(signed_in(world.owner).get(path))
    for reader in (world.member, world.external):
        page = signed_in(reader).get(path)
        assert "of 5" not in words(page)
        assert reverse("project_new", args=[world.organization.slug]) not in page.content.decode()


def test_projects_are_found_by_name_and_slug(world: World) -> None:
    path = reverse("projects", args=[world.organization.slug])
    browser = signed_in(world.owner)
    for text, found in (
        ("RESE", ["Research"]),
        ("northwind-def", ["Default Project"]),
        ("zzz", []),
    ):
        rows = browser.get(path, {"q": text}).context["page"].rows
        assert [project.name for project in rows] == found


def test_support_is_asked_once_until_it_answers(world: World) -> None:
    path = reverse("project_request", args=[world.organization.slug])
    browser = signed_in(world.admin)
    assert browser.get(path).context["last"] == world.support_request
    assert browser.post(path, {"reason": "More."}).status_code == 409
    world.support_request.delete()
    assert browser.post(path, {"reason": "x" * 2001}).status_code == 422
    assert browser.post(path, {"reason": ""}).status_code == 422
    assert browser.post(path, {"reason": "More."}).status_code == 302
