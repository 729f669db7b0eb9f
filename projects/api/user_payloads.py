"""What the API accepts and returns about collaborators. Source: OpenAI's Administration API."""

import datetime as dt
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from accounts.models import Membership
from accounts.permissions import MEMBER_ROLES
from accounts.web.api.payloads import Parameters, Payload, UserId, describe_id, format_unix
from accounts.web.api.roles import ProjectRoleName, WrittenProjectRole, format_project_role
from projects.api.payloads import describe_role
from projects.models import Collaborator

EmailAddress = Annotated[str, Meta(examples=["maya@example.com"])]
EndDate = Annotated[dt.date, Meta(description="The last day of access, in UTC.")]
WrittenRole = Annotated[WrittenProjectRole, Meta(examples=["member"])]


class NewProjectUser(Payload, frozen=True):
    """Either `user_id`, of a member of the organization, or `email`, of anyone."""

    role: WrittenRole
    user_id: UserId | None = None
    email: EmailAddress | None = None
    end_date: EndDate | None = None


class ProjectUserChanges(Payload, frozen=True):
    """What is left out stays as it is. An `end_date` of null removes the end date."""

    role: WrittenRole | None = None
    end_date: EndDate | msgspec.UnsetType | None = msgspec.UNSET


class ProjectUserRemoval(Parameters, frozen=True):
    revoke_api_keys: Annotated[
        bool,
        Meta(
            description="Whether to revoke the API keys that they created, which keep working otherwise."
        ),
    ] = False


class ProjectUser(Payload, frozen=True, kw_only=True):
    """A collaborator of a project. Callers who may not see email addresses get null."""

    object: Literal["organization.project.user"] = "organization.project.user"
    id: UserId
    name: str
    email: EmailAddress | None
    role: ProjectRoleName
    added_at: Annotated[int, Meta(description="In Unix seconds.")]
    is_external: Annotated[
        bool, Meta(description="Whether they are no member of the organization.")
    ]
    end_date: EndDate | None
    vouched_by: Annotated[
        UserId | None, Meta(description="The member who vouches for an external collaborator.")
    ]

    @classmethod
    def of_collaborator(cls, row: Collaborator, *, emails: bool) -> Self:
        voucher = row.vouched_by if row.membership_id is None and row.is_vouched else None
        return cls(
            id=row.user.public_id,
            name=row.user.name,
            email=row.user.email if emails else None,
            role=format_project_role(row.role),
            added_at=format_unix(row.added_at),
            is_external=row.membership_id is None,
            end_date=row.end_date,
            vouched_by=voucher.public_id if voucher else None,
        )

    @classmethod
    def of_membership(cls, row: Membership, *, emails: bool) -> Self:
        """Returns a person in the Default Project, to which members have access through their membership."""
        return cls(
            id=row.user.public_id,
            name=row.user.name,
            email=row.user.email if emails else None,
            role=describe_role(MEMBER_ROLES[row.role]),
            added_at=format_unix(row.joined_at),
            is_external=False,
            end_date=None,
            vouched_by=None,
        )


class PendingProjectUser(Payload, frozen=True, kw_only=True):
    """The person was invited, and becomes a collaborator when they accept.

    Callers who may not learn who is a member get this response for everyone, without `invite_id`.
    """

    object: Literal["organization.project.user"] = "organization.project.user"
    id: None = None
    name: None = None
    email: EmailAddress | None
    role: ProjectRoleName
    added_at: None = None
    end_date: EndDate | None
    status: Literal["pending"] = "pending"
    invite_id: Annotated[str, describe_id("invitation", "8HqWn2RkTz5VbXcLm0Pd")] | None


class DeletedProjectUser(Payload, frozen=True):
    """The person is no longer listed as a collaborator."""

    id: UserId
    active_api_keys: Annotated[
        int, Meta(description="How many API keys that they created in the project still work.")
    ]
    deleted: Literal[True] = True
    object: Literal["organization.project.user.deleted"] = "organization.project.user.deleted"
