"""What was created with an admin API key, directly or with what it created in turn."""

from dataclasses import dataclass
from functools import cached_property

from keys.models import AccountToken, AdminKey, ApiKey
from keys.models.api_key import ApiKeyQuerySet


@dataclass(frozen=True)
class Lineage:
    """The credentials that go back to an admin API key: who had the key can have any of them."""

    key: AdminKey

    @cached_property
    def all_admin_keys(self) -> list[AdminKey]:
        return self.key.organization.admin_keys.list_descendants(self.key)

    @cached_property
    def all_tokens(self) -> list[AccountToken]:
        """All tokens of service accounts."""
        tokens = AccountToken.objects.in_organization(self.key.organization)
        return tokens.list_descendants([key.public_id for key in (self.key, *self.all_admin_keys)])

    @property
    def admin_keys(self) -> list[AdminKey]:
        """The admin API keys that work."""
        return [key for key in self.all_admin_keys if not key.is_over]

    @property
    def tokens(self) -> list[AccountToken]:
        """The tokens of service accounts that work."""
        return [token for token in self.all_tokens if not token.is_over]

    @property
    def credentials(self) -> list[AdminKey | AccountToken]:
        """All that work and manage something."""
        return [*self.admin_keys, *self.tokens]

    @property
    def api_keys(self) -> ApiKeyQuerySet:
        """The active API keys of projects that one of them created, or gave a secret that still works."""
        everything: list[AdminKey | AccountToken] = [*self.all_admin_keys, *self.all_tokens]
        credentials = [self.key.public_id, *(row.public_id for row in everything)]
        return ApiKey.objects.in_organization(self.key.organization).issued_with(credentials)
