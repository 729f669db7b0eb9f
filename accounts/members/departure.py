"""What somebody loses who leaves an organization or is removed, and what they made that stays."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.models import Membership

NAMED = 20
# Among the ids of keys to revoke with somebody's removal: every active one they made.
ALL_KEYS = "all"


@dataclass(frozen=True)
class Departure:
    """Of one member; read when the page asks, so that each page pays for what it shows."""

    membership: Membership

    @cached_property
    def projects(self) -> list[str]:
        """The names of the first projects they are listed in."""
        rows = self.membership.collaborators.order_by("project__name", "pk")
        return list(rows.values_list("project__name", flat=True)[: NAMED + 1])

    @property
    def named_projects(self) -> list[str]:
        return self.projects[:NAMED]

    @cached_property
    def more_projects(self) -> int:
        """How many more there are than are named."""
        if len(self.projects) <= NAMED:
            return 0
        return self.membership.collaborators.count() - NAMED

    @cached_property
    def invitations(self) -> int:
        """Invitations of the organization that wait for them, and end with the membership."""
        invitations = self.membership.organization.invitations
        return invitations.waiting_for(self.membership.user).count()

    @cached_property
    def offer(self) -> bool:
        """Whether an offer of the ownership waits for them."""
        offered = self.membership.user.offered_ownerships.pending()
        return offered.filter(organization=self.membership.organization).exists()

    @cached_property
    def unanswered(self) -> int:
        """Invitations they sent that nobody has answered: they need somebody who may still invite."""
        sent = self.membership.user.sent_invitations.pending()
        return sent.filter(organization=self.membership.organization).count()

    @cached_property
    def tokens(self) -> int:
        """Their access tokens for the organization and its projects, which end with the membership."""
        live = self.membership.user.personal_tokens.live()
        return int(live.filter(organization=self.membership.organization).count())

    @property
    def keys(self) -> Any:
        """The API keys they made in the organization; these stay unless somebody revokes them."""
        made = self.membership.user.created_keys.listed()
        return made.in_organization(self.membership.organization)

    @cached_property
    def active_keys(self) -> int:
        return int(self.keys.active().count())

    @property
    def is_home(self) -> bool:
        return self.membership.user.home_organization_id == self.membership.organization_id

    @cached_property
    def made(self) -> list[str]:
        """What they made, in words; it stays."""
        user, organization = self.membership.user, self.membership.organization
        projects = user.created_projects.filter(organization=organization).count()
        added = organization.projects.filter(collaborators__added_by=user)
        people = added.values("collaborators__user").distinct().count()
        invitations = user.sent_invitations.filter(organization=organization).count()
        counted = [
            (projects, "project", "projects", "made"),
            (people, "person", "people", "added to projects"),
            (invitations, "invitation", "invitations", "sent"),
            (self.active_keys, "active API key", "active API keys", "created"),
        ]
        return [
            f"{number:,} {one if number == 1 else many} {how}"
            for number, one, many, how in counted
            if number
        ]
