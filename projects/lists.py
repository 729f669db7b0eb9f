"""The rows of the organization's projects page: filtered, sorted and paginated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts.access.organization import OrganizationAccess
from accounts.permissions import Permission
from accounts.searching import match_words
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.new_rows import get_mark, put_new_first, read_new_ids
from accounts.web.pagination import paginate, query_parameters
from accounts.web.row_links import slug_url_format
from projects.access import ProjectAccess
from projects.models import Project


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with its ready-made URL."""

    project: Project
    url: str
    mark: str
    people_url: str
    may_add: bool


@dataclass(frozen=True)
class ProjectListQuery(ListQuery):
    """The query of an organization's projects; without `state` those that are not archived."""

    state: str = ""

    choices = {"state": {"archived": "Archived"}}
    orders = make_orders(name="search_text", created="created_at")
    default_sort = "created"
    arranging = ("sort", "state")


def build_project_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the projects page. The query has `state`, `q`, `sort` and `page`."""
    # Through the organization, so that each project knows it without a query.
    visible = access.organization.projects.visible_to(access.principal)
    filters = ProjectListQuery.parse(query)
    projects = visible.archived() if filters.state else visible.unarchived()
    if filters.q:
        projects = projects.filter(match_words(filters.q, "search_text"))
    projects = projects.with_people_count()
    used = access.organization.projects.unarchived().count()
    page = paginate(projects, filters.order, projects.count(), query_parameters(query))
    new = read_new_ids(query) if page.number == 1 else []
    listed = put_new_first(page.rows, projects, new)
    return {
        "access": access,
        "page": page,
        "rows": build_project_rows(access, listed, new),
        "used": used,
        "at_limit": used >= access.organization.project_limit,
        "filters": filters,
        "clear_url": filters.url(q="", sort="") or "?",
        "sorts": filters.sort_links(("name", "created")),
    }


def build_project_rows(
    access: OrganizationAccess, projects: Sequence[Project], new: Sequence[str]
) -> list[ProjectRow]:
    """Returns the rows; `new` are the ids of those that were just created."""
    project_url, people_url = slug_url_format("project"), slug_url_format("collaborators")
    return [
        ProjectRow(
            project=project,
            url=project_url.format(project.slug),
            mark=get_mark(project, new),
            people_url=people_url.format(project.slug),
            may_add=may_add_people(access, project),
        )
        for project in projects
    ]


def may_add_people(access: OrganizationAccess, project: Project) -> bool:
    """Returns whether the principal for whom the row was loaded may add collaborators now."""
    role = project.principal_role
    if role is None or project.is_default:
        return False
    there = ProjectAccess(access.principal, project, role)
    return there.allows(Permission.COLLABORATORS_MANAGE)
