"""Revokes what was created with a credential, if who revokes that chooses so."""

from accounts.actors import Actor
from keys.api_keys.mails import notify_of_revocation
from keys.models import AccountToken, AdminKey, ApiKey, PersonalToken
from keys.models.lineage import Lineage

WHY_REVOKED = "The {kind} {name} that created it was revoked."
KINDS = {
    AdminKey: "admin API key",
    AccountToken: "service account token",
    PersonalToken: "access token",
}


def revoke_created(
    actor: Actor,
    root: AdminKey | AccountToken | PersonalToken,
    lineage: Lineage,
    *,
    with_created: bool,
    with_api_keys: bool,
) -> None:
    """Revokes what goes back to `root`, in the transaction that revokes the credential itself.

    `with_created` revokes admin API keys and tokens, and withdraws the pending invitations that they or the
    credential sent; `with_api_keys` revokes the API keys of projects. The organization must be locked.
    """
    if with_created:
        lineage.revoke_created(actor)
    if with_api_keys:
        reason = WHY_REVOKED.format(kind=KINDS[type(root)], name=root.name)
        revoke_created_keys(actor, lineage, reason=reason)


def revoke_created_keys(actor: Actor, lineage: Lineage, *, reason: str) -> list[ApiKey]:
    """Revokes the API keys that go back to the roots, returns them and notifies their creators.

    The organization must be locked.
    """
    keys = lineage.api_keys.revoke(actor, reason=reason)
    notify_of_revocation(actor, keys)
    return keys
