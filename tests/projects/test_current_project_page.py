"""`~current`, the switchers, and the hint cookies behind them: hints, never rights."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from projects.models import Project
from tests.support.pages import signed_in, words
from tests.world import World, build_world, set_limits

pytestmark = pytest.mark.django_db
PROJECT_PAGES = ("project", "project_settings", "collaborators")
ORGANIZATION_PAGES = ("organization", "organization_settings", "members", "projects")


@pytest.fixture
def world() -> World:
    return build_world()


def current(browser: Client, name: str) -> str:
    response = browser.get(reverse(name, args=["~current"]))
    assert response.status_code == 302
    return str(response["Location"])


@pytest.mark.parametrize("name", PROJECT_PAGES)
def test_current_stands_for_the_project_last_opened(world: World, name: str) -> None:
    browser = signed_in(world.owner)
    for project in (world.production, world.research):
        browser.get(reverse("project", args=[project.slug]))
        assert current(browser, name) == reverse(name, args=[project.slug])


@pytest.mark.parametrize("name", ORGANIZATION_PAGES)
def test_current_stands_for_the_organization_last_opened(world: World, name: str) -> None:
    browser = signed_in(world.external)
    browser.get(reverse("organization", args=[world.organization.slug]))
    assert current(browser, name) == reverse(name, args=[world.organization.slug])


def test_before_anything_was_opened_current_is_ones_home(world: World) -> None:
    home = world.external.home_organization
    assert home is not None
    browser = signed_in(world.external)
    assert current(browser, "organization") == reverse("organization", args=[home.slug])
    default = home.projects.default()
    assert current(browser, "project") == reverse("project", args=[default.slug])


@pytest.mark.parametrize("hint", ["rockets", "no-such-thing", "", "../admin", "a" * 5000, "é", "'"])
def test_a_forged_hint_leads_only_to_what_is_their_own(world: World, hint: str) -> None:
    browser = signed_in(world.member)
    browser.cookies["project"] = browser.cookies["organization"] = hint
    default = reverse("project", args=[world.default.slug])
    assert current(browser, "project") == default
    assert browser.get(reverse("home"))["Location"] == default
    assert browser.get(reverse("roles")).status_code == 200


def test_the_hint_of_a_project_the_person_was_removed_from_is_forgotten(world: World) -> None:
    browser = signed_in(world.project_member)
    browser.get(reverse("project", args=[world.research.slug]))
    world.project_member_row.delete()
    assert current(browser, "project") == reverse("project", args=[world.default.slug])


def test_a_refused_page_selects_nothing(world: World) -> None:
    browser = signed_in(world.external)
    browser.get(reverse("collaborator_add", args=[world.research.slug]))
    browser.get(reverse("project", args=[world.production.slug]))
    assert "project" not in browser.cookies
    assert "organization" not in browser.cookies


def test_an_act_cannot_be_sent_to_current(world: World) -> None:
    browser = signed_in(world.owner)
    response = browser.post(reverse("project_settings", args=["~current"]), {"name": "X"})
    assert response.status_code == 404
    assert not Project.objects.filter(name="X").exists()


def test_staff_have_no_current_project(world: World) -> None:
    for name in ("project", "organization"):
        path = reverse(name, args=["~current"])
        assert signed_in(world.staff).get(path).status_code == 404


def test_the_switchers_offer_only_what_the_person_can_open(world: World) -> None:
    page = signed_in(world.project_member).get(reverse("project", args=[world.research.slug]))
    frame = page.context["frame"]
    assert [entry.name for entry in frame.projects] == ["Default Project", "Production", "Research"]
    assert [entry.name for entry in frame.organizations if entry.current] == ["Northwind"]
    assert [entry.name for entry in frame.projects if entry.current] == ["Research"]
    assert "Rockets" not in words(page)
    outside = signed_in(world.external).get(reverse("project", args=[world.research.slug]))
    assert [entry.name for entry in outside.context["frame"].projects] == ["Research"]
    assert len(outside.context["frame"].organizations) == 2


def test_past_ten_a_switcher_can_be_searched(world: World) -> None:
    set_limits(world.organization, world.staff, limit=50)
    for index in range(12):
        slug = f"extra-{index:02}"
        world.organization.projects.create(name=f"Extra {index:02}", slug=slug)
    browser = signed_in(world.owner)
    page = browser.get(reverse("project", args=["extra-11"]))
    frame = page.context["frame"]
    assert len(frame.projects) == 10
    assert frame.more_projects
    assert frame.project.slug == "extra-11"
    assert (
        f'action="{reverse("projects", args=[world.organization.slug])}"' in page.content.decode()
    )


def test_organizations_are_found_by_name_among_their_own(world: World) -> None:
    browser, path = signed_in(world.external), reverse("organizations")
    every = [one.name for one in browser.get(path).context["rows"]]
    assert sorted(every) == sorted(["Northwind", world.external.home_organization.name])  # type: ignore[union-attr]
    found = browser.get(path, {"q": "northw"}).context["rows"]
    assert list(found) == [Organization.objects.get(slug="northwind")]
    assert list(browser.get(path, {"q": "contoso"}).context["rows"]) == []


def test_the_menu_holds_only_pages_the_person_may_open(world: World) -> None:
    for_all = {"Overview", "Collaborators", "API keys", "Settings", "Projects"}
    only_owner = {"Members", "Audit log", "Usage", "Cost analytics", "Budgets", "Limits"}
    expected = {"owner": for_all | only_owner, "external": for_all}
    for person, labels in expected.items():
        browser = signed_in(getattr(world, person))
        page = browser.get(reverse("project", args=[world.research.slug]))
        items = [item for group in page.context["frame"].groups for item in group.items]
        assert {item.label for item in items} == labels
        for item in items:
            assert browser.get(item.url).status_code == 200, item.url


def test_every_menu_link_marks_the_current_page(world: World) -> None:
    browser = signed_in(world.owner)
    for name in PROJECT_PAGES:
        page = browser.get(reverse(name, args=[world.research.slug]))
        items = [item for group in page.context["frame"].groups for item in group.items]
        assert [item.url for item in items if item.current] == [
            reverse(name, args=[world.research.slug])
        ]
