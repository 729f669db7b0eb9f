"""Ends what was created with a credential that was found in public: its finder may have created it."""

from typing import Any

from accounts.actors import Actor
from keys.admin_keys.lineage import Lineage
from keys.api_keys.mails import notify_of_revocation
from keys.enums import LeakResponse
from keys.models import KeyPolicy

WHY_REVOKED = "Created with a credential that was found in public."


def has_live_descendants(lineage: Lineage) -> bool:
    """Returns whether `revoke_descendants` would revoke anything. The organization must be locked."""
    ends = KeyPolicy.of(lineage.organization).on_leak == LeakResponse.REVOKE
    return bool(lineage.credentials) or (ends and lineage.api_keys.exists())


def revoke_descendants(actor: Actor, lineage: Lineage, details: dict[str, Any]) -> dict[str, Any]:
    """Revokes what goes back to the credential, and returns the context about it for the email.

    API keys are revoked unless the organization's key policy wants those that are found in public only
    reported. The organization must be locked.
    """
    created, keys = lineage.credentials, list(lineage.api_keys.select_related("project"))
    for credential in created:
        credential.revoke(actor, after={"found_at": details["found_at"]})
    ends = KeyPolicy.of(lineage.organization).on_leak == LeakResponse.REVOKE
    if ends and keys:
        keys = lineage.api_keys.revoke(actor, reason=WHY_REVOKED)
        notify_of_revocation(actor, keys)
    return {"created": created, "api_keys": keys, "ended": ends}
