"""Rows of pending invitations in the lists of members and collaborators."""

from dataclasses import dataclass
from datetime import datetime

from accounts.enums import Delivery
from accounts.models import Invitation


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A pending invitation. The URLs of its actions start with `base`, which is empty without permission."""

    email: str
    public_id: str
    role_label: str
    end: str
    invited_by: str
    sent: datetime
    expires: datetime
    expired: bool
    state: str
    tone: str
    base: str
    mark: str


def build_pending_row(
    invitation: Invitation, *, role_label: str, base: str, end: str = "", mark: str = ""
) -> PendingRow:
    """Returns a row. `base` is the URL of all invitations; empty without permission to manage them.

    `mark` is the badge of an invitation that was just sent.
    """
    state, tone = describe_delivery(invitation)
    return PendingRow(
        email=invitation.email,
        public_id=invitation.public_id,
        role_label=role_label,
        end=end,
        invited_by=invitation.inviter.short_name,
        sent=invitation.sent_at,
        expires=invitation.expires_at,
        expired=invitation.is_expired,
        state=state,
        tone=tone,
        base=f"{base}{invitation.public_id}/" if base else "",
        mark=mark,
    )


def describe_delivery(invitation: Invitation) -> tuple[str, str]:
    """Returns the delivery state as text and the tone of its badge."""
    if invitation.is_expired:
        return "Expired", "warn"
    if invitation.delivery == Delivery.FAILED:
        return "Email failed", "bad"
    return (
        ("Email queued", "") if invitation.delivery == Delivery.QUEUED else ("Email sent", "accent")
    )
