"""Every route stands in the tables of this directory, and every view of ours declares its access control."""

from accounts.access.decorators import AccessControl
from accounts.web.pages import PageMeta
from tests.checks.source import APPS
from tests.routes.library_table import LIBRARY_ROUTES, MODELS
from tests.routes.own_table import OWN
from tests.routes.program_table import PROGRAMS
from tests.routes.table import (
    BY_ID,
    DELETION,
    EMAIL_LINKS,
    IF_PRESENT,
    LINKS,
    PUBLIC,
    STAFF_ACTS,
    STAFF_PAGES,
    TENANT_ROUTES,
)
from tests.routes.urlconf import all_routes

OURS = (
    TENANT_ROUTES
    | set(OWN)
    | PUBLIC
    | LINKS
    | EMAIL_LINKS
    | DELETION
    | set(STAFF_ACTS)
    | STAFF_PAGES
    | PROGRAMS
    | BY_ID
    | IF_PRESENT
)


def test_every_route_has_a_line_in_a_table() -> None:
    assert {route.name for route in all_routes()} == OURS | LIBRARY_ROUTES


def test_no_two_routes_share_a_name() -> None:
    names = [route.name for route in all_routes()]
    assert sorted(names) == sorted(set(names))


def test_every_view_of_ours_declares_its_access_control() -> None:
    undeclared = [
        route.name
        for route in all_routes()
        if route.name not in LIBRARY_ROUTES
        and not isinstance(getattr(route.view, "access_control", None), AccessControl)
    ]
    assert undeclared == []


def test_every_page_of_ours_declares_its_title() -> None:
    """Of the views for anybody those show a page that say so with `public_page`."""
    audiences = {"organization", "project", "signed in"}
    untitled = [
        route.name
        for route in all_routes()
        if route.name not in LIBRARY_ROUTES
        and route.view.access_control.audience in audiences
        and not (isinstance(route.view.page, PageMeta) and route.view.page.title)
    ]
    assert untitled == []


def test_every_page_of_a_tenant_asks_a_permission_and_no_other_does() -> None:
    asking = {
        route.name
        for route in all_routes()
        if route.name not in LIBRARY_ROUTES and route.view.access_control.permission is not None
    }
    assert asking == TENANT_ROUTES


# Pages of Django admin that our site overrides; Django's own `has_permission` is asked before they are.
OVERRIDDEN = {"admin:index", "admin:login", *(f"admin:{model}_history" for model in MODELS)}


def test_no_view_of_ours_hides_behind_a_librarys_name() -> None:
    """A view in our own packages cannot be exempted by being listed with the libraries'."""
    wrong = [
        route.name
        for route in all_routes()
        if route.name in LIBRARY_ROUTES - OVERRIDDEN and route.view.__module__.split(".")[0] in APPS
    ]
    assert wrong == []
