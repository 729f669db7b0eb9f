"""What was created with a credential that manages something, directly or with what it created in turn."""

from dataclasses import dataclass
from functools import cached_property

from accounts.models import Organization
from accounts.models.invitation import InvitationQuerySet
from keys.models import AccountToken, AdminKey, ApiKey, PersonalToken
from keys.models.api_key import ApiKeyQuerySet

Credential = AdminKey | AccountToken | PersonalToken


@dataclass(frozen=True)
class Lineage:
    """The credentials that go back to `root`: who had that can have any of them."""

    organization: Organization
    root: Credential

    @cached_property
    def all_admin_keys(self) -> list[AdminKey]:
        """All admin API keys, which only those create."""
        if not isinstance(self.root, AdminKey):
            return []
        return self.organization.admin_keys.list_descendants(self.root)

    @cached_property
    def all_tokens(self) -> list[AccountToken]:
        """All tokens of service accounts."""
        tokens = AccountToken.objects.in_organization(self.organization)
        keys = [key.public_id for key in self.all_admin_keys]
        return tokens.list_descendants([self.root.public_id, *keys])

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
    def ids(self) -> list[str]:
        """The public ids of the root and of all credentials that go back to it."""
        everything: list[Credential] = [self.root, *self.all_admin_keys, *self.all_tokens]
        return [credential.public_id for credential in everything]

    @property
    def api_keys(self) -> ApiKeyQuerySet:
        """The active API keys of projects that one of them created, or gave a secret that still works."""
        return ApiKey.objects.in_organization(self.organization).issued_with(self.ids)

    @property
    def invitations(self) -> InvitationQuerySet:
        """The pending invitations that one of them sent."""
        return self.organization.invitations.sent_with(self.ids)
