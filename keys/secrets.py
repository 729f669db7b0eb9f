"""What the pages of secrets have in common: their lists, and the command that tries a new one."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.web.list_query import ListQuery
from accounts.web.pagination import Order, paginate, query_parameters

# For a form that was sent twice.
CREATED_BEFORE = (
    "You already sent this form. The secret that it created was shown then and can't be shown again. "
    "If you didn't save it, revoke it and create another one."
)
NEWEST_FIRST = Order("created_at", descending=True)


def list_secrets(
    access: OrganizationAccess, query: QueryDict, secrets: Any, *, url_name: str
) -> dict[str, Any]:
    """Returns the context of an organization's page of `secrets`, a queryset, for the filter in its URL."""
    filters = ListQuery.parse(query)
    matches = secrets.matching(filters.q) if filters.q else secrets
    total = matches.count()
    page = paginate(matches, NEWEST_FIRST, total, query_parameters(query))
    return {
        "access": access,
        "page": page,
        "rows": page.rows,
        "total": total,
        "filters": filters,
        "clear_url": reverse(url_name, args=[access.organization.slug]),
    }


def format_curl(request: HttpRequest, route: str, secret: str, options: str = "") -> str:
    """Returns a command that tries the secret on a route of the console."""
    address = request.build_absolute_uri(reverse(route))
    return f'curl {options}-H "Authorization: Bearer {secret}" {address}'
