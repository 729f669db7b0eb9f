"""Links of invitations found in public: whoever reads a mailed one could pass for the person invited."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState
from accounts.errors import Conflict
from accounts.invitations.services.lifecycle import lock_pending_invitation
from accounts.models import Invitation, Organization, User
from accounts.models.principals import Principal
from accounts.outbox import notify


def find_leaked_invitations(tokens: Iterable[str]) -> dict[str, Invitation]:
    """The invitations whose present links are among `tokens`, by the token."""
    found = {token: Invitation.objects.by_token(token) for token in tokens}
    return {token: match[0] for token, match in found.items() if match}


@transaction.atomic
def report_invitation(*, actor: Actor, invitation: Invitation, found: dict[str, Any]) -> None:
    """Withdraws it and tells whoever sent it; nothing when its links have ended.

    A link that has expired stays dead: sending again makes another.
    """
    try:
        locked = lock_pending_invitation(invitation)
    except Conflict:
        return
    if locked.is_expired or locked.generation != invitation.generation:
        return
    locked.finish(InvitationState.WITHDRAWN, None)
    record(
        actor,
        Action.INVITATION_WITHDRAWN,
        **locked.audit_target,
        after={"found_at": found["found_at"]},
    )
    notify(
        find_recipient(locked),
        f"Withdrawn: your invitation to {locked.organization.name} was found in public",
        "keys/mail/invitation_leaked.txt",
        invitation=locked,
        **found,
    )


def find_recipient(invitation: Invitation) -> User:
    """Whoever sent it, while they can see the organization; else its Owner."""
    sender, organization = invitation.invited_by, invitation.organization
    visible = Organization.objects.visible_to(Principal.of_user(sender))
    if visible.filter(pk=organization.pk).exists():
        return sender
    return organization.memberships.owner().user
