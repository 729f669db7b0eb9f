"""Ends a credential that was found in public, with what its finder may have created with it."""

from typing import Any

from accounts.actors import Actor
from keys.admin_keys.lineage import Lineage
from keys.api_keys.mails import notify_of_revocation
from keys.enums import LeakResponse
from keys.models import KeyPolicy
from keys.models.sent_invitations import withdraw_sent_invitations

WHY_REVOKED = "Created with a credential that was found in public."


def is_anything_left(lineage: Lineage) -> bool:
    """Returns whether `end_lineage` would end anything. The organization must be locked.

    The finder may have revoked the credential to keep what they created with it.
    """
    ends = KeyPolicy.of(lineage.organization).on_leak == LeakResponse.REVOKE
    return (
        not lineage.root.is_over
        or bool(lineage.credentials)
        or lineage.invitations.exists()
        or (ends and lineage.api_keys.exists())
    )


def end_lineage(actor: Actor, lineage: Lineage, details: dict[str, Any]) -> dict[str, Any]:
    """Revokes the credential with what goes back to it, and returns the context about it for the email.

    Pending invitations are withdrawn. API keys are revoked unless the organization's key policy wants those
    that are found in public only reported. The organization must be locked.
    """
    organization, change = lineage.organization, {"found_at": details["found_at"]}
    created, keys = lineage.credentials, list(lineage.api_keys.select_related("project"))
    # First, because an admin API key withdraws its own.
    invitations = withdraw_sent_invitations(actor, organization, lineage.ids, after=change)
    for credential in [*([] if lineage.root.is_over else [lineage.root]), *created]:
        credential.revoke(actor, after=change)
    ends = KeyPolicy.of(organization).on_leak == LeakResponse.REVOKE
    if ends and keys:
        keys = lineage.api_keys.revoke(actor, reason=WHY_REVOKED)
        notify_of_revocation(actor, keys)
    return {"created": created, "invitations": invitations, "api_keys": keys, "ended": ends}
