"""Access to projects: finds the project among those that are visible (404), checks a permission (403)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Window
from django.http import Http404, HttpRequest

from accounts.access.base import Access
from accounts.access.decorators import FORM_METHODS, AccessControl, TenantLookup, View, tenant_page
from accounts.access.organization import (
    PROJECT_HINT,
    SWITCHER_LENGTH,
    find_selected_organization,
    lock_credential,
    raise_if_factor_missing,
    read_slug_hint,
)
from accounts.access.statements import Statement
from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.permissions import EXTERNAL_ROLES, LEAVE_PERMISSIONS, Permission, Role
from accounts.web.pages import PageMeta
from projects.models import Project, ProjectSlug
from projects.models.project import ProjectQuerySet


@dataclass(frozen=True)
class ProjectAccess(Access):
    """A project that the principal can open, and the role in it."""

    principal: Principal
    project: Project
    role: Role

    @property
    def organization(self) -> Organization:
        return self.project.organization

    @property
    def active_at(self) -> datetime | None:
        return getattr(self.project, "active_at", None)

    def find_activity(self) -> Any:
        if self.role in EXTERNAL_ROLES:
            return self.project.collaborators.filter(user=self.principal.user)
        return super().find_activity()

    @property
    def why_frozen(self) -> str:
        if self.project.is_archived and not self.organization.why_frozen:
            name = self.project.name
            return f"{name} is archived: it can be read, not changed, and its API keys are refused."
        return self.organization.why_frozen

    @property
    def unfrozen(self) -> frozenset[Permission]:
        restorable = self.project.is_archived and not self.organization.why_frozen
        return LEAVE_PERMISSIONS | {Permission.PROJECT_ARCHIVE} if restorable else LEAVE_PERMISSIONS


@Statement
def select_visible(principal: Principal, **lookup: Any) -> ProjectQuerySet:
    visible = Project.objects.visible_to(principal)
    return visible.filter(**lookup).select_related("organization")[:1]


@Statement
def select_counted(principal: Principal, **lookup: Any) -> ProjectQuerySet:
    """Also selects the counts for the page's frame and the organization's key policy."""
    visible = Project.objects.visible_to(principal).with_counts(principal)
    return visible.filter(**lookup).select_related("organization__key_policy")[:1]


@Statement
def select_reachable(principal: Principal, **lookup: Any) -> ProjectQuerySet:
    reachable = Project.objects.reachable_by(principal)
    return reachable.filter(**lookup).select_related("organization")[:1]


def find_project_access(
    principal: Principal, select: Statement[Project] | None = None, **lookup: Any
) -> ProjectAccess:
    """Returns access to the project that `lookup` finds. Raises Http404 unless `principal` can open it.

    Raises SecondFactorMissing if they could with a second factor, which its organization requires.
    `select` selects one of the visible projects, if the caller wants more of it.
    """
    project = (select or select_visible).first(principal, **lookup)
    if project is None:
        withheld = select_reachable.first(principal, **lookup)
        raise_if_factor_missing(withheld.organization if withheld else None)
        raise Http404
    role = project.principal_role
    assert role is not None  # visible_to matched it by that role
    return ProjectAccess(principal, project, role)


def lock_rows(project: Project) -> None:
    """Locks the organization's and the project's rows, in that order, until the transaction ends."""
    Organization.objects.lock(project.organization_id)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def lock_project(principal: Principal, project: Project, permission: Permission) -> ProjectAccess:
    """Locks the organization's and the project's rows, then checks the permission again.

    See `accounts.access.organization.lock_organization`. Raises Http404 and PermissionDenied as the
    access decorator does.
    """
    lock_rows(project)
    access = find_project_access(principal, pk=project.pk)
    access.require(permission)
    lock_credential(principal)
    return access


def find_selected_project(request: HttpRequest) -> Project | None:
    """Returns the project opened last, or the first project of the selected organization.

    Returns an archived project only if there is no other, and None if no project is visible.
    """
    visible = Project.objects.visible_to(Principal.of_request(request))
    visible = visible.select_related("organization")
    if (
        hinted := visible.unarchived()
        .filter(slugs__slug=read_slug_hint(request, PROJECT_HINT))
        .first()
    ):
        return hinted
    organization = find_selected_organization(request)
    inside = visible.filter(organization=organization)
    return inside.order_by(F("archived_at").asc(nulls_first=True), "-is_default", "pk").first()


@Statement
def select_first_projects(
    principal: Principal, organization: int | None, slug: str
) -> ProjectQuerySet:
    """The projects of `Frame.first_projects`, with whether they have or had `slug`."""
    visible = Project.objects.visible_to(principal).filter(organization=organization)
    ordered = visible.unarchived().order_by("-is_default", "search_text", "pk")
    hinted = Exists(ProjectSlug.objects.filter(project=OuterRef("pk"), slug=slug))
    return ordered.annotate(hinted=hinted, total=Window(Count("*")))[: SWITCHER_LENGTH + 1]


@Statement
def select_counts(principal: Principal, pk: int) -> ProjectQuerySet:
    return Project.objects.filter(pk=pk).with_counts(principal)


class ProjectLookup(TenantLookup):
    """Finds the project below /settings/projects/<slug>/."""

    def find_access(self, principal: Principal, slug: str) -> ProjectAccess:
        return find_project_access(principal, select_counted, slug=slug)

    def selected_slug(self, request: HttpRequest) -> str | None:
        project = find_selected_project(request)
        return project.slug if project else None

    def present_slug(self, principal: Principal, slug: str) -> str | None:
        visible = Project.objects.visible_to(principal)
        return visible.filter(slugs__slug=slug).values_list("slug", flat=True).first()


def project_page(
    permission: Permission, methods: tuple[str, ...] = FORM_METHODS, *, title: str, nav: str = ""
) -> Callable[[View], View]:
    """Decorates a view `(request, access, …)` below /settings/projects/<slug>/. See `PageMeta` for `nav`."""
    return tenant_page(
        AccessControl("project", permission), methods, PageMeta(title, nav), ProjectLookup()
    )
