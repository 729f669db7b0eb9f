"""The rows of the organization's projects page: filtered, sorted and paginated."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts.access.organization import OrganizationAccess
from accounts.searching import match_words
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.pagination import paginate, query_parameters
from accounts.web.row_links import slug_url_format
from projects.models import Project


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with its ready-made URL."""

    project: Project
    url: str


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
    visible = Project.objects.visible_to(access.principal).filter(organization=access.organization)
    filters = ProjectListQuery.parse(query)
    projects = visible.archived() if filters.state else visible.unarchived()
    if filters.q:
        projects = projects.filter(match_words(filters.q, "search_text"))
    projects = projects.with_people_count()
    used = access.organization.projects.unarchived().count()
    page = paginate(projects, filters.order, projects.count(), query_parameters(query))
    project_url = slug_url_format("project")
    return {
        "access": access,
        "page": page,
        "rows": [ProjectRow(project, project_url.format(project.slug)) for project in page.rows],
        "used": used,
        "at_limit": used >= access.organization.project_limit,
        "filters": filters,
        "clear_url": filters.url(q="", sort="") or "?",
        "sorts": filters.sort_links(("name", "created")),
    }
