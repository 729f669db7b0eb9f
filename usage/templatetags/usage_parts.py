"""Parts of the usage app for pages of lower apps, which load them in templates and import nothing."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from accounts.models import User
from keys.models import ApiKey
from projects.access import ProjectAccess
from usage.budgets.stops import KeyStops, Stop, find_key_stops, find_stops
from usage.catalogue.early_access import list_unattributed_products
from usage.catalogue.prices_text import format_price
from usage.models import Budget, Product
from usage.periods import Period
from usage.reports.formatting import format_exact_money, format_money
from usage.reports.key_costs import DAYS, sum_recent_costs
from usage.reports.overview import build_overview
from usage.reports.periods import find_month
from usage.reports.person_costs import sum_person_costs
from usage.reports.scope import UsageScope

register = template.Library()

Access = ProjectAccess | OrganizationAccess


@dataclass(frozen=True, slots=True)
class KeyCost:
    """The cost of a key, rounded and to the last digit, and the URL of a report of it."""

    text: str
    exact: str
    url: str = ""


class KeyRow(Protocol):
    """A row of a list of keys."""

    @property
    def key(self) -> ApiKey: ...


@dataclass(frozen=True, slots=True)
class PersonCost:
    """What a person's usage costs this month: all of it, and by the primary keys of projects and keys.

    `url` is that of the report of all of it; further filters can be added to it.
    """

    total: KeyCost
    month: str
    projects: dict[int, KeyCost]
    keys: dict[int, KeyCost]
    url: str


def can_see_usage(access: Access) -> bool:
    """Whether the person may see usage, which externals never may."""
    if isinstance(access, ProjectAccess):
        return access.may.usage_see
    return access.may.cost_analytics_see


@register.inclusion_tag("usage/reports/_overview.html")
def usage_overview(access: Access) -> dict[str, Any]:
    """Shows usage on the overview of a project or an organization, or the banner of early access."""
    if not can_see_usage(access):
        return {"banner": early_access_banner(access)}
    overview = build_overview(UsageScope.of(access), timezone.now())
    project = access.project if isinstance(access, ProjectAccess) else None
    usage_url = reverse("usage", args=[project.slug]) if project else ""
    return {
        "overview": overview,
        "url": usage_url or reverse("cost_analytics", args=[access.organization.slug]),
        "label": "View usage" if project else "View cost analytics",
        "banner": {} if overview.has_recent else early_access_banner(access),
    }


@register.inclusion_tag("usage/catalogue/_early_access_banner.html")
def early_access_banner(
    access: Access, products: Iterable[Product] | None = None
) -> dict[str, Any]:
    """Shows which products are not attributed to projects yet, and where their usage is billed.

    Reads the catalogue unless `products` are all of it.
    """
    if not isinstance(access, ProjectAccess):
        audience = "project" if can_see_usage(access) else ""
    elif not can_see_usage(access):
        audience = "external"
    else:
        audience = "default" if access.project.is_default else "project"
    user = access.principal.user
    return {
        "products": list_unattributed_products(products) if audience else "",
        "audience": audience,
        "organization": access.organization.name,
        "home": user.home_organization if user and audience == "external" else None,
    }


@register.filter
def price(unit_price: int, unit: str) -> str:
    """Returns a unit price in 10⁻¹² USD as it is advertised."""
    return format_price(unit_price, unit)


@register.simple_tag
def key_costs(access: Access, rows: Iterable[KeyRow]) -> dict[int, KeyCost]:
    """Returns the 30-day costs by primary key, {} for those who may not see usage."""
    rows = list(rows)
    keys = [row.key.pk for row in rows]
    if not keys or not can_see_usage(access):
        return {}
    today = timezone.now().date()
    costs = sum_recent_costs(access.organization, keys, today)
    period = Period(today - dt.timedelta(days=DAYS - 1), today)
    return {
        row.key.pk: format_cost(
            costs[row.key.pk], build_usage_url(access, period, api_key=row.key.public_id)
        )
        for row in rows
    }


def build_usage_url(access: Access, period: Period, **filters: str) -> str:
    """Returns the URL of the report of a period on the usage page that `access` has."""
    if isinstance(access, ProjectAccess):
        path = reverse("usage", args=[access.project.slug])
    else:
        path = reverse("cost_analytics", args=[access.organization.slug])
    query = {"start": f"{period.start}", "end": f"{period.end}", **filters}
    return f"{path}?{urlencode(query)}"


@register.simple_tag
def person_cost(
    access: OrganizationAccess, user: User, projects: Iterable[int], keys: Iterable[int]
) -> PersonCost | None:
    """Returns this month's cost of a person's usage, None for those who may not see usage.

    `projects` and `keys` are the primary keys of those that the page lists; without usage they cost nothing.
    """
    if not can_see_usage(access):
        return None
    today = timezone.now().date()
    costs = sum_person_costs(access.organization, user, today)
    month = Period(find_month(today).start, today)
    return PersonCost(
        total=format_cost(sum(costs.projects.values())),
        month=f"{today:%B}",
        projects={pk: format_cost(costs.projects.get(pk, 0)) for pk in projects},
        keys={pk: format_cost(costs.keys.get(pk, 0)) for pk in keys},
        url=build_usage_url(access, month, collaborator=user.public_id),
    )


def format_cost(cost: int, url: str = "") -> KeyCost:
    return KeyCost(text=format_money(cost), exact=format_exact_money(cost), url=url)


@register.inclusion_tag("usage/budgets/_stops.html")
def stops_notice(access: Access, budget: Budget | None = None) -> dict[str, list[Stop]]:
    """Shows which spent budgets refuse API keys of an organization or a project, or whether `budget` does."""
    return {"stops": find_stops(access, budget)}


@register.inclusion_tag("usage/budgets/_stops.html")
def stops_of_keys_notice(access: Access, keys: Iterable[ApiKey]) -> dict[str, list[Stop]]:
    """Shows which spent budgets refuse some of these API keys."""
    return {"stops": find_key_stops(access, keys).all}


@register.simple_tag
def key_stops(access: Access, rows: Iterable[KeyRow]) -> KeyStops:
    """Returns what refuses the API keys of a list."""
    return find_key_stops(access, [row.key for row in rows])
