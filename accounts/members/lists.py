"""The members list: filtered, sorted and paginated."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
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
from accounts.searching import first_line, match_words
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.new_rows import get_mark, read_new_ids
from accounts.web.pagination import paginate, query_parameters
from accounts.web.row_links import slug_url_format

PENDING_LENGTH = 50
NAMED_PROJECTS = 10
SORTED_COLUMNS = ("name", "role", "joined", "active")


@dataclass(frozen=True)
class MemberListQuery(ListQuery):
    """The query of the members list."""

    role: str = ""

    choices = {"role": dict(OrganizationRole.choices)}
    orders = make_orders(name="name_key", role="role", joined="joined_at", active="last_active_at")
    default_sort = "joined"


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A row with ready-made URLs: `{% url %}` in 25 rows would take longer than the rest of the page."""

    name: str
    url: str
    email: str
    public_id: str
    initials: str
    hue: int
    role: str
    role_label: str
    projects: str
    named_projects: list[tuple[str, str]]
    more_projects: int
    joined: datetime
    active: datetime
    is_you: bool
    role_url: str
    promote_label: str
    remove_url: str
    owner_url: str


def build_member_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the members page for the query `q`, `role`, `sort` and `page`."""
    filters = MemberListQuery.parse(query)
    memberships = access.organization.memberships.with_users()
    if filters.q:
        memberships = memberships.matching(filters.q)
    if filters.role:
        memberships = memberships.filter(role=filters.role)
    total = memberships.count()
    sortable = memberships.annotate(name_key=first_line("user__search_text"))
    page = paginate(sortable, filters.order, total, query_parameters(query))
    here = reverse("members", args=[access.organization.slug])
    may_go = access.may.organization_leave and may_leave_organization(access.role)
    return {
        "access": access,
        "page": page,
        "rows": build_member_rows(access, page.rows, here),
        "total": total,
        "filters": filters,
        "clear_url": here,
        "sorts": filters.sort_links(SORTED_COLUMNS),
        "externals_url": reverse("externals", args=[access.organization.slug])
        if access.may.projects_see_all
        else "",
        "select_url": here if access.may.members_manage else "",
        "invite_url": f"{here}invite/" if access.may.members_manage else "",
        "leave_url": f"{here}leave/" if may_go else "",
        **(build_pending_context(access, filters, read_new_ids(query)) if page.number == 1 else {}),
    }


def build_member_rows(
    access: OrganizationAccess, memberships: list[Membership], here: str
) -> list[MemberRow]:
    counts = count_listed_projects(access, memberships)
    named = name_listed_projects(access, memberships)
    return [
        build_member_row(
            access, membership, counts.get(membership.pk, 0), named.get(membership.pk, []), here
        )
        for membership in memberships
    ]


def name_listed_projects(
    access: OrganizationAccess, memberships: list[Membership]
) -> dict[int, list[tuple[str, str]]]:
    """Returns names and URLs of the first projects of each of the page's members, by primary key.

    Only those that the reader can open: Members do not learn the names of the others.
    """
    visible = access.organization.projects.unarchived().visible_to(access.principal)
    page = access.organization.memberships.filter(pk__in=[row.pk for row in memberships])
    names = (F("collaborators__project__name"), F("collaborators__project__slug"))
    ranked = page.filter(collaborators__project__in=visible.values("pk")).annotate(
        rank=Window(
            RowNumber(),
            partition_by=F("pk"),
            order_by=[F("collaborators__project__search_text"), F("collaborators__pk")],
        )
    )
    named: dict[int, list[tuple[str, str]]] = defaultdict(list)
    project_url = slug_url_format("project")
    rows = ranked.filter(rank__lte=NAMED_PROJECTS).order_by("pk", "rank")
    for pk, name, slug in rows.values_list("pk", *names):
        named[pk].append((name, project_url.format(slug)))
    return named


def count_listed_projects(
    access: OrganizationAccess, memberships: list[Membership]
) -> dict[int, int]:
    """Returns in how many unarchived projects each of the page's members is listed, by primary key.

    As an annotation of the sorted list it would be counted for every member of the organization.
    """
    unarchived = Q(collaborators__project__archived_at__isnull=True)
    page = access.organization.memberships.filter(pk__in=[row.pk for row in memberships])
    counted = page.annotate(listed=Count("collaborators", filter=unarchived))
    return dict(counted.order_by().values_list("pk", "listed"))


def build_member_row(
    access: OrganizationAccess,
    membership: Membership,
    listed: int,
    named: list[tuple[str, str]],
    here: str,
) -> MemberRow:
    manageable = may_change(access, membership)
    base = f"{here}{membership.user.public_id}/"
    people_url = (
        here.removesuffix("members/") + "people/" if access.may.organization_tokens_see else ""
    )
    is_admin = membership.opens_every_project
    offerable = access.may.organization_transfer and may_become_owner(MEMBER_ROLES[membership.role])
    return MemberRow(
        name=membership.user.name,
        url=f"{people_url}{membership.user.public_id}/" if people_url else "",
        email=membership.user.email,
        public_id=membership.user.public_id,
        initials=membership.user.initials,
        hue=membership.user.hue,
        role=membership.role,
        role_label=membership.get_role_display(),
        projects="All" if is_admin else f"{listed:,}",
        named_projects=[] if is_admin else named,
        more_projects=0 if is_admin else listed - len(named),
        joined=membership.joined_at,
        active=membership.last_active_at,
        is_you=access.principal.is_user(membership.user_id),
        role_url=f"{base}role/" if manageable else "",
        promote_label="Make member" if is_admin else "Make admin",
        remove_url=f"{base}remove/" if manageable else "",
        owner_url=f"{here}transfer/?{urlencode({'email': membership.user.email})}"
        if offerable
        else "",
    )


def build_pending_context(
    access: OrganizationAccess, filters: MemberListQuery, new: Sequence[str]
) -> dict[str, Any]:
    """Returns the context of the newest pending invitations, and how many more there are."""
    if not access.may.invitations_see:
        return {}
    pending = access.organization.invitations.pending().exclude(role="")
    if filters.q:
        pending = pending.filter(match_words(filters.q, "search_text"))
    if filters.role:
        pending = pending.filter(role=filters.role)
    newest = pending.select_related("invited_by").order_by(F("sent_at").desc(), "-pk")
    rows = list(newest[: PENDING_LENGTH + 1])
    more = pending.count() - PENDING_LENGTH if len(rows) > PENDING_LENGTH else 0
    base = reverse("organization", args=[access.organization.slug]) + "invitations/"
    base = base if access.may.members_manage else ""
    return {
        "pending": [
            build_pending_row(
                invitation,
                role_label=invitation.get_role_display(),
                base=base,
                mark=get_mark(invitation, new),
            )
            for invitation in rows[:PENDING_LENGTH]
        ],
        "pending_more": more,
    }
