"""The list of a user's organizations."""

from typing import Any

from django.http import QueryDict
from django.urls import reverse

from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.web.list_query import ListQuery


def build_organization_list(principal: Principal, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the list of organizations that the principal can see, searched by name (`q`)."""
    filters = ListQuery.parse(query)
    matches = (
        Organization.objects.visible_to(principal)
        .named_like(filters.q)
        .order_by("search_text", "pk")
    )
    awaiting = Organization.objects.none()
    if principal.user and not principal.is_exempt:
        awaiting = Organization.objects.awaiting_factor_of(principal.user)
    return {
        "filters": filters,
        "rows": matches[:200],
        "awaiting": awaiting.order_by("search_text", "pk"),
        "clear_url": reverse("organizations"),
    }
