"""Invitations that were sent with a credential, which end with it."""

from collections.abc import Collection
from typing import Any

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState
from accounts.models import Invitation, Organization


def withdraw_sent_invitations(
    actor: Actor, organization: Organization, credentials: Collection[str], **change: Any
) -> list[Invitation]:
    """Withdraws the pending invitations sent with credentials of these public ids, and returns them.

    The organization must be locked.
    """
    sent = organization.invitations.sent_with(credentials).select_related("organization")
    invitations = list(sent.order_by("pk"))
    for invitation in invitations:
        invitation.finish(InvitationState.WITHDRAWN, actor.user)
        record(actor, Action.INVITATION_WITHDRAWN, **invitation.audit_target, **change)
    return invitations
