"""The invitations that the signed-in person can accept, as their page lists them."""

from typing import Any

from accounts.models import Invitation
from accounts.models.principals import Principal

SHOWN = 100


def open_invitation_list(principal: Principal) -> dict[str, Any]:
    """The context of the person's page of invitations."""
    invitations = Invitation.objects.open_for(principal).select_related(
        "organization", "invited_by"
    )
    return {"invitations": invitations.prefetch_related("project_grants__project")[:SHOWN]}
