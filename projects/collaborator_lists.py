"""The rows of the collaborators page: filtered, sorted and paginated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from accounts.invitations.rows import PendingRow, build_pending_row
from accounts.models import Invitation
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.searching import first_line, match_first_line, match_words
from accounts.web.columns import Column, link_columns
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.new_rows import get_mark, put_new_first, read_new_ids
from accounts.web.pagination import paginate, query_parameters
from projects.access import ProjectAccess
from projects.collaborator_rows import PersonRow, build_row, describe_person, format_end
from projects.models.collaborator import CollaboratorQuerySet
from projects.service_accounts.lists import list_accounts

BLOCK_LENGTH = 50
OFF_WITH_ACCOUNTS = (
    "External collaborators are no longer allowed, but service accounts that some of them created still have "
    "access to this project. They keep it until you remove them."
)
SORTED_COLUMNS = ("person", "role", "added")
TYPES = {
    "owner": Q(membership__role=OrganizationRole.OWNER),
    "admin": Q(membership__role=OrganizationRole.ADMIN),
    "member": Q(membership__role=OrganizationRole.MEMBER),
    "external": Q(membership__isnull=True),
}
COLUMNS = {
    "person": Column("Person", "who"),
    "type": Column("Type", "kind"),
    "role": Column("Project role", "role"),
    "added": Column("Added"),
    "actions": Column("Actions", "acts", is_label_hidden=True),
}


@dataclass(frozen=True)
class CollaboratorListQuery(ListQuery):
    """The filters and the order in the query string of the collaborators page."""

    role: str = ""
    type: str = ""

    choices = {
        "role": dict(ProjectRole.choices),
        "type": {name: name.capitalize() for name in TYPES},
    }
    orders = make_orders(person="name_key", role="role", added="added_at")
    default_sort = "added"

    def apply(self, rows: CollaboratorQuerySet, *, emails: bool) -> CollaboratorQuerySet:
        """Filters the rows. Searches email addresses only with `emails`, since others may not see them."""
        if self.q:
            match = match_words if emails else match_first_line
            rows = rows.filter(match(self.q, "user__search_text"))
        if self.role:
            rows = rows.filter(role=self.role)
        return rows.filter(TYPES[self.type]) if self.type else rows


def build_collaborator_list(access: ProjectAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the template context of the collaborators page for the filter in its URL."""
    filters = CollaboratorListQuery.parse(query)
    listed = access.project.collaborators.with_people().with_vouchers()
    emails = access.may.collaborator_emails_see
    matches = filters.apply(listed, emails=emails)
    everybody = access.project.people
    total = matches.count() if filters.is_filtered else everybody
    if filters.order.key == "name_key":
        matches = matches.annotate(name_key=first_line("user__search_text"))
    page = paginate(matches, filters.order, total, query_parameters(query))
    here = reverse("collaborators", args=[access.project.slug])
    first = page.number == 1
    new = read_new_ids(query) if first else []
    rows = put_new_first(page.rows, listed, new)
    return {
        "access": access,
        "project": access.project,
        "organization": access.organization,
        "may": access.may,
        "page": page,
        "rows": [build_row(access, row, here, get_mark(row, new)) for row in rows],
        "pending": list_pending(access, filters, new) if first else [],
        "service_accounts": list_accounts(access) if first and not filters.is_filtered else [],
        "through_role": list_through_role(access) if first and not filters.is_filtered else [],
        "summary": f"{total:,} of {format_summary(everybody, 0)}"
        if filters.is_filtered
        else format_summary(everybody, access.project.pending_count),
        "filters": filters,
        "clear_url": here,
        "placeholder": "Filter by name or email" if emails else "Filter by name",
        "empty": everybody == 0,
        "columns": link_columns(COLUMNS, filters.sort_links(SORTED_COLUMNS)),
        "externals_off_warning": describe_externals_off(access),
        **build_action_urls(access, here),
    }


def build_action_urls(access: ProjectAccess, here: str) -> dict[str, str]:
    """Returns the URLs of the page's own actions; '' for an action that is not allowed."""
    is_default = access.project.is_default
    listed = access.project.collaborator_role is not None
    return {
        "add_url": f"{here}add/" if access.may.collaborators_manage and not is_default else "",
        "select_url": here if access.may.collaborators_manage else "",
        "leave_url": f"{here}leave/" if listed and access.may.project_leave else "",
        "remove_externals_url": f"{here}remove-externals/" if access.may.externals_manage else "",
    }


def format_summary(collaborators: int, pending: int) -> str:
    text = f"{collaborators:,} collaborator{'' if collaborators == 1 else 's'}"
    if pending:
        text += f", {pending:,} pending invitation{'' if pending == 1 else 's'}"
    return text


def list_through_role(access: ProjectAccess) -> list[PersonRow]:
    """Returns those who have access through their organization role.

    They are the Owner and Admins; in the Default Project, every member. Returns the first
    `BLOCK_LENGTH` only: the members page lists all.
    """
    memberships = access.organization.memberships.select_related("user")
    if not access.project.is_default:
        memberships = memberships.with_every_project()
    emails = access.may.collaborator_emails_see
    return [
        PersonRow(**describe_person(membership.user, membership, emails=emails))
        for membership in memberships.order_by("-role", "joined_at", "pk")[:BLOCK_LENGTH]
    ]


def list_pending(
    access: ProjectAccess, filters: CollaboratorListQuery, new: Sequence[str]
) -> list[PendingRow]:
    """Returns pending invitations, for readers who may see email addresses.

    The access decorator has already counted them, so without any there is no query.
    """
    some = access.project.pending_count
    sees = access.may.collaborator_emails_see
    if not some or not sees or filters.type not in ("", "external"):
        return []
    pending = Invitation.objects.pending().filter(project_ref=access.project.public_id)
    grants = access.project.grants.filter(
        match_words(filters.q, "invitation__search_text"), invitation__in=pending
    ).select_related("invitation__invited_by")
    if filters.role:
        grants = grants.filter(role=filters.role)
    base = reverse("project", args=[access.project.slug]) + "invitations/"
    return [
        build_pending_row(
            grant.invitation,
            role_label=grant.get_role_display(),
            base=base if access.may.externals_manage else "",
            end=format_end(grant),
            mark=get_mark(grant.invitation, new),
        )
        for grant in grants.order_by("-invitation__sent_at", "-pk")[:BLOCK_LENGTH]
    ]


def describe_externals_off(access: ProjectAccess) -> str:
    """Returns a warning if externals, or service accounts that they created, still have access although a
    switch is off, else an empty text."""
    project = access.project
    if project.is_default or not project.why_no_externals():
        return ""
    if not project.has_externals:
        return OFF_WITH_ACCOUNTS if project.has_external_accounts else ""
    return (
        "External collaborators are no longer allowed, but some still have access to this project. "
        "They keep it until you remove them. Pending invitations cannot be accepted."
    )
