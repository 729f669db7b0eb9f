"""The context of the frame around every page: switchers, navigation, breadcrumb and theme."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.access.organization import (
    PROJECT_HINT,
    SWITCHER_LENGTH,
    OrganizationAccess,
    find_selected_organization,
    read_slug_hint,
    select_first_organizations,
)
from accounts.models import Organization, User, ViewAs
from accounts.models.principals import Principal
from accounts.people.theme import THEMES
from accounts.permissions import ROLE_PERMISSIONS, Permission, allows, to_organization_role
from accounts.web.cookies import read_cookie
from accounts.web.pages import PageMeta
from console.web.navigation import Crumb, Group, breadcrumb, current_page, navigation
from projects.access import ProjectAccess, select_counts, select_first_projects
from projects.models import Project
from projects.models.project import COUNTS, ProjectQuerySet
from usage.enums import Dimension
from usage.reports.filtering.filters import build_query_elsewhere


def read_theme(request: HttpRequest) -> str:
    """Returns the theme from its cookie, `system` by default."""
    theme = read_cookie(request, "theme") or "system"
    return theme if theme in THEMES else "system"


@dataclass(frozen=True)
class SwitcherEntry:
    """An organization or project in a switcher."""

    name: str
    url: str
    initials: str = ""
    hue: int = 0
    current: bool = False


class Frame:
    """Computes each part when a template uses it, so that pages without the frame need no query."""

    # Whether the frame has no forms, whose tokens differ from request to request.
    is_plain = False

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.principal = Principal.of_request(request)
        self.access: ProjectAccess | OrganizationAccess | None = getattr(request, "access", None)
        # Set while support staff view the page as a member; see ViewAsMiddleware.
        self.view: ViewAs | None = getattr(request, "view_as", None)

    @property
    def view_name(self) -> str:
        match = self.request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def page(self) -> PageMeta:
        """The title and menu entry that the page declares. Raises LookupError without a declaration."""
        page = current_page(self.request)
        if page is None:
            raise LookupError(f"The page {self.view_name} declares no title.")
        return page

    @property
    def person(self) -> User:
        """The person who signed in, whose menu is displayed."""
        user = self.view.staff if self.view else self.principal.user
        assert user is not None
        return user

    @property
    def is_staff(self) -> bool:
        return self.person.is_staff

    @cached_property
    def organization(self) -> Organization | None:
        return self.access.organization if self.access else find_selected_organization(self.request)

    @cached_property
    def organization_access(self) -> OrganizationAccess | None:
        """The person's access to the organization of the page, also on pages of its projects."""
        if isinstance(self.access, OrganizationAccess):
            return self.access
        if self.organization is None:
            return None
        role = (
            to_organization_role(self.access.role)
            if self.access
            else self.organization.principal_role
        )
        return OrganizationAccess(self.principal, self.organization, role)

    @cached_property
    def visible_projects(self) -> ProjectQuerySet:
        return Project.objects.visible_to(self.principal).filter(organization=self.organization)

    @cached_property
    def first_projects(self) -> list[Project]:
        """The first projects of the organization, one more than the switcher displays.

        Annotated with `total`, the number of all of them.
        """
        organization = self.organization.pk if self.organization else None
        hint = read_slug_hint(self.request, PROJECT_HINT)
        return select_first_projects(self.principal, organization, hint)

    @cached_property
    def first_organizations(self) -> list[Organization]:
        return select_first_organizations(self.principal)

    @cached_property
    def project(self) -> Project | None:
        """The project of the page, or on the organization's pages the project opened last."""
        if isinstance(self.access, ProjectAccess):
            return self.access.project
        hint = read_slug_hint(self.request, PROJECT_HINT)
        hinted = [project for project in self.first_projects if vars(project)["hinted"]]
        if not hinted and self.more_projects and hint:
            hinted = list(self.visible_projects.unarchived().filter(slugs__slug=hint))
        return next(iter(hinted or self.first_projects), None)

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What the person's roles in the organization and the project allow, even while it is frozen."""
        roles = {self.access.role} if self.access else set()
        if self.project and self.project.principal_role:
            roles.add(self.project.principal_role)
        roles |= {to_organization_role(role) for role in roles}
        return frozenset[Permission]().union(*(ROLE_PERMISSIONS[role] for role in roles))

    @cached_property
    def role_label(self) -> str:
        if self.view:
            return "Support"
        if self.access:
            return str(self.access.role)
        return str(self.project.principal_role or "") if self.project else ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """The numbers on the badges. On a project's pages the access decorator has loaded most of them.

        `project_count` is the number of visible projects that are not archived.
        """
        project = self.project
        if project is not None and not hasattr(project, COUNTS[0]):
            project = select_counts.first(self.principal, project.pk)
        counts = {name: getattr(project, name) for name in COUNTS} if project else {}
        if project and project.is_default:
            del counts["listed_count"]  # it has no list: every member has access
        total = vars(self.first_projects[0])["total"] if self.first_projects else 0
        return counts | {"project_count": total}

    @cached_property
    def organizations(self) -> list[SwitcherEntry]:
        return [
            SwitcherEntry(
                o.name,
                self.organization_url(o),
                o.initials,
                o.hue,
                o == self.organization,
            )
            for o in self.first_organizations[:SWITCHER_LENGTH]
        ]

    @cached_property
    def projects(self) -> list[SwitcherEntry]:
        return [
            SwitcherEntry(p.name, self.project_url(p), p.initials, p.hue, p == self.project)
            for p in self.first_projects[:SWITCHER_LENGTH]
        ]

    def organization_url(self, organization: Organization) -> str:
        """Returns the URL to switch to: from the cost analytics to the other's, for those who may see it."""
        may_see = allows(organization.principal_role, Permission.COST_ANALYTICS_SEE)
        if self.view_name != "cost_analytics" or not may_see:
            return reverse("organization", args=[organization.slug])
        # Projects, keys and people are another organization's.
        own = (Dimension.PROJECT, Dimension.API_KEY, Dimension.COLLABORATOR)
        query = build_query_elsewhere(self.request.GET, own)
        return reverse("cost_analytics", args=[organization.slug]) + query

    def project_url(self, project: Project) -> str:
        """Returns the URL to switch to: from one project's usage to the other's, seen in the same way."""
        if self.view_name != "usage":
            return reverse("project", args=[project.slug])
        query = build_query_elsewhere(self.request.GET, [Dimension.API_KEY])
        return reverse("usage", args=[project.slug]) + query

    @property
    def more_organizations(self) -> bool:
        return len(self.first_organizations) > SWITCHER_LENGTH

    @cached_property
    def more_projects(self) -> bool:
        return len(self.first_projects) > SWITCHER_LENGTH

    @property
    def organizations_url(self) -> str:
        return reverse("organizations")

    @property
    def new_organization_url(self) -> str:
        return reverse("organization_new")

    @property
    def projects_url(self) -> str:
        return reverse("projects", args=[self.organization.slug]) if self.organization else ""

    @property
    def why_frozen(self) -> str:
        """The reason why nothing on this page can be changed; empty if it can."""
        return self.access.why_frozen if self.access else ""

    @property
    def at_project_limit(self) -> bool:
        """Whether the limit is reached. Only correct for people who see all projects."""
        count = self.counts.get("project_count", 0)
        return bool(self.organization and count >= self.organization.project_limit)

    @property
    def new_project_url(self) -> str:
        """The URL to create a project or, at the limit, to request more; '' without the permission."""
        if self.view or self.organization is None or self.organization.why_frozen:
            return ""
        if Permission.PROJECTS_CREATE not in self.permissions:
            return ""
        page = "project_request" if self.at_project_limit else "project_new"
        return reverse(page, args=[self.organization.slug])

    @property
    def invitations(self) -> int:
        """The number of the person's invitations; 0 on the page that lists them."""
        if self.view_name == "invitations":
            return 0
        return self.counts.get("waiting_count", 0)

    @cached_property
    def groups(self) -> list[Group]:
        return navigation(self)

    @cached_property
    def breadcrumb(self) -> list[Crumb]:
        return breadcrumb(self)


def get_frame(request: HttpRequest) -> Frame:
    """Returns the frame of the request, which view and template share."""
    present: Frame | None = getattr(request, "frame", None)
    if present is None:
        present = Frame(request)
        vars(request).update(frame=present)
    return present


def frame(request: HttpRequest) -> dict[str, Any]:
    """A context processor. `frame` is set for signed-in people only.

    `page_title` is empty on pages of libraries outside the frame, which declare none.
    """
    user, page = getattr(request, "user", None), current_page(request)
    context: dict[str, Any] = {
        "page_title": page.title if page else "",
        "theme": read_theme(request),
        "console_url": settings.BASE_URL,
        "cache_seconds": settings.KEY_CACHE_SECONDS,
    }
    if user is not None and user.is_authenticated:
        context["frame"] = get_frame(request)
    return context
