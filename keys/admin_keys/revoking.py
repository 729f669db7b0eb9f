"""Revokes what was created with a credential, if who revokes that chooses so."""

from accounts.actors import Actor
from keys.admin_keys.lineage import Lineage
from keys.api_keys.mails import notify_of_revocation
from keys.models import AccountToken, AdminKey, PersonalToken
from keys.models.sent_invitations import withdraw_sent_invitations

WHY_REVOKED = "The {kind} {name} that created it was revoked."
KINDS = {
    AdminKey: "admin API key",
    AccountToken: "service account token",
    PersonalToken: "access token",
}


def revoke_created(
    actor: Actor, lineage: Lineage, *, with_created: bool, with_api_keys: bool
) -> None:
    """Revokes what goes back to the credential, in the transaction that revokes the credential itself.

    `with_created` revokes admin API keys and tokens, and withdraws the pending invitations that they or the
    credential sent; `with_api_keys` revokes the API keys of projects. The organization must be locked.
    """
    if with_created:
        for created in lineage.credentials:
            created.revoke(actor)
        withdraw_sent_invitations(actor, lineage.organization, lineage.ids)
    if with_api_keys:
        reason = WHY_REVOKED.format(kind=KINDS[type(lineage.root)], name=lineage.root.name)
        notify_of_revocation(actor, lineage.api_keys.revoke(actor, reason=reason))
