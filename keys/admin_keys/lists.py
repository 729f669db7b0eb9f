"""Lists an organization's admin API keys."""

from typing import Any

from django.http import QueryDict

from accounts.access.organization import OrganizationAccess
from keys.secrets import list_secrets


def admin_key_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page of unrevoked keys, for the filter in its URL."""
    keys = access.organization.admin_keys.unrevoked().with_people()
    context = list_secrets(access, query, keys, url_name="admin_keys")
    return {**context, "may_manage": access.may.admin_keys_manage}
