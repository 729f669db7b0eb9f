"""The list of a user's organizations."""

from typing import Any

from django.http import QueryDict

from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.web.sorting import filter_text


def build_organization_list(principal: Principal, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the list of organizations that the principal can see, searched by name (`q`)."""
    text = filter_text(query.get("q", ""))
    matches = Organization.objects.visible_to(principal).named_like(text).order_by("name", "pk")
    return {"organizations": matches[:200], "q": text}
