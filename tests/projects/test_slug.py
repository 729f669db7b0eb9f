"""A project's slug: changing it, what the old one leads to, and who may take which."""

import itertools
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Action
from accounts.models import AuditEvent, User
from projects.models import Project
from tests.database.refusals import all_rows
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, owner_of, person

pytestmark = pytest.mark.django_db
PAGES = ("project", "project_settings", "project_slug", "collaborators", "collaborator_add")


def change(user: User, project: str, slug: str) -> Any:
    return signed_in(user).post(reverse("project_slug", args=[project]), {"slug": slug})


@pytest.fixture
def moved(world: World) -> World:
    """Research is called `discovery` since."""
    assert change(world.project_admin, "research", "discovery").status_code == 302
    world.research.refresh_from_db()
    return world


def test_the_project_moves_and_the_audit_log_says_so(moved: World) -> None:
    assert moved.research.slug == "discovery"
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor) == (Action.PROJECT_SLUG_CHANGED, moved.project_admin)
    assert (event.values_before, event.values_after) == (
        {"slug": "research"},
        {"slug": "discovery"},
    )
    page = signed_in(moved.owner).get(reverse("project_settings", args=["discovery"]))
    assert "discovery" in words(page)


def test_the_page_warns_and_names_former_slugs(moved: World) -> None:
    page = words(signed_in(moved.owner).get(reverse("project_slug", args=["discovery"])))
    assert "since they may not follow the redirect" in page
    assert "Earlier slugs, which you can use again: research" in page


@pytest.mark.parametrize("somebody", ["owner", "project_member", "external"])
def test_an_old_address_leads_to_the_same_page(moved: World, somebody: str) -> None:
    browser = signed_in(getattr(moved, somebody))
    for name in PAGES:
        old, new = reverse(name, args=["research"]), reverse(name, args=["discovery"])
        for ask in (browser.get, browser.head):
            response = ask(old)
            assert (response.status_code, response["Location"]) == (302, new)
        assert browser.get(f"{old}?q=a%26b&sort=role")["Location"] == f"{new}?q=a%26b&sort=role"


def test_an_act_sent_to_the_old_address_is_done_at_the_new(moved: World) -> None:
    browser, data = signed_in(moved.owner), {"name": "Renamed"}
    response = browser.post(reverse("project_settings", args=["research"]), data)
    new = reverse("project_settings", args=["discovery"])
    assert (response.status_code, response["Location"]) == (307, new)
    moved.research.refresh_from_db()
    assert moved.research.name == "Research"
    browser.post(reverse("project_settings", args=["research"]), data, follow=True)
    moved.research.refresh_from_db()
    assert moved.research.name == "Renamed"


def test_the_row_in_an_old_address_is_kept(moved: World) -> None:
    row = moved.external_row.public_id
    response = signed_in(moved.owner).get(reverse("collaborator_role", args=["research", row]))
    assert response["Location"] == reverse("collaborator_role", args=["discovery", row])


@pytest.mark.parametrize("somebody", ["member", "former", "stranger", "other_external", "staff"])
def test_an_old_address_is_no_address_for_others(moved: World, somebody: str) -> None:
    browser = signed_in(getattr(moved, somebody))
    for name, method in itertools.product(PAGES[1:4], ["get", "head", "post"]):
        old, never = (
            getattr(browser, method)(reverse(name, args=[slug]))
            for slug in ("research", "never-was")
        )
        assert old.status_code in (404, 405)
        assert (old.status_code, old.content) == (never.status_code, never.content)
        assert "Location" not in old


def test_an_old_address_asks_to_sign_in_first(moved: World) -> None:
    old = reverse("project", args=["research"])
    assert Client().get(old)["Location"] == f"{reverse('account_login')}?next={old}"


def test_the_former_slugs_are_asked_for_only_on_a_miss(moved: World) -> None:
    browser = signed_in(moved.external)
    browser.get(reverse("project", args=["discovery"]))
    with queries() as captured:
        browser.get(reverse("project", args=["discovery"]))
    assert not any(
        text.startswith("SELECT") and 'JOIN "projects_projectslug"' in text
        for text in own_queries(captured)
    )


def test_going_back_to_a_former_slug_works(moved: World) -> None:
    assert change(moved.owner, "discovery", "research").status_code == 302
    moved.research.refresh_from_db()
    assert moved.research.slug == "research"
    browser = signed_in(moved.owner)
    assert browser.get(reverse("project", args=["research"])).status_code == 200
    location = browser.get(reverse("project", args=["discovery"]))["Location"]
    assert location == reverse("project", args=["research"])


@pytest.mark.parametrize("taken", ["production", "rockets", "research"])
def test_what_another_project_has_or_had_is_taken(moved: World, taken: str) -> None:
    project = moved.default if taken == "production" else moved.production
    browser, before = signed_in(moved.owner), all_rows()
    response = browser.post(reverse("project_slug", args=[project.slug]), {"slug": taken})
    assert response.status_code == 409
    assert response.context["form"].errors == {"slug": ["That slug is taken. Choose another."]}
    assert "contoso" not in words(response).lower()
    assert all_rows() == before
    theirs = change(owner_of(moved.other_organization), moved.other_project.slug, "research")
    assert theirs.status_code == 409


def test_a_bad_slug_is_refused_at_its_field(world: World) -> None:
    browser, path = signed_in(world.owner), reverse("project_slug", args=["research"])
    for slug in ("", "Upper", "a b", "-a", "a--b", "é", "x" * 71, "a/b", "\x00"):
        response = browser.post(path, {"slug": slug})
        assert response.status_code == 422
        assert set(response.context["form"].errors) == {"slug"}


def test_a_reserved_word_is_refused_by_name_of_the_list(world: World) -> None:
    response = change(world.owner, "research", "admin")
    assert response.status_code == 422
    assert "“admin” is reserved" in words(response)


def test_the_same_slug_again_changes_nothing(world: World) -> None:
    browser, before = signed_in(world.owner), all_rows()
    response = browser.post(reverse("project_slug", args=["research"]), {"slug": "research"})
    assert response.status_code == 302
    assert all_rows() == before


def test_the_default_project_moves_too_and_is_still_selected(world: World) -> None:
    browser = signed_in(world.member)
    browser.get(reverse("project", args=[world.default.slug]))
    assert change(world.owner, world.default.slug, "lobby").status_code == 302
    for page in ("project", "collaborators"):
        current = browser.get(reverse(page, args=["~current"]))
        assert current["Location"] == reverse(page, args=["lobby"])
    assert browser.get(reverse("home"))["Location"] == reverse("project", args=["lobby"])


def test_the_switcher_still_shows_a_project_that_moved(world: World) -> None:
    browser = signed_in(world.owner)
    browser.get(reverse("project", args=[world.research.slug]))
    change(world.admin, "research", "discovery")
    page = browser.get(reverse("members", args=[world.organization.slug]))
    assert page.context["frame"].project == world.research


def test_a_new_organization_never_wants_a_slug_some_project_had(world: World) -> None:
    change(world.owner, "research", "quick-default")
    change(world.owner, "quick-default", "research-again")
    home = person("quick@example.org", "Quick").home_organization
    assert home is not None
    assert home.slug == "quick-2"
    assert Project.objects.get(organization=home).slug == "quick-2-default"
