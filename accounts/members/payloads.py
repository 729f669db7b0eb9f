"""Request and response bodies for members. Source: OpenAI's Administration API."""

from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta

from accounts.email_addresses import normalize_email
from accounts.models import Membership
from accounts.permissions import OrganizationRole
from accounts.web.api.listing import ListParameters
from accounts.web.api.payloads import (
    EmailAddress,
    NotSupported,
    Parameters,
    Payload,
    ProjectId,
    ProjectName,
    UnixTime,
    UserId,
    format_unix,
)
from accounts.web.api.roles import (
    ConsoleRole,
    OrganizationRoleName,
    ProjectRoleName,
    WrittenOrganizationRole,
    format_organization_role,
    format_project_role,
)

MOST_EMAILS = 100
MOST_PROJECTS = 100


class UserParameters(ListParameters, frozen=True):
    emails: Annotated[
        list[str],
        Meta(max_length=MOST_EMAILS, description="Only members with these email addresses."),
    ] = msgspec.field(name="emails[]", default_factory=list)

    @property
    def addresses(self) -> list[str]:
        """The email addresses as they are stored."""
        return [normalize_email(email.replace("\x00", "")) for email in self.emails]


class UserChange(Payload, frozen=True):
    role: Annotated[WrittenOrganizationRole | None, Meta(examples=["reader"])] = None
    revoke_admin_api_keys: Annotated[
        bool,
        Meta(
            description="Whether to revoke the admin API keys that they created if they become a Member. "
            "These keep working otherwise."
        ),
    ] = False
    role_id: NotSupported = None
    developer_persona: NotSupported = None
    technical_level: NotSupported = None


class RemovalParameters(Parameters, frozen=True):
    revoke_api_keys: Annotated[
        bool,
        Meta(
            description="Whether to revoke the API keys that they created. Otherwise, these keep working."
        ),
    ] = False


class UserProject(Payload, frozen=True):
    id: ProjectId
    name: ProjectName
    role: ProjectRoleName


class UserProjects(Payload, frozen=True):
    """The projects in which the person is a collaborator. The Owner and Admins can open all others too."""

    data: list[UserProject]
    has_more: Annotated[bool, Meta(description=f"Whether there are more than {MOST_PROJECTS}.")]
    object: Literal["list"] = "list"


class UserDetails(Payload, frozen=True):
    """The person's account."""

    id: UserId
    email: EmailAddress
    name: str
    object: Literal["user"] = "user"


class OrganizationUser(Payload, frozen=True, kw_only=True):
    """A member of the organization."""

    object: Literal["organization.user"] = "organization.user"
    id: UserId
    email: EmailAddress
    name: str
    role: OrganizationRoleName
    console_role: ConsoleRole
    added_at: UnixTime
    created: Annotated[int, Meta(description="When they signed up, in Unix seconds.")]
    is_service_account: Literal[False] = False
    projects: UserProjects
    user: UserDetails

    @classmethod
    def of_membership(cls, membership: Membership, listed: list[Any]) -> Self:
        """Returns the member. `listed` are their first rows as a collaborator, one more than are returned."""
        person = membership.user
        return cls(
            id=person.public_id,
            email=person.email,
            name=person.name,
            role=format_organization_role(membership.role),
            console_role=OrganizationRole(membership.role),
            added_at=format_unix(membership.joined_at),
            created=format_unix(person.date_joined),
            projects=UserProjects(
                [
                    UserProject(
                        row.project.public_id, row.project.name, format_project_role(row.role)
                    )
                    for row in listed[:MOST_PROJECTS]
                ],
                has_more=len(listed) > MOST_PROJECTS,
            ),
            user=UserDetails(person.public_id, person.email, person.name),
        )


class DeletedUser(Payload, frozen=True):
    """The person is no longer a member."""

    id: UserId
    active_api_keys: Annotated[
        int, Meta(description="How many API keys that they created in the organization still work.")
    ]
    deleted: Literal[True] = True
    object: Literal["organization.user.deleted"] = "organization.user.deleted"
