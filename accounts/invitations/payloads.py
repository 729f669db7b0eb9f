"""What the API takes and answers about invitations. Source: OpenAI's Administration API."""

from typing import Annotated, Any, Literal, Self

from msgspec import Meta

from accounts.enums import Delivery, InvitationState
from accounts.models import Invitation
from accounts.permissions import OrganizationRole
from accounts.web.api.payloads import Payload, ProjectId, Secret, describe_id, format_unix
from accounts.web.api.principals import PrincipalReference
from accounts.web.api.roles import (
    ConsoleRole,
    OrganizationRoleName,
    ProjectRoleName,
    WrittenOrganizationRole,
    WrittenProjectRole,
    format_organization_role,
    format_project_role,
)

MOST_PROJECTS = 100
InviteId = Annotated[str, describe_id("invitation", "8HqWn2RkTz5VbXcLm0Pd")]
EmailAddress = Annotated[str, Meta(examples=["maya@example.com"])]


class NewInviteProject(Payload, frozen=True):
    id: ProjectId
    role: WrittenProjectRole


class NewInvite(Payload, frozen=True):
    email: EmailAddress
    role: Annotated[WrittenOrganizationRole, Meta(examples=["reader"])]
    projects: Annotated[
        list[NewInviteProject],
        Meta(
            max_length=MOST_PROJECTS,
            description="Projects to add them to. Every member has the Default Project, named or not.",
        ),
    ] = []


class InviteProject(Payload, frozen=True):
    id: ProjectId
    role: ProjectRoleName


class Invite(Payload, frozen=True, kw_only=True):
    """An invitation to the organization."""

    object: Literal["organization.invite"] = "organization.invite"
    id: InviteId
    email: EmailAddress
    role: OrganizationRoleName
    console_role: ConsoleRole
    status: Annotated[
        Literal["pending", "accepted", "expired"],
        Meta(description="`expired` also if it was declined or withdrawn."),
    ]
    console_status: Literal["pending", "accepted", "declined", "withdrawn", "expired"]
    delivery: Annotated[Delivery, Meta(description="Of the newest email.")]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    sent_at: Annotated[int, Meta(description="When it was sent last, in Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")]
    accepted_at: int | None
    invited_by: PrincipalReference
    projects: list[InviteProject]

    @classmethod
    def of_invitation(cls, invitation: Invitation) -> Self:
        state = InvitationState(invitation.state)
        accepted_at = invitation.answered_at if state == InvitationState.ACCEPTED else None
        return cls(
            id=invitation.public_id,
            email=invitation.email,
            role=format_organization_role(invitation.role),
            console_role=OrganizationRole(invitation.role),
            status=STATUSES.get(describe_state(invitation), "expired"),
            console_status=describe_state(invitation),
            delivery=Delivery(invitation.delivery),
            created_at=format_unix(invitation.created_at),
            sent_at=format_unix(invitation.sent_at),
            expires_at=format_unix(invitation.expires_at),
            accepted_at=format_unix(accepted_at) if accepted_at else None,
            invited_by=PrincipalReference.of_principal(invitation.inviter),
            projects=[
                InviteProject(grant.project.public_id, format_project_role(grant.role))
                for grant in invitation.project_grants.all()
            ],
        )


# The others read `expired`.
STATUSES: dict[str, Any] = {"pending": "pending", "accepted": "accepted"}


def describe_state(invitation: Invitation) -> Any:
    """Returns the state, or that it has expired."""
    if invitation.is_pending and invitation.is_expired:
        return "expired"
    return InvitationState(invitation.state).value


class DeletedInvite(Payload, frozen=True):
    """The invitation was withdrawn."""

    id: InviteId
    deleted: Literal[True] = True
    object: Literal["organization.invite.deleted"] = "organization.invite.deleted"


class InviteLink(Payload, frozen=True):
    """The link of an invitation."""

    id: InviteId
    url: Secret
    object: Literal["organization.invite.link"] = "organization.invite.link"
