"""The menu and the breadcrumb, built from the titles that pages declare."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access.base import Access
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.web.pages import PageMeta
from projects.models import Project


class NavigationContext(Protocol):
    """What the navigation needs to know of a page and its reader. `Frame` implements it."""

    @property
    def page(self) -> PageMeta: ...
    @property
    def view_name(self) -> str: ...
    @property
    def access(self) -> Access | None: ...
    @property
    def organization(self) -> Organization | None: ...
    @property
    def project(self) -> Project | None: ...
    @property
    def permissions(self) -> frozenset[Permission]: ...
    @property
    def counts(self) -> dict[str, int]: ...


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu. `counted` is the key in `Frame.counts` of its badge."""

    view: str
    icon: str
    counted: str = ""


# In the order of the menu. Titles and permissions are declared by the pages.
PROJECT_MENU = (
    MenuEntry("project", "layout-dashboard"),
    MenuEntry("collaborators", "users", "listed_count"),
    MenuEntry("api_keys", "key-round", "unrevoked_key_count"),
    MenuEntry("usage", "chart-column"),
    MenuEntry("project_budgets", "gauge"),
    MenuEntry("project_limits", "shield-check"),
    MenuEntry("project_settings", "settings"),
)
# Without the organization's overview: it is reached by the switcher and the breadcrumb, and a second
# "Overview" in the menu would be confusing.
ORGANIZATION_MENU = (
    MenuEntry("projects", "folders", "project_count"),
    MenuEntry("members", "contact-round", "member_count"),
    MenuEntry("organization_keys", "key-round"),
    MenuEntry("cost_analytics", "circle-dollar-sign"),
    MenuEntry("budgets", "gauge"),
    MenuEntry("audit_log", "scroll-text"),
    MenuEntry("organization_settings", "settings"),
)
# Pages of django-allauth inside the frame, which do not have the decorators.
LIBRARY_PAGES = {
    "account_email": PageMeta("Email address", in_search=True),
    "account_change_password": PageMeta("Password", in_search=True),
    "account_set_password": PageMeta("Password"),
}


@dataclass(frozen=True)
class Item:
    """A link in the menu."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Group:
    label: str
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Crumb:
    label: str
    url: str = ""


def get_page_meta(name: str, view: Any) -> PageMeta | None:
    """Returns the metadata of a view's page; None for API routes and pages of libraries."""
    return LIBRARY_PAGES.get(name) or getattr(view, "page", None)


def current_page(request: HttpRequest) -> PageMeta | None:
    match = request.resolver_match
    return get_page_meta(match.view_name, match.func) if match else None


def list_views() -> dict[str, Any]:
    """Returns all views by name, in the order of the URLconf, without Django admin."""
    return collect_views(get_resolver())


@cache
def collect_views(resolver: URLResolver) -> dict[str, Any]:
    return dict(walk_views(resolver))


def walk_views(resolver: URLResolver) -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield pattern.name, pattern.callback
        elif not pattern.namespace:
            yield from walk_views(pattern)


def list_search_pages() -> dict[str, str]:
    """Returns the titles, by view name, of pages that *Search or jump to* offers in addition to the menu."""
    pages = {name: get_page_meta(name, view) for name, view in list_views().items()}
    return {name: page.title for name, page in pages.items() if page and page.in_search}


def navigation(context: NavigationContext) -> list[Group]:
    """Returns the groups *Project* and *Organization*, with the pages that the person may open."""
    groups = []
    if context.project:
        groups.append(Group("Project", items(context, PROJECT_MENU, context.project.slug)))
    if context.organization:
        groups.append(
            Group("Organization", items(context, ORGANIZATION_MENU, context.organization.slug))
        )
    return [group for group in groups if group.items]


def items(context: NavigationContext, menu: tuple[MenuEntry, ...], slug: str) -> list[Item]:
    views, current = list_views(), context.page.nav or context.view_name
    return [
        Item(
            views[entry.view].page.title,
            reverse(entry.view, args=[slug]),
            entry.icon,
            entry.view == current,
            context.counts.get(entry.counted),
        )
        for entry in menu
        if views[entry.view].access_control.permission in context.permissions
    ]


def breadcrumb(context: NavigationContext) -> list[Crumb]:
    """Returns the breadcrumb: Settings / project or organization / page of the menu / action."""
    page = Crumb(context.page.title)
    if context.access is None:
        return [page]
    in_project = hasattr(context.access, "project")
    thing = context.project if in_project else context.organization
    assert thing is not None
    home = Crumb(
        thing.name, reverse("project" if in_project else "organization", args=[thing.slug])
    )
    crumbs = [Crumb("Settings"), home]
    if nav := context.page.nav:
        crumbs.append(Crumb(list_views()[nav].page.title, reverse(nav, args=[thing.slug])))
    return [*crumbs, page]
