"""Lists an organization's admin API keys."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.web.list_query import ListQuery
from accounts.web.pagination import Order, paginate, query_parameters

NEWEST_FIRST = Order("created_at", descending=True)


def admin_key_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page of unrevoked keys, for the filter in its URL."""
    organization, filters = access.organization, ListQuery.parse(query)
    keys = organization.admin_keys.unrevoked()
    matches = keys.matching(filters.q) if filters.q else keys
    total = matches.count()
    page = paginate(matches.with_people(), NEWEST_FIRST, total, query_parameters(query))
    return {
        "access": access,
        "page": page,
        "rows": page.rows,
        "total": total,
        "filters": filters,
        "clear_url": reverse("admin_keys", args=[organization.slug]),
        "may_manage": access.may.admin_keys_manage,
    }
