"""Pages and actions of *Search or jump to*, of what is selected and of what the text names besides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import Organization
from accounts.permissions import MEMBER_ROLES, ROLE_PERMISSIONS, Permission, Role
from accounts.searching import fold
from console.web.frame import Frame
from console.web.navigation import ORGANIZATION_MENU, PROJECT_MENU, list_search_pages, list_views
from projects.models import Project

# Pages that are not in the menu, and actions, as the view names of their pages.
PROJECT_PAGES = tuple(entry.view for entry in PROJECT_MENU)
ORGANIZATION_PAGES = (
    *(entry.view for entry in ORGANIZATION_MENU),
    *("organization", "externals", "organization_tokens", "key_policy", "terminal_login"),
    *("default_key", "admin_keys"),
)
PROJECT_ACTIONS = (
    *("collaborator_add", "api_key_create", "project_slug", "project_archive"),
    "collaborators_leave",
)
ORGANIZATION_ACTIONS = (
    *("member_invite", "project_new", "project_request", "externals_request"),
    *("admin_key_create", "ownership_transfer", "members_leave", "organization_close"),
)
PERSONAL_ACTIONS = ("organization_new", "access_token_create", "account_delete")
# What a Default Project does not have.
NOT_OF_DEFAULT = frozenset({"collaborator_add", "project_archive", "collaborators_leave"})


@dataclass(frozen=True)
class Result:
    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Tenant:
    """A project or organization with what the person may do there; `label` is the group in the menu."""

    name: str
    slug: str
    label: str
    permissions: frozenset[Permission]
    pages: tuple[str, ...]
    actions: tuple[str, ...]
    is_selected: bool = False

    def list_results(self, views: Iterable[str], words: Sequence[str]) -> Iterator[Result]:
        """Yields the views whose title, with the tenant's name, has all words."""
        for name in views:
            view = list_views()[name]
            if view.access_control.permission not in self.permissions:
                continue
            if self.matches(view.page.title, words):
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
    if frame.organization:
        yield build_organization_tenant(frame, frame.organization, frame.permissions)
    for project in projects:
        if project != frame.project:
            yield build_project_tenant(frame, project)
    for organization in organizations:
        if organization != frame.organization:
            role = MEMBER_ROLES.get(organization.own_role or "", Role.EXTERNAL)
            yield build_organization_tenant(frame, organization, ROLE_PERMISSIONS[role])


def build_project_tenant(frame: Frame, project: Project) -> Tenant:
    role = project.principal_role
    assert role is not None  # it was visible by that role
    is_selected = project == frame.project
    # The selected one is loaded without its organization.
    organization = frame.organization if is_selected else project.organization
    is_frozen = bool(
        frame.view or project.is_archived or (organization and organization.why_frozen)
    )
    actions = [
        name for name in PROJECT_ACTIONS if not project.is_default or name not in NOT_OF_DEFAULT
    ]
    return Tenant(
        project.name,
        project.slug,
        "Project",
        ROLE_PERMISSIONS[role],
        PROJECT_PAGES,
        () if is_frozen else tuple(actions),
        is_selected=is_selected,
    )


def build_organization_tenant(
    frame: Frame, organization: Organization, permissions: frozenset[Permission]
) -> Tenant:
    is_selected = organization == frame.organization
    absent = {"externals_request"} if organization.external_collaborators_enabled else set()
    if is_selected:
        absent.add("project_new" if frame.at_project_limit else "project_request")
    is_frozen = bool(frame.view or organization.why_frozen)
    actions = tuple(name for name in ORGANIZATION_ACTIONS if name not in absent)
    return Tenant(
        organization.name,
        organization.slug,
        "Organization",
        permissions,
        ORGANIZATION_PAGES,
        () if is_frozen else actions,
        is_selected=is_selected,
    )


def list_pages(tenants: Iterable[Tenant], words: Sequence[str]) -> Iterator[Result]:
    for tenant in tenants:
        yield from tenant.list_results(tenant.pages, words)
    for name, title in list_search_pages().items():
        if all(word in fold(f"{title} yours") for word in words):
            yield Result(title, reverse(name), "Yours")


def list_actions(frame: Frame, tenants: Iterable[Tenant], words: Sequence[str]) -> Iterator[Result]:
    """Yields actions; without words none, since pages fill the list."""
    if not words:
        return
    for tenant in tenants:
        yield from tenant.list_results(tenant.actions, words)
    views: dict[str, Any] = list_views()
    for name in () if frame.view else PERSONAL_ACTIONS:
        title = views[name].page.title
        if all(word in fold(title) for word in words):
            yield Result(title, reverse(name), "Yours")
