"""What the key policy of an organization means to somebody at a page; services ask again under the lock."""

from keys.api_keys.services import why_not_issue
from keys.models import KeyPolicy
from projects.access import ProjectAccess


def issuing(access: ProjectAccess) -> tuple[KeyPolicy, str]:
    """The policy, and why it keeps the caller from making secrets here: empty when it does not."""
    policy = KeyPolicy.objects.of(access.organization)
    return policy, why_not_issue(access, policy)
