"""Who may create and rotate keys under the key policy. Services check it again after locking."""

from accounts.permissions import Permission
from keys.enums import KeyMakers
from keys.models import KeyPolicy
from projects.access import ProjectAccess


def why_not_issue(access: ProjectAccess, policy: KeyPolicy) -> str:
    """Returns why the key policy forbids the caller to create secrets, or an empty text if it does not."""
    if policy.makers == KeyMakers.EVERYBODY or access.holds(Permission.API_KEYS_ISSUE_ALWAYS):
        return ""
    return (
        f"The key policy of {access.organization.name} leaves creating and rotating keys to Project "
        "Admins. Ask one of them."
    )


def check_issuing(access: ProjectAccess) -> tuple[KeyPolicy, str]:
    """Returns the policy with the reason of `why_not_issue`."""
    policy = KeyPolicy.of(access.organization)
    return policy, why_not_issue(access, policy)
