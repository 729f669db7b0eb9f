"""What an admin API key gives access to: its organization, while it works and that is not closed."""

from django.http import Http404

from accounts.access.organization import OrganizationAccess, find_organization_access
from keys.models import AdminKey


def find_admin_key_access(key: AdminKey) -> OrganizationAccess | None:
    """Returns the key's access to its organization; None if that is closed."""
    try:
        return find_organization_access(key.principal, pk=key.organization_id)
    except Http404:
        return None
