"""Emails the people who manage costs that a reattribution changes what is billed where: one email each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.models import Membership, Organization, User
from accounts.outbox import build_notification, queue_all
from usage.ids import OrganizationId
from usage.models import Reattribution
from usage.reattribution.preview import PlannedMove
from usage.reports.formatting import format_money


@dataclass(frozen=True)
class BillChange:
    """What a reattribution does to the bill of an organization. `moves` is empty if it is not known."""

    organization: Organization
    moves: Sequence[PlannedMove] = field(default=())

    @property
    def events(self) -> int:
        return sum(move.records for move in self.moves)

    @property
    def difference(self) -> int:
        """By how much the bill grows, in 10⁻¹⁰ USD."""
        own = OrganizationId(self.organization.pk)
        return sum(
            move.cost * ((move.target.organization == own) - (move.source.organization == own))
            for move in self.moves
        )

    @property
    def moved_cost(self) -> str:
        return format_money(sum(move.cost for move in self.moves))

    @property
    def bill_difference(self) -> str:
        """The absolute difference as text; empty if the total stays the same."""
        return format_money(abs(self.difference)) if self.difference else ""


def notify_of_move(
    actor: Actor, move: Reattribution, changes: Iterable[BillChange], *, is_undo: bool = False
) -> None:
    """Notifies Owners and Admins of the organizations; call it in the transaction that starts the move."""
    verb = "moved back" if is_undo else "moved"
    subject, kind = f"Usage of {move.product} is {verb}", Notification.USAGE_MOVED
    queue_all(
        build_notification(
            user,
            subject,
            "usage/mail/usage_moved.txt",
            kind=kind,
            move=move,
            changes=theirs,
            is_undo=is_undo,
        )
        for user, theirs in group_by_reader(actor, changes).items()
    )


def group_by_reader(actor: Actor, changes: Iterable[BillChange]) -> dict[User, list[BillChange]]:
    """Returns the changes that each person is emailed about, in one query."""
    by_organization = {change.organization.pk: change for change in changes}
    rows = (
        Membership.objects.with_every_project()
        .filter(organization__in=by_organization, user__is_active=True)
        .exclude(user__muted_notifications__kind=Notification.USAGE_MOVED)
        .exclude(user=actor.user)
        .with_users()
        .order_by("user__pk", "organization__pk")
    )
    readers: dict[User, list[BillChange]] = {}
    for row in rows:
        readers.setdefault(row.user, []).append(by_organization[row.organization_id])
    return readers
