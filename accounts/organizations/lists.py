"""What the page of all organizations lists."""

from typing import Any

from django.http import QueryDict

from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.web.sorting import filter_text


def build_organization_list(principal: Principal, query: QueryDict) -> dict[str, Any]:
    """The context of the page of all organizations the principal can see, found by name (`q`)."""
    text = filter_text(query.get("q", ""))
    found = Organization.objects.visible_to(principal).named_like(text).order_by("name", "pk")
    return {"organizations": found[:200], "q": text}
