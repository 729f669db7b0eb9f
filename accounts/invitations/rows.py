"""The rows of pending invitations, as the lists of members and of collaborators show them."""

from dataclasses import dataclass
from datetime import datetime

from accounts.enums import Delivery
from accounts.models import Invitation


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One invitation. Its acts are below `base`, which is empty for who may not do them."""

    email: str
    role_label: str
    end: str
    invited_by: str
    sent: datetime
    expires: datetime
    expired: bool
    state: str
    tone: str
    base: str


def build_pending_row(one: Invitation, *, role_label: str, acts: str, end: str = "") -> PendingRow:
    """`acts` is the address of all invitations there; empty for who may do nothing with them."""
    state, tone = describe_delivery(one)
    return PendingRow(
        email=one.email,
        role_label=role_label,
        end=end,
        invited_by=one.invited_by.name,
        sent=one.sent_at,
        expires=one.expires_at,
        expired=one.is_expired,
        state=state,
        tone=tone,
        base=f"{acts}{one.public_id}/" if acts else "",
    )


def describe_delivery(one: Invitation) -> tuple[str, str]:
    """How far the invitation has come, and in which tone that is said."""
    if one.is_expired:
        return "Expired", "warn"
    if one.delivery == Delivery.FAILED:
        return "Mail failed", "bad"
    return ("Mail queued", "") if one.delivery == Delivery.QUEUED else ("Mail sent", "accent")
