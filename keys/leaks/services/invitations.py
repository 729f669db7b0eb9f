"""Invitation links found in public, with which anyone could accept in place of the person invited."""

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
    """Returns the invitations whose current links are among `tokens`, by the token."""
    matches = {token: Invitation.objects.by_token(token) for token in tokens}
    return {token: match[0] for token, match in matches.items() if match}


@transaction.atomic
def report_invitation(*, actor: Actor, invitation: Invitation, details: dict[str, Any]) -> None:
    """Withdraws the invitation and notifies its sender, unless its links have ended.

    An expired link needs nothing: resending the invitation creates another one.
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
        after={"found_at": details["found_at"]},
    )
    notify(
        find_recipient(locked),
        f"Withdrawn: your invitation to {locked.organization.name} was found in public",
        "keys/mail/invitation_leaked.txt",
        invitation=locked,
        **details,
    )


def find_recipient(invitation: Invitation) -> User:
    """Returns the sender, if a person who can see the organization, else its Owner."""
    sender, organization = invitation.invited_by, invitation.organization
    if sender is not None:
        visible = Organization.objects.visible_to(Principal.of_absent(sender))
        if visible.filter(pk=organization.pk).exists():
            return sender
    return organization.memberships.owner().user
