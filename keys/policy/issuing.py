"""Who may create and rotate keys under the key policy. Pages ask here; services ask again under the lock."""

from accounts.permissions import Permission
from keys.enums import KeyMakers
from keys.models import KeyPolicy
from projects.access import ProjectAccess


def why_not_issue(access: ProjectAccess, policy: KeyPolicy) -> str:
    """Why the caller may make no secrets here although their role lets them; empty when they may."""
    if policy.makers == KeyMakers.EVERYBODY or access.holds(Permission.API_KEYS_ISSUE_ALWAYS):
        return ""
    return (
        f"The key policy of {access.organization.name} leaves creating and rotating keys to Project "
        "Admins. Ask one of them."
    )


def check_issuing(access: ProjectAccess) -> tuple[KeyPolicy, str]:
    """The policy, and why it keeps the caller from making secrets here: empty when it does not."""
    policy = KeyPolicy.of(access.organization)
    return policy, why_not_issue(access, policy)
