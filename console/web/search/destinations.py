"""Pages and actions of *Search or jump to*, of what is selected and of what the text names besides."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.searching import fold
from console.web.frame import Frame
from console.web.navigation import ORGANIZATION_MENU, PROJECT_MENU, list_search_pages, list_views
from projects.access import ProjectAccess
from projects.models import Project

# Pages that are not in the menu, and actions, as the view names of their pages.
PROJECT_PAGES = tuple(entry.view for entry in PROJECT_MENU)
ORGANIZATION_PAGES = (
    *(entry.view for entry in ORGANIZATION_MENU),
    *("organization", "externals", "organization_tokens", "key_policy", "terminal_login"),
    *("sign_in_rules", "default_key", "admin_keys"),
)
PROJECT_ACTIONS = (
    *(
        "collaborator_add",
        "collaborators_add_file",
        "api_key_create",
        "project_budget_create",
        "project_tags",
        "project_slug",
        "project_archive",
    ),
    "collaborators_leave",
)
ORGANIZATION_ACTIONS = (
    *("member_invite", "members_invite_file", "project_new", "project_request"),
    "externals_request",
    "budget_create",
    *("admin_key_create", "ownership_transfer", "members_leave", "organization_close"),
)
PERSONAL_ACTIONS = ("organization_new", "access_token_create", "account_delete")
# What a Default Project does not have.
NOT_OF_DEFAULT = frozenset(
    {"collaborator_add", "collaborators_add_file", "project_archive", "collaborators_leave"}
)


@dataclass(frozen=True)
class Result:
    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Tenant:
    """A project or organization with the person's access to it; `label` is the group in the menu."""

    name: str
    slug: str
    label: str
    access: ProjectAccess | OrganizationAccess
    pages: tuple[str, ...]
    actions: tuple[str, ...]
    is_selected: bool = False

    def list_pages(self, words: Sequence[str]) -> Iterator[Result]:
        """Yields the pages that can be opened and whose title, with the tenant's name, has all words."""
        return self.list_results(self.pages, self.access.holds, words)

    def list_actions(self, words: Sequence[str]) -> Iterator[Result]:
        """Yields the actions that are possible now, such as only leaving where nothing can be changed."""
        return self.list_results(self.actions, self.access.allows, words)

    def list_results(
        self, views: Iterable[str], is_allowed: Callable[[Permission], bool], words: Sequence[str]
    ) -> Iterator[Result]:
        for name in views:
            view = list_views()[name]
            if is_allowed(view.access_control.permission) and self.matches(view.page.title, words):
                yield Result(view.page.title, reverse(name, args=[self.slug]), self.name)

    def matches(self, title: str, words: Sequence[str]) -> bool:
        """Returns whether all words are found; what is not selected has to be named besides the title."""
        in_title = [word for word in words if word in fold(title)]
        rest = [word for word in words if word not in fold(title)]
        if self.is_selected and all(word in fold(self.label) for word in rest):
            return True
        own_name = fold(f"{self.name} {self.slug}")
        return bool(in_title and rest) and all(word in own_name for word in rest)


def list_tenants(
    frame: Frame, projects: Iterable[Project], organizations: Iterable[Organization]
) -> Iterator[Tenant]:
    """Yields what is selected, then the others."""
    if frame.project:
        yield build_project_tenant(frame, frame.project)
    if frame.organization_access:
        yield build_organization_tenant(frame, frame.organization_access)
    for project in projects:
        if project != frame.project:
            yield build_project_tenant(frame, project)
    for organization in organizations:
        if organization != frame.organization:
            role = organization.principal_role
            access = OrganizationAccess(frame.principal, organization, role)
            yield build_organization_tenant(frame, access)


def build_project_tenant(frame: Frame, project: Project) -> Tenant:
    role = project.principal_role
    assert role is not None  # it was visible by that role
    is_selected = project == frame.project
    if is_selected and frame.organization:
        project.organization = frame.organization  # the selected one is loaded without it
    absent = NOT_OF_DEFAULT if project.is_default else frozenset[str]()
    if project.is_archived:
        absent |= {"project_archive"}
    return Tenant(
        project.name,
        project.slug,
        "Project",
        ProjectAccess(frame.principal, project, role),
        PROJECT_PAGES,
        tuple(name for name in PROJECT_ACTIONS if name not in absent),
        is_selected=is_selected,
    )


def build_organization_tenant(frame: Frame, access: OrganizationAccess) -> Tenant:
    organization = access.organization
    is_selected = organization == frame.organization
    absent = {"externals_request"} if organization.external_collaborators_enabled else set()
    if is_selected:
        absent.add("project_new" if frame.at_project_limit else "project_request")
    return Tenant(
        organization.name,
        organization.slug,
        "Organization",
        access,
        ORGANIZATION_PAGES,
        tuple(name for name in ORGANIZATION_ACTIONS if name not in absent),
        is_selected=is_selected,
    )


def list_pages(tenants: Iterable[Tenant], words: Sequence[str]) -> Iterator[Result]:
    for tenant in tenants:
        yield from tenant.list_pages(words)
    for name, title in list_search_pages().items():
        if all(word in fold(f"{title} yours") for word in words):
            yield Result(title, reverse(name), "Yours")


def list_actions(frame: Frame, tenants: Iterable[Tenant], words: Sequence[str]) -> Iterator[Result]:
    """Yields actions; without words none, since pages fill the list."""
    if not words:
        return
    for tenant in tenants:
        yield from tenant.list_actions(words)
    views: dict[str, Any] = list_views()
    for name in () if frame.view else PERSONAL_ACTIONS:
        title = views[name].page.title
        if all(word in fold(title) for word in words):
            yield Result(title, reverse(name), "Yours")
