"""Request and response bodies for invitations. Source: OpenAI's Administration API."""

from typing import Annotated, Literal, Self, cast

from msgspec import Meta

from accounts.enums import Delivery
from accounts.models import Invitation
from accounts.permissions import OrganizationRole
from accounts.web.api.payloads import (
    EmailAddress,
    Payload,
    ProjectId,
    Secret,
    UnixTime,
    describe_id,
    format_optional_unix,
    format_unix,
)
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
ConsoleStatus = Literal["pending", "accepted", "declined", "withdrawn", "expired"]


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
            description="Projects to add them to. Every member gets the Default Project, even if not listed.",
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
    console_status: ConsoleStatus
    delivery: Annotated[Delivery, Meta(description="The delivery of the newest email.")]
    created_at: UnixTime
    sent_at: Annotated[int, Meta(description="When it was last sent, in Unix seconds.")]
    expires_at: UnixTime
    accepted_at: int | None
    invited_by: PrincipalReference
    projects: list[InviteProject]

    @classmethod
    def of_invitation(cls, invitation: Invitation) -> Self:
        status = describe_state(invitation)
        return cls(
            id=invitation.public_id,
            email=invitation.email,
            role=format_organization_role(invitation.role),
            console_role=OrganizationRole(invitation.role),
            status=status if status in ("pending", "accepted") else "expired",
            console_status=status,
            delivery=Delivery(invitation.delivery),
            created_at=format_unix(invitation.created_at),
            sent_at=format_unix(invitation.sent_at),
            expires_at=format_unix(invitation.expires_at),
            accepted_at=format_optional_unix(
                invitation.answered_at if status == "accepted" else None
            ),
            invited_by=PrincipalReference.of_principal(invitation.inviter),
            projects=[
                InviteProject(grant.project.public_id, format_project_role(grant.role))
                for grant in invitation.project_grants.all()
            ],
        )


def describe_state(invitation: Invitation) -> ConsoleStatus:
    """Returns the state of the invitation, or that it has expired."""
    if invitation.is_pending and invitation.is_expired:
        return "expired"
    return cast(ConsoleStatus, invitation.state)


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
