"""Personal access tokens as pages list them: one's own, and everybody's of an organization."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization, User
from accounts.web.list_query import ListQuery
from accounts.web.pagination import Order, paginate, query_parameters
from keys.models import PersonalToken
from keys.models.personal import PersonalTokenQuerySet
from keys.personal_tokens.access import list_token_organizations, list_token_projects

NEWEST_FIRST = Order("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its line shows it, with its state in words and the tone of that."""

    token: PersonalToken
    state: str
    tone: str


def token_list(user: User) -> dict[str, Any]:
    """The context of the page of one's own; they are bounded, see `MOST` of the service."""
    tokens = user.personal_tokens.unrevoked().in_full()
    organizations = {one.pk for one in list_token_organizations(user)}
    projects = set(list_token_projects(user).values_list("pk", flat=True))
    rows = []
    for token in NEWEST_FIRST.apply(tokens):
        place, open_ones = token.project_id, projects
        if place is None:
            place, open_ones = token.organization_id, organizations
        rows.append(TokenRow(token, *describe_state(token, is_open=place in open_ones)))
    return {"rows": rows}


def describe_state(token: PersonalToken, *, is_open: bool) -> tuple[str, str]:
    if token.is_expired:
        return "Expired", "bad"
    if not is_open:
        return "Refused now", "bad"
    return ("Expires soon", "warn") if token.expires_soon else ("Active", "ok")


def find_live_tokens(organization: Organization) -> PersonalTokenQuerySet:
    """Those that may still be used for it or its projects."""
    live: PersonalTokenQuerySet = organization.personal_tokens.live()
    return live


def organization_token_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """The context of the organization's page, for the filter in its address."""
    organization, filters = access.organization, ListQuery.parse(query)
    tokens = find_live_tokens(organization)
    found = tokens.matching(filters.q) if filters.q else tokens
    total = found.count()
    page = paginate(found.in_full(), NEWEST_FIRST, total, query_parameters(query))
    here = reverse("organization_tokens", args=[organization.slug])
    return {
        "access": access,
        "page": page,
        "rows": page.rows,
        "total": total,
        "filters": filters,
        "clear_url": here,
        "here": here,
        "may_revoke": access.may.organization_tokens_revoke,
    }
