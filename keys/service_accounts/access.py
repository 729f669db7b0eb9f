"""What a service account's token gives access to: its project, while nothing there is frozen."""

from django.http import Http404

from keys.models import AccountToken
from projects.access import ProjectAccess, find_project_access


def find_account_token(access: ProjectAccess, reference: str) -> AccountToken:
    """Returns the token with that id of one of the project's service accounts. Raises Http404 for others."""
    tokens = AccountToken.objects.in_full().filter(service_account__project=access.project)
    token: AccountToken | None = tokens.filter(public_id=reference).first()
    if token is None:
        raise Http404
    return token


def find_account_access(token: AccountToken) -> ProjectAccess | None:
    """Returns the access of the token's service account; None if it has no role, or the project is frozen."""
    try:
        access = find_project_access(token.principal, pk=token.service_account.project_id)
    except Http404:
        return None
    return None if access.why_frozen else access
