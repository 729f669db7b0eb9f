"""Lists personal access tokens: a person's own, and all of an organization."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization, User
from accounts.web.new_rows import get_mark, read_new_ids
from keys.models import PersonalToken
from keys.models.personal import PersonalTokenQuerySet
from keys.personal_tokens.access import list_token_organizations, list_token_projects
from keys.secrets import NEWEST_FIRST, list_secrets


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in a table, with its state and the tone of that."""

    token: PersonalToken
    state: str
    tone: str
    mark: str


def token_list(user: User, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page of a person's own tokens, of which there are at most `MAX_TOKENS`."""
    tokens = user.personal_tokens.unrevoked().in_full()
    organizations = {organization.pk for organization in list_token_organizations(user)}
    projects = set(list_token_projects(user).values_list("pk", flat=True))
    new, rows = read_new_ids(query), []
    for token in NEWEST_FIRST.apply(tokens):
        if token.project_id is None:
            is_open = token.organization_id in organizations
        else:
            is_open = token.project_id in projects
        state, tone = describe_state(token, is_open=is_open)
        rows.append(TokenRow(token, state, tone, get_mark(token, new)))
    return {"rows": rows}


def describe_state(token: PersonalToken, *, is_open: bool) -> tuple[str, str]:
    if token.is_expired:
        return "Expired", "bad"
    if not is_open:
        return "No access", "bad"
    return ("Expires soon", "warn") if token.expires_soon else ("Active", "ok")


def find_live_tokens(organization: Organization) -> PersonalTokenQuerySet:
    """Returns the tokens that still work for the organization or its projects."""
    live: PersonalTokenQuerySet = organization.personal_tokens.live()
    return live


def organization_token_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the organization's page for the filter in its URL."""
    tokens = find_live_tokens(access.organization).in_full()
    context = list_secrets(access, query, tokens, url_name="organization_tokens")
    may_revoke = access.may.organization_tokens_revoke
    return {**context, "here": context["clear_url"], "may_revoke": may_revoke}
