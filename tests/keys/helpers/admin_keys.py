"""Admin API keys for tests."""

from typing import Any

from accounts.actors import Actor
from accounts.models import Organization, User
from keys.admin_keys.services import IssuedAdminKey, create_admin_key


def issue_admin_key(
    owner: User, organization: Organization, name: str = "Terraform", **fields: Any
) -> IssuedAdminKey:
    """A key of the organization, with its secret."""
    actor = Actor.of_user(owner)
    return create_admin_key(actor=actor, organization=organization, name=name, **fields)
