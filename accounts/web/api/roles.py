"""Roles as OpenAI's Administration API calls them, beside our own."""

from typing import Annotated, Literal

from msgspec import Meta

from accounts.permissions import OrganizationRole, ProjectRole

OrganizationRoleName = Annotated[
    Literal["owner", "reader"],
    Meta(description="`owner` for the Owner and Admins, `reader` for Members."),
]
WrittenOrganizationRole = Annotated[
    Literal["owner", "reader", "admin", "member"],
    Meta(description="`owner` or `admin` for an Admin, `reader` or `member` for a Member."),
]
ConsoleRole = Annotated[OrganizationRole, Meta(description="The role as the console calls it.")]
ProjectRoleName = Annotated[
    Literal["owner", "member"],
    Meta(description="`owner` for a Project Admin, `member` for a Project Member."),
]
WrittenProjectRole = Annotated[
    Literal["owner", "member", "admin"],
    Meta(description="`owner` or `admin` for a Project Admin, `member` for a Project Member."),
]


def format_organization_role(role: str) -> OrganizationRoleName:
    """Returns the name of a stored role."""
    return "reader" if role == OrganizationRole.MEMBER else "owner"


def read_organization_role(name: WrittenOrganizationRole) -> OrganizationRole:
    """Returns the role to store. Ownership is never granted by a role."""
    is_member = name in ("reader", "member")
    return OrganizationRole.MEMBER if is_member else OrganizationRole.ADMIN


def format_project_role(role: str) -> ProjectRoleName:
    """Returns the name of a stored role."""
    return "owner" if role == ProjectRole.ADMIN else "member"


def read_project_role(name: WrittenProjectRole) -> ProjectRole:
    """Returns the role to store."""
    return ProjectRole.MEMBER if name == "member" else ProjectRole.ADMIN
