"""What the collaborators page lists: filtered, sorted, a page at a time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse

from accounts.invitations.rows import PendingRow, build_pending_row
from accounts.models import Invitation, Membership, User
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.web.formatting import format_day
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.pagination import paginate, query_parameters
from projects.access import ProjectAccess
from projects.models import Collaborator, ProjectGrant
from projects.models.collaborator import CollaboratorQuerySet, today
from projects.services.collaborators import may_change
from projects.services.endings import may_set_end

BLOCK_LENGTH = 50
SORTED_COLUMNS = ("person", "role", "added")
TYPES = {
    "owner": Q(membership__role=OrganizationRole.OWNER),
    "admin": Q(membership__role=OrganizationRole.ADMIN),
    "member": Q(membership__role=OrganizationRole.MEMBER),
    "external": Q(membership__isnull=True),
}
OTHER_ROLE = {ProjectRole.ADMIN: "Make member", ProjectRole.MEMBER: "Make admin"}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line about a person; `email` is empty for readers who may not see it."""

    name: str
    email: str
    initials: str
    hue: int
    kind: str


@dataclass(frozen=True, slots=True)
class CollaboratorRow(PersonRow):
    """A listed person, with ready-made addresses: `{% url %}` in 50 rows would cost more than all
    the rest."""

    role_label: str
    role_url: str
    promote_label: str
    end_date_url: str
    vouch_url: str
    remove_url: str
    voucher: str
    unvouched: bool
    end: str
    end_tone: str
    added: Any
    is_you: bool


@dataclass(frozen=True)
class CollaboratorListQuery(ListQuery):
    """The query of a project's collaborators."""

    role: str = ""
    type: str = ""

    choices = {
        "role": dict(ProjectRole.choices),
        "type": {name: name.capitalize() for name in TYPES},
    }
    orders = make_orders(person="name_key", role="role", added="added_at")
    default_sort = "added"

    def apply(self, rows: CollaboratorQuerySet, *, emails: bool) -> CollaboratorQuerySet:
        """Who may not see addresses cannot find people by them either."""
        if self.q:
            by_email = Q(user__email__icontains=self.q) if emails else Q()
            rows = rows.filter(Q(user__name__icontains=self.q) | by_email)
        if self.role:
            rows = rows.filter(role=self.role)
        return rows.filter(TYPES[self.type]) if self.type else rows


def build_collaborator_list(access: ProjectAccess, query: QueryDict) -> dict[str, Any]:
    """The context of the collaborators page for the filter in its address."""
    filters = CollaboratorListQuery.parse(query)
    listed = access.project.collaborators.with_people().with_vouchers()
    emails = access.may.collaborator_emails_see
    matches = filters.apply(listed, emails=emails)
    everybody = access.project.people
    total = matches.count() if filters.is_filtered else everybody
    if filters.order.key == "name_key":
        matches = matches.annotate(name_key=Lower("user__name"))
    page = paginate(matches, filters.order, total, query_parameters(query))
    here = reverse("collaborators", args=[access.project.slug])
    first = page.number == 1
    return {
        "access": access,
        "project": access.project,
        "organization": access.organization,
        "may": access.may,
        "page": page,
        "rows": [build_row(access, collaborator, here) for collaborator in page.rows],
        "pending": list_pending(access, filters) if first else [],
        "through_role": list_through_role(access) if first and not filters.is_filtered else [],
        "summary": f"{total:,} of {format_summary(everybody, 0)}"
        if filters.is_filtered
        else format_summary(everybody, access.project.pending_count),
        "filters": filters,
        "clear_url": here,
        "placeholder": "Filter by name or email" if emails else "Filter by name",
        "empty": everybody == 0,
        "sorts": filters.sort_links(SORTED_COLUMNS),
        "externals_off_warning": describe_externals_off(access),
        **build_action_urls(access, here),
    }


