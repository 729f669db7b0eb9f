"""What usage puts on pages of the rooms below it, which import nothing of it: their templates load this."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django import template
from django.urls import reverse
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from keys.models import ApiKey
from projects.access import ProjectAccess
from usage.catalogue.early_access import waiting
from usage.reports import formatting as shown
from usage.reports.key_costs import recent_costs
from usage.reports.overview import overview
from usage.reports.scope import Scope

register = template.Library()

Entered = ProjectAccess | OrganizationAccess


@dataclass(frozen=True, slots=True)
class KeyCost:
    """The cost of a key, rounded and to the last digit."""

    text: str
    exact: str


class Row(Protocol):
    """A line of a list of keys."""

    @property
    def key(self) -> ApiKey: ...


def sees_usage(access: Entered) -> bool:
    """Externals see none of it anywhere."""
    if isinstance(access, ProjectAccess):
        return access.may.usage_see
    return access.may.cost_analytics_see


@register.inclusion_tag("usage/reports/_overview.html")
def usage_overview(access: Entered) -> dict[str, Any]:
    """Usage on the overview of a project or an organization, with the banner of early access."""
    if not sees_usage(access):
        return {"banner": early_access_banner(access)}
    found = overview(Scope.of(access), timezone.now())
    project = getattr(access, "project", None)
    of_project = reverse("usage", args=[project.slug]) if project else ""
    return {
        "overview": found,
        "url": of_project or reverse("cost_analytics", args=[access.organization.slug]),
        "label": "See usage" if project else "See cost analytics",
        "banner": {} if found.has_recent else early_access_banner(access),
    }


@register.inclusion_tag("usage/catalogue/_early_access_banner.html")
def early_access_banner(access: Entered) -> dict[str, Any]:
    """Which products are billed elsewhere: for externals, whose own bill it is, and for members."""
    if not isinstance(access, ProjectAccess):
        where = "project" if sees_usage(access) else ""
    elif not sees_usage(access):
        where = "external"
    else:
        where = "default" if access.project.is_default else "project"
    user = access.principal.user
    return {
        "products": waiting() if where else "",
        "where": where,
        "organization": access.organization.name,
        "home": user.home_organization if user and where == "external" else None,
    }


@register.simple_tag
def key_costs(access: Entered, rows: Iterable[Row]) -> dict[int, KeyCost]:
    """Returns the 30-day costs by the keys' primary keys; empty for those who may not see usage."""
    keys = [row.key.pk for row in rows]
    if not keys or not sees_usage(access):
        return {}
    costs = recent_costs(access.organization, keys, timezone.now().date())
    return {pk: KeyCost(shown.money(cost), shown.exact_money(cost)) for pk, cost in costs.items()}
