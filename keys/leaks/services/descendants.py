"""Ends a credential that was found in public, with what its finder may have created with it."""

from typing import Any

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from keys.admin_keys.revoking import KINDS, revoke_created_keys
from keys.enums import LeakResponse
from keys.models import AccountToken, AdminKey, KeyPolicy, PersonalToken
from keys.models.lineage import Lineage

WHY_REVOKED = "Created with a credential that was found in public."


def is_anything_left(root: AdminKey | AccountToken | PersonalToken, lineage: Lineage) -> bool:
    """Returns whether there is something to end, or to notify people of. The organization must be locked.

    The finder may have revoked the credential to keep what they created with it. API keys that the key policy
    keeps are named once.
    """
    if not root.is_over or lineage.credentials or lineage.invitations.exists():
        return True
    organization = lineage.organization
    events = organization.audit_events.filter(
        act=Action.KEY_LEAK_REPORTED, target_id=root.public_id
    )
    ends = KeyPolicy.of(organization).on_leak == LeakResponse.REVOKE
    return lineage.api_keys.exists() and (ends or not events.exists())


def end_lineage(
    actor: Actor,
    root: AdminKey | AccountToken | PersonalToken,
    lineage: Lineage,
    details: dict[str, Any],
) -> dict[str, Any]:
    """Revokes the credential with what goes back to it, and returns the context about it for the email.

    Pending invitations are withdrawn. API keys are revoked unless the organization's key policy wants those
    that are found in public only reported; then an event records that. The organization must be locked.
    """
    organization, change = lineage.organization, {"found_at": details["found_at"]}
    created, was_over = lineage.credentials, root.is_over
    keys = list(lineage.api_keys.select_related("project"))
    invitations = lineage.revoke_created(actor, after=change)
    if not was_over:
        root.revoke(actor, after=change)
    ends = KeyPolicy.of(organization).on_leak == LeakResponse.REVOKE
    if ends and keys:
        keys = revoke_created_keys(actor, lineage, reason=WHY_REVOKED)
    elif keys:
        record(
            actor,
            Action.KEY_LEAK_REPORTED,
            organization=organization,
            target=root,
            label=f"{KINDS[type(root)]} {root}",
            after={**change, "ended": False},
        )
    return {
        "created": created,
        "invitations": invitations,
        "api_keys": keys,
        "ended": ends,
        "was_over": was_over,
    }