def build_action_urls(access: ProjectAccess, here: str) -> dict[str, str]:
    """Addresses of the acts of the whole page; '' for what the person may not do."""
    is_default = access.project.is_default
    listed = access.project.collaborator_role is not None
    return {
        "add_url": f"{here}add/" if access.may.collaborators_manage and not is_default else "",
        "leave_url": f"{here}leave/" if listed and access.may.project_leave else "",
        "remove_externals_url": f"{here}remove-externals/" if access.may.externals_manage else "",
    }


def format_summary(collaborators: int, pending: int) -> str:
    text = f"{collaborators:,} collaborator{'' if collaborators == 1 else 's'}"
    if pending:
        text += f", {pending:,} pending invitation{'' if pending == 1 else 's'}"
    return text


def describe_person(user: User, membership: Membership | None, *, emails: bool) -> dict[str, Any]:
    return {
        "name": user.name,
        "email": user.email if emails else "",
        "initials": user.initials,
        "hue": user.hue,
        "kind": membership.get_role_display() if membership else "External",
    }


def build_row(access: ProjectAccess, collaborator: Collaborator, here: str) -> CollaboratorRow:
    manageable = may_change(access, collaborator)
    external = collaborator.membership is None
    vouched = external and collaborator.is_vouched
    may_vouch = (
        external
        and access.may.externals_manage
        and not access.principal.is_user(collaborator.vouched_by_id)
    )
    role, emails = ProjectRole(collaborator.role), access.may.collaborator_emails_see
    return CollaboratorRow(
        **describe_person(collaborator.user, collaborator.membership, emails=emails),
        role_label=role.label,
        role_url=f"{here}{collaborator.public_id}/role/" if manageable else "",
        promote_label=OTHER_ROLE[role],
        end=format_end(collaborator),
        end_tone="bad" if collaborator.has_ended else "warn" if collaborator.ends_soon else "",
        end_date_url=f"{here}{collaborator.public_id}/end-date/"
        if may_set_end(access, collaborator)
        else "",
        voucher=collaborator.vouched_by.name if vouched and collaborator.vouched_by else "",
        unvouched=external and not vouched,
        vouch_url=f"{here}{collaborator.public_id}/vouch/" if may_vouch else "",
        remove_url=f"{here}{collaborator.public_id}/remove/" if manageable else "",
        added=collaborator.added_at,
        is_you=access.principal.is_user(collaborator.user_id),
    )


def format_end(collaborator: Collaborator | ProjectGrant) -> str:
    """Until when somebody has access, or had it; empty when there is no end."""
    if collaborator.end_date is None:
        return ""
    return f"{'Ended' if collaborator.end_date < today() else 'Until'} {format_day(collaborator.end_date)}"


def list_through_role(access: ProjectAccess) -> list[PersonRow]:
    """Who has access without being listed: Owner and Admins, in the Default Project every member.

    The first of them; the members page has them all.
    """
    memberships = access.organization.memberships.select_related("user")
    if not access.project.is_default:
        memberships = memberships.with_every_project()
    emails = access.may.collaborator_emails_see
    return [
        PersonRow(**describe_person(membership.user, membership, emails=emails))
        for membership in memberships.order_by("-role", "joined_at", "pk")[:BLOCK_LENGTH]
    ]


def list_pending(access: ProjectAccess, filters: CollaboratorListQuery) -> list[PendingRow]:
    """The invitations nobody answered yet; only for those who see addresses.

    The access decorator has counted them already: usually there are none to ask for.
    """
    some = access.project.pending_count
    sees = access.may.collaborator_emails_see
    if not some or not sees or filters.type not in ("", "external"):
        return []
    pending = Invitation.objects.pending().filter(project_ref=access.project.public_id)
    grants = access.project.grants.filter(
        invitation__in=pending, invitation__email__icontains=filters.q
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
        )
        for grant in grants.order_by("-invitation__sent_at", "-pk")[:BLOCK_LENGTH]
    ]


def describe_externals_off(access: ProjectAccess) -> str:
    """Says so when externals are inside, or still invited, although a switch was turned off later."""
    project = access.project
    if project.is_default or not project.has_externals or not project.why_no_externals():
        return ""
    return (
        "External collaborators are switched off, but some are still in this project. They keep "
        "their access until you remove them; pending invitations cannot be accepted."
    )
