"""What the members page lists: filtered, sorted, a page at a time."""

from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Lower
from django.http import QueryDict

from accounts.access import OrganizationAccess
from accounts.models import Organization, User
from accounts.pagination import Order, addressed, paginate
from accounts.permissions import OrganizationRole
from accounts.sorting import filter_text, sort_links

SORTS = {
    "name": Order("name_key"),
    "-name": Order("name_key", descending=True),
    "role": Order("role"),
    "-role": Order("role", descending=True),
    "joined": Order("joined_at"),
    "-joined": Order("joined_at", descending=True),
}


def member_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """The context of the members page for the filter in its address (`q`, `role`, `sort`, `page`)."""
    everybody = access.organization.memberships.annotate(name_key=Lower("user__name"))
    found = everybody.select_related("user")
    text, role = filter_text(query.get("q", "")), query.get("role", "")
    if text:
        found = found.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
    if role in OrganizationRole.values:
        found = found.filter(role=role)
    sort = query.get("sort", "") if query.get("sort") in SORTS else "joined"
    total = found.count()
    pending = []
    if access.may.members_manage:
        pending = list(
            access.organization.invitations.pending()
            .exclude(role="")
            .select_related("invited_by")
            .order_by(F("sent_at").desc())[:50]
        )
    return {
        "access": access,
        "page": paginate(found, SORTS[sort], total, addressed(query)),
        "pending": pending,
        "total": total,
        "filters": {"q": text, "role": role, "sort": query.get("sort", "")},
        "filtered": bool(text or role),
        "sorts": sort_links(("name", "role", "joined"), sort, query),
    }


def organization_list(user: User, query: QueryDict) -> dict[str, Any]:
    """The context of the page of all organizations the person can see, found by name (`q`)."""
    text = filter_text(query.get("q", ""))
    found = Organization.objects.visible_to(user).named_like(text).order_by("name", "pk")
    return {"organizations": found[:200], "q": text}
