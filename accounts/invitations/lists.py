"""The list of invitations that a user can accept."""

from typing import Any

from accounts.models import Invitation
from accounts.models.principals import Principal

LISTED = 100


def open_invitation_list(principal: Principal) -> dict[str, Any]:
    """Returns the context of the user's page of invitations."""
    invitations = Invitation.objects.open_for(principal).select_related(
        "organization", "invited_by"
    )
    return {"invitations": invitations.prefetch_related("project_grants__project")[:LISTED]}
