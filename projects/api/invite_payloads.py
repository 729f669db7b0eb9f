"""What the API accepts and returns about invitations of external collaborators to a project."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.enums import Delivery
from accounts.invitations.payloads import InviteId
from accounts.web.api.payloads import Payload, format_unix
from accounts.web.api.principals import PrincipalReference
from accounts.web.api.roles import ProjectRoleName, format_project_role
from projects.api.user_payloads import EmailAddress, EndDate
from projects.models import ProjectGrant


class ProjectInvite(Payload, frozen=True, kw_only=True):
    """A pending invitation of an external collaborator to a project."""

    object: Literal["organization.project.invite"] = "organization.project.invite"
    id: InviteId
    email: EmailAddress
    role: ProjectRoleName
    end_date: EndDate | None
    status: Literal["pending", "expired"]
    delivery: Annotated[Delivery, Meta(description="Of the newest email.")]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    sent_at: Annotated[int, Meta(description="When it was sent last, in Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")]
    invited_by: PrincipalReference

    @classmethod
    def of_grant(cls, grant: ProjectGrant) -> Self:
        invitation = grant.invitation
        return cls(
            id=invitation.public_id,
            email=invitation.email,
            role=format_project_role(grant.role),
            end_date=grant.end_date,
            status="expired" if invitation.is_expired else "pending",
            delivery=Delivery(invitation.delivery),
            created_at=format_unix(invitation.created_at),
            sent_at=format_unix(invitation.sent_at),
            expires_at=format_unix(invitation.expires_at),
            invited_by=PrincipalReference.of_principal(invitation.inviter),
        )


class ExternalsRemoval(Payload, frozen=True):
    revoke_api_keys: Annotated[
        bool, Meta(description="Whether to revoke the API keys that they created.")
    ] = False
    remove_service_accounts: Annotated[
        bool,
        Meta(
            description="Whether to remove the service accounts that externals created, with their tokens "
            "and API keys. The people who created them may know their tokens."
        ),
    ] = True


class RemovedExternals(Payload, frozen=True):
    """No external collaborators are left."""

    removed: Annotated[int, Meta(description="How many people were removed.")]
    active_service_accounts: Annotated[
        int, Meta(description="How many service accounts that externals created still work.")
    ]
    object: Literal["organization.project.externals.removed"] = (
        "organization.project.externals.removed"
    )
