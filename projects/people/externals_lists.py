"""All external collaborators of an organization, in whichever of its projects they are."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, F, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.searching import first_line, match_words
from accounts.web.columns import Column, link_columns
from accounts.web.elements import Moment
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.pagination import paginate, query_parameters
from projects.access import ProjectAccess
from projects.collaborator_rows import CollaboratorRow, build_row
from projects.models import Collaborator
from projects.models.collaborator import CollaboratorQuerySet

# Sorts access without an end date last.
NEVER = dt.date.max
PROJECTS_OFFERED = 100
SORTED_COLUMNS = ("person", "project", "added", "end")
COLUMNS = {
    "person": Column("Person", "who"),
    "project": Column("Project"),
    "role": Column("Project role"),
    "voucher": Column("Vouched for by"),
    "end": Column("Ends"),
    "added": Column("Added"),
    "seen": Column("Last seen"),
    "actions": Column("Actions", "acts", is_label_hidden=True),
}


@dataclass(frozen=True, slots=True)
class ExternalRow:
    """A person in one project, with the row of that project's collaborators page."""

    row: CollaboratorRow
    project: str
    project_url: str
    voucher: str
    seen: Moment


@dataclass(frozen=True)
class ExternalListQuery(ListQuery):
    """The query of the list; `project` is a slug."""

    project: str = ""

    orders = make_orders(person="name_key", project="project_key", added="added_at", end="end_key")
    default_sort = "-added"

    def apply(self, rows: CollaboratorQuerySet) -> CollaboratorQuerySet:
        if self.q:
            rows = rows.filter(match_words(self.q, "user__search_text"))
        return rows.filter(project__slug=self.project) if self.project else rows


def find_externals(access: OrganizationAccess) -> CollaboratorQuerySet:
    """Returns the external collaborators of all projects, also of archived ones, which may be restored."""
    return Collaborator.objects.external().filter(project__organization=access.organization)


def build_externals_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page for the filter in its URL."""
    filters, everyone = ExternalListQuery.parse(query), find_externals(access)
    matches = filters.apply(everyone)
    detailed = matches.with_people().with_vouchers().select_related("project__organization")
    sortable = detailed.annotate(
        name_key=first_line("user__search_text"),
        project_key=F("project__search_text"),
        end_key=Coalesce("end_date", Value(NEVER, output_field=DateField())),
    )
    page = paginate(sortable, filters.order, matches.count(), query_parameters(query))
    projects = access.organization.projects.filter(pk__in=everyone.values("project"))
    offered = projects.order_by("search_text", "pk")
    return {
        "access": access,
        "page": page,
        "rows": [build_external_row(access, row) for row in page.rows],
        "people": everyone.values("user").distinct().count(),
        "filters": filters,
        "projects": [(project.slug, project.name) for project in offered[:PROJECTS_OFFERED]],
        "clear_url": reverse("externals", args=[access.organization.slug]),
        "columns": link_columns(COLUMNS, filters.sort_links(SORTED_COLUMNS)),
    }


def build_external_row(access: OrganizationAccess, row: Collaborator) -> ExternalRow:
    """Returns the row. Readers of this page have their role of the organization in every project."""
    list_url = reverse("collaborators", args=[row.project.slug])
    there = ProjectAccess(access.principal, row.project, access.role)
    return ExternalRow(
        row=build_row(there, row, list_url),
        project=row.project.name,
        project_url=list_url,
        voucher=row.vouched_by.name if row.is_vouched and row.vouched_by else "",
        seen=Moment.of(row.last_active_at, "–"),
    )
