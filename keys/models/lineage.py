"""What was created with credentials that manage something, directly or with what they created in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from accounts.actors import Actor
from accounts.models import Invitation, Organization
from accounts.models.invitation import InvitationQuerySet
from keys.models.account_token import AccountToken
from keys.models.admin_key import AdminKey, withdraw_sent_invitations
from keys.models.api_key import ApiKey, ApiKeyQuerySet


class Credential(Protocol):
    """An admin API key, a service account token or an access token."""

    @property
    def public_id(self) -> str: ...

    @property
    def is_over(self) -> bool: ...


@dataclass(frozen=True)
class Lineage:
    """The credentials that go back to `roots`: who had those can have any of them."""

    organization: Organization
    roots: Sequence[Credential]

    @cached_property
    def all_admin_keys(self) -> list[AdminKey]:
        """All admin API keys, which only those create."""
        keys = [root for root in self.roots if isinstance(root, AdminKey)]
        return self.organization.admin_keys.list_descendants(*keys) if keys else []

    @cached_property
    def all_tokens(self) -> list[AccountToken]:
        """All tokens of service accounts."""
        roots = [root.public_id for root in self.roots]
        tokens = AccountToken.objects.in_organization(self.organization)
        created = tokens.list_descendants([*roots, *(key.public_id for key in self.all_admin_keys)])
        # One root may have been created with another.
        return [token for token in created if token.public_id not in roots]

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
        """The public ids of the roots and of all credentials that go back to them."""
        return [root.public_id for root in self.roots] + self.created_ids

    @property
    def created_ids(self) -> list[str]:
        """The public ids of all credentials that go back to the roots."""
        created: list[AdminKey | AccountToken] = [*self.all_admin_keys, *self.all_tokens]
        return [credential.public_id for credential in created]

    @property
    def api_keys(self) -> ApiKeyQuerySet:
        """The active API keys of projects that one of them created, or gave a secret that still works."""
        return ApiKey.objects.in_organization(self.organization).issued_with(self.ids)

    @property
    def invitations(self) -> InvitationQuerySet:
        """The pending invitations that one of them sent."""
        return self.organization.invitations.sent_with(self.ids)

    @property
    def created_invitations(self) -> InvitationQuerySet:
        """The pending invitations that one of them sent, without those that a root sent."""
        return self.organization.invitations.sent_with(self.created_ids)

    def revoke_created(self, actor: Actor, **change: Any) -> list[Invitation]:
        """Revokes `credentials`, and withdraws and returns `invitations`; the roots stay.

        The organization must be locked.
        """
        # First, because an admin API key withdraws its own.
        invitations = withdraw_sent_invitations(actor, self.organization, self.ids, **change)
        for credential in self.credentials:
            credential.revoke(actor, **change)
        return invitations
