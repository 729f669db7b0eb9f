"""The side and the breadcrumb: what each page declares is where it stands."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch, reverse

from accounts.models import User
from console.web.frame import Frame
from console.web.navigation import ORGANIZATION_MENU, PROJECT_MENU
from tests.routes.urlconf import Route, all_routes
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World, build_world

MENUS = {"project": PROJECT_MENU, "organization": ORGANIZATION_MENU}
ROUTES = {route.name: route for route in all_routes()}


@pytest.fixture
def world() -> World:
    return build_world()


def pages_below(audience: str) -> list[Route]:
    """The pages of a kind of tenant that stand under an entry of the menu."""
    return [
        route
        for route in ROUTES.values()
        if getattr(route.view, "access_control", None)
        and route.view.access_control.audience == audience
        and route.view.page.nav
    ]


def crumbs(user: User, path: str) -> list[tuple[str, str]]:
    page = freshly_signed_in(user).get(path)
    assert page.status_code == 200
    return [(crumb.label, crumb.url) for crumb in page.context["frame"].breadcrumb]


@pytest.mark.parametrize("audience", MENUS)
def test_an_entry_of_the_menu_is_a_page_of_its_own(audience: str) -> None:
    for entry in MENUS[audience]:
        view = ROUTES[entry.view].view
        assert view.access_control.audience == audience, entry
        assert view.page.nav == "", entry


@pytest.mark.parametrize("audience", MENUS)
def test_a_page_stands_under_an_entry_of_its_own_kind(audience: str) -> None:
    entries = {entry.view for entry in MENUS[audience]}
    strange = [route.name for route in pages_below(audience) if route.view.page.nav not in entries]
    assert pages_below(audience) != []
    assert strange == []


@pytest.mark.django_db
def test_an_act_stands_below_its_entry_and_marks_it(world: World) -> None:
    slug = world.research.slug
    path = reverse("api_key_rotate", args=[slug, world.key.public_id])
    keys = reverse("api_keys", args=[slug])
    assert crumbs(world.owner, path) == [
        ("Settings", ""),
        ("Research", reverse("project", args=[slug])),
        ("API keys", keys),
        ("Rotate", ""),
    ]
    page = signed_in(world.owner).get(path)
    items = [item for group in page.context["frame"].groups for item in group.items]
    assert [item.url for item in items if item.current] == [keys]
    assert "<title>Rotate · Research · Console</title>" in page.content.decode()


@pytest.mark.django_db
def test_the_organizations_overview_is_in_the_breadcrumb_alone(world: World) -> None:
    path = reverse("organization", args=[world.organization.slug])
    assert crumbs(world.owner, path) == [("Settings", ""), ("Northwind", path), ("Overview", "")]
    page = signed_in(world.owner).get(path)
    items = [item for group in page.context["frame"].groups for item in group.items]
    assert [item.url for item in items if item.current] == []


@pytest.mark.django_db
def test_pages_of_the_library_inside_the_frame_have_titles(world: World) -> None:
    for name, title in {
        "account_email": "Email address",
        "account_change_password": "Password",
        "account_reauthenticate": "Confirm it's you",
    }.items():
        assert crumbs(world.owner, reverse(name)) == [(title, "")]
    world.owner.authenticator_set.create(type="webauthn", data={"name": "Laptop"})
    world.owner.set_unusable_password()
    world.owner.save(update_fields=["password"])
    assert crumbs(world.owner, reverse("account_set_password")) == [("Password", "")]


@pytest.mark.django_db
def test_someone_who_has_no_password_gets_one_by_email_alone(world: World) -> None:
    """They cannot confirm that it is them, which setting one in the browser requires."""
    world.owner.set_unusable_password()
    world.owner.save(update_fields=["password"])
    answer = signed_in(world.owner).get(reverse("account_set_password"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert "neither a password nor a passkey" in words(
        signed_in(world.owner).get(answer["Location"])
    )


def test_a_page_in_the_frame_without_a_title_is_an_error() -> None:
    def undeclared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    request = RequestFactory().get("/somewhere/")
    request.user = User()
    request.resolver_match = ResolverMatch(undeclared, (), {}, url_name="somewhere")
    with pytest.raises(LookupError, match="somewhere"):
        _ = Frame(request).breadcrumb
