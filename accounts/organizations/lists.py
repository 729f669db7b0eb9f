"""What the page of all organizations lists."""

from typing import Any

from django.http import QueryDict

from accounts.models import Organization, User
from accounts.web.sorting import filter_text


def organization_list(user: User, query: QueryDict) -> dict[str, Any]:
    """The context of the page of all organizations the person can see, found by name (`q`)."""
    text = filter_text(query.get("q", ""))
    found = Organization.objects.visible_to(user).named_like(text).order_by("name", "pk")
    return {"organizations": found[:200], "q": text}
