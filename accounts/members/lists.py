"""What the members page lists: filtered, sorted, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.invitations.rows import build_pending_row
from accounts.members.services import may_change
from accounts.models import Membership
from accounts.permissions import (
    MEMBER_ROLES,
    OrganizationRole,
    may_become_owner,
    may_leave_organization,
)
from accounts.web.pagination import Order, paginate, query_parameters
from accounts.web.sorting import filter_text, sort_links

PENDING_LENGTH = 50
SORTS = {
    "name": Order("name_key"),
    "-name": Order("name_key", descending=True),
    "role": Order("role"),
    "-role": Order("role", descending=True),
    "joined": Order("joined_at"),
    "-joined": Order("joined_at", descending=True),
    "active": Order("last_active_at"),
    "-active": Order("last_active_at", descending=True),
}


@dataclass(frozen=True)
class MemberListQuery:
    """The filter as the address has it; what it does not know is dropped."""

    q: str
    role: str
    sort: str

    @classmethod
    def of(cls, query: QueryDict) -> "MemberListQuery":
        role, sort = query.get("role", ""), query.get("sort", "")
        return cls(
            q=filter_text(query.get("q", "")),
            role=role if role in OrganizationRole.values else "",
            sort=sort if sort in SORTS else "",
        )

    @property
    def active(self) -> bool:
        return bool(self.q or self.role)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A line with ready-made addresses: `{% url %}` in 50 rows would cost more than all the rest."""

    name: str
    email: str
    initials: str
    hue: int
    role: str
    role_label: str
    projects: str
    joined: datetime
    active: datetime
    is_you: bool
    role_url: str
    promote_label: str
    remove_url: str
    owner_url: str


def build_member_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """The context of the members page for the filter in its address (`q`, `role`, `sort`, `page`)."""
    filters = MemberListQuery.of(query)
    found = access.organization.memberships.annotate(name_key=Lower("user__name")).with_users()
    if filters.q:
        found = found.filter(
            Q(user__name__icontains=filters.q) | Q(user__email__icontains=filters.q)
        )
    if filters.role:
        found = found.filter(role=filters.role)
    sort = filters.sort or "joined"
    page = paginate(found, SORTS[sort], total := found.count(), query_parameters(query))
    here = reverse("members", args=[access.organization.slug])
    may_go = access.may.organization_leave and may_leave_organization(access.role)
    return {
        "access": access,
        "page": page,
        "rows": build_member_rows(access, page.rows, here),
        "total": total,
        "filters": filters,
        "filtered": filters.active,
        "clear_url": here,
        "sorts": sort_links(("name", "role", "joined", "active"), sort, query),
        "invite_url": f"{here}invite/" if access.may.members_manage else "",
        "leave_url": f"{here}leave/" if may_go else "",
        **(build_pending_context(access, filters) if page.number == 1 else {}),
    }


def build_member_rows(
    access: OrganizationAccess, memberships: list[Membership], here: str
) -> list[MemberRow]:
    counts = count_listed_projects(access, memberships)
    return [build_member_row(access, one, counts.get(one.pk, 0), here) for one in memberships]


def count_listed_projects(
    access: OrganizationAccess, memberships: list[Membership]
) -> dict[int, int]:
    """In how many unarchived projects each of these is listed; of the page's rows alone, because
    a column of a sorted list would be counted for every member of the organization."""
    unarchived = Q(collaborators__project__archived_at__isnull=True)
    shown = access.organization.memberships.filter(pk__in=[one.pk for one in memberships])
    counted = shown.annotate(listed=Count("collaborators", filter=unarchived))
    return dict(counted.order_by().values_list("pk", "listed"))


def build_member_row(
    access: OrganizationAccess, one: Membership, listed: int, here: str
) -> MemberRow:
    manageable = may_change(access, one)
    acts = f"{here}{one.user.public_id}/"
    is_admin = one.opens_every_project
    offerable = access.may.organization_transfer and may_become_owner(MEMBER_ROLES[one.role])
    return MemberRow(
        name=one.user.name,
        email=one.user.email,
        initials=one.user.initials,
        hue=one.user.hue,
        role=one.role,
        role_label=one.get_role_display(),
        projects="All" if one.opens_every_project else f"{listed:,}",
        joined=one.joined_at,
        active=one.last_active_at,
        is_you=access.principal.is_user(one.user_id),
        role_url=f"{acts}role/" if manageable else "",
        promote_label="Make member" if is_admin else "Make admin",
        remove_url=f"{acts}remove/" if manageable else "",
        owner_url=f"{here}transfer/?{urlencode({'email': one.user.email})}" if offerable else "",
    )


def build_pending_context(access: OrganizationAccess, filters: MemberListQuery) -> dict[str, Any]:
    """The newest invitations to the organization that nobody answered, and how many more wait."""
    if not access.may.invitations_see:
        return {}
    waiting = access.organization.invitations.pending().exclude(role="")
    if filters.q:
        waiting = waiting.filter(email__icontains=filters.q)
    if filters.role:
        waiting = waiting.filter(role=filters.role)
    newest = waiting.select_related("invited_by").order_by(F("sent_at").desc(), "-pk")
    rows = list(newest[: PENDING_LENGTH + 1])
    more = waiting.count() - PENDING_LENGTH if len(rows) > PENDING_LENGTH else 0
    acts = reverse("organization", args=[access.organization.slug]) + "invitations/"
    acts = acts if access.may.members_manage else ""
    return {
        "pending": [
            build_pending_row(one, role_label=one.get_role_display(), acts=acts)
            for one in rows[:PENDING_LENGTH]
        ],
        "pending_more": more,
    }
