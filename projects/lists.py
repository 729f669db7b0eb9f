"""What the organization's projects page lists: filtered, sorted, a page at a time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict

from accounts.access.organization import OrganizationAccess
from accounts.web.pagination import Order, paginate, query_parameters
from accounts.web.row_links import slug_url_format
from accounts.web.sorting import filter_text, sort_links
from projects.models import Project


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with its ready-made URL."""

    project: Project
    url: str


def build_project_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """The context of the organization's projects page (`state`, `q`, `sort`, `page`)."""
    visible = Project.objects.visible_to(access.principal).filter(organization=access.organization)
    state = "archived" if query.get("state") == "archived" else ""
    projects = visible.archived() if state else visible.unarchived()
    text = filter_text(query.get("q", ""))
    if text:
        projects = projects.filter(Q(name__icontains=text) | Q(slug__icontains=text))
    orders = {
        "name": Order("name_key"),
        "-name": Order("name_key", descending=True),
        "created": Order("created_at"),
        "-created": Order("created_at", descending=True),
    }
    sort = query.get("sort", "") if query.get("sort") in orders else "created"
    projects = projects.annotate(name_key=Lower("name")).with_people_count()
    used = access.organization.projects.unarchived().count()
    page = paginate(projects, orders[sort], projects.count(), query_parameters(query))
    project_url = slug_url_format("project")
    return {
        "access": access,
        "page": page,
        "rows": [ProjectRow(project, project_url.format(project.slug)) for project in page.rows],
        "used": used,
        "at_limit": used >= access.organization.project_limit,
        "filters": {"q": text, "state": state, "sort": query.get("sort", "")},
        "clear_url": f"?state={state}" if state else "?",
        "sorts": sort_links(("name", "created"), sort, query),
    }
