"""What a member loses on leaving an organization or being removed, and what they created that stays."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.models import Membership

NAMED = 20
NAMED_ACCOUNTS = 20  # service accounts that are named when a member is removed
# In place of the ids of keys to revoke when a member is removed: every active key they created.
ALL_KEYS = "all"


@dataclass(frozen=True)
class Departure:
    """The departure of one member. Each property is queried when a page first uses it."""

    membership: Membership

    @cached_property
    def projects(self) -> list[str]:
        """The names of the first projects in which they are listed."""
        rows = self.membership.collaborators.order_by("project__search_text", "pk")
        return list(rows.values_list("project__name", flat=True)[: NAMED + 1])

    @property
    def named_projects(self) -> list[str]:
        return self.projects[:NAMED]

    @cached_property
    def more_projects(self) -> int:
        """The number of projects beyond `named_projects`."""
        if len(self.projects) <= NAMED:
            return 0
        return self.membership.collaborators.count() - NAMED

    @cached_property
    def invitations(self) -> int:
        """Pending invitations to them by the organization, which end with the membership."""
        invitations = self.membership.organization.invitations
        return invitations.waiting_for(self.membership.user).count()

    @cached_property
    def offer(self) -> bool:
        """Whether the ownership is currently offered to them."""
        offered = self.membership.user.offered_ownerships.pending()
        return offered.filter(organization=self.membership.organization).exists()

    @cached_property
    def unanswered(self) -> int:
        """Pending invitations they sent. Accepting one fails once they may no longer invite."""
        sent = self.membership.user.sent_invitations.pending()
        return sent.filter(organization=self.membership.organization).count()

    @cached_property
    def tokens(self) -> int:
        """Their access tokens for the organization and its projects, which stop working."""
        live = self.membership.user.personal_tokens.live()
        return int(live.filter(organization=self.membership.organization).count())

    @property
    def keys(self) -> Any:
        """The API keys they created in the organization, which keep working unless revoked."""
        created = self.membership.user.created_keys.listed()
        return created.in_organization(self.membership.organization)

    @cached_property
    def active_keys(self) -> int:
        return int(self.keys.active().count())

    @property
    def is_home(self) -> bool:
        return self.membership.user.home_organization_id == self.membership.organization_id

    @cached_property
    def made(self) -> list[str]:
        """What they created, as text for people. It stays."""
        user, organization = self.membership.user, self.membership.organization
        projects = user.created_projects.filter(organization=organization).count()
        added = organization.projects.filter(collaborators__added_by=user)
        people = added.values("collaborators__user").distinct().count()
        invitations = user.sent_invitations.filter(organization=organization).count()
        keys: Any = organization.admin_keys
        admin_keys = len(keys.list_created_by([user]))
        counted = [
            (projects, "project", "projects", "created"),
            (people, "person", "people", "added to projects"),
            (invitations, "invitation", "invitations", "sent"),
            (self.active_keys, "active API key", "active API keys", "created"),
            (admin_keys, "admin API key", "admin API keys", "created, which keep working"),
        ]
        made = [
            f"{number:,} {singular if number == 1 else plural} {how}"
            for number, singular, plural, how in counted
            if number
        ]
        return [*made, *self.accounts]

    @property
    def accounts(self) -> list[str]:
        """The service accounts that they created, for whose tokens they may know the secrets, as text."""
        user, organization = self.membership.user, self.membership.organization
        accounts = user.created_service_accounts.created_by_user(user).select_related("project")
        here = accounts.filter(project__organization=organization)[:NAMED_ACCOUNTS]
        return [f"the service account {account.label}, which keeps working" for account in here]
