"""What the API accepts and returns about projects. Source: OpenAI's Administration API."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.permissions import Permission, Role, allows
from accounts.web.api.listing import ListParameters
from accounts.web.api.payloads import (
    NotSupported,
    Payload,
    ProjectId,
    ProjectName,
    ProjectSlug,
    format_optional_unix,
    format_unix,
)
from accounts.web.api.roles import ProjectRoleName
from projects.models import Project
from projects.tags.periods import get_tags

ALLOWS = Meta(
    description="Whether people outside the organization can be invited. Support must have enabled external "
    "collaborators for the organization as well."
)


def describe_role(role: Role) -> ProjectRoleName:
    """Returns the role in a project in the words of OpenAI: `owner` for those who manage people."""
    return "owner" if allows(role, Permission.COLLABORATORS_MANAGE) else "member"


Tags = Annotated[
    dict[str, str],
    Meta(
        description="Tags for usage reports: the values by name, at most 16. They replace all others from "
        "00:00 UTC of the next day on.",
        examples=[{"cost-center": "4711", "environment": "production"}],
    ),
]
SET_TAGS = Meta(
    description="The values by name as they were last set.", examples=[{"cost-center": "4711"}]
)


class ProjectListParameters(ListParameters, frozen=True):
    include_archived: bool = False


class NewProject(Payload, frozen=True):
    name: ProjectName
    slug: ProjectSlug | None = None
    allow_external_collaborators: Annotated[bool, ALLOWS] = False
    external_key_id: NotSupported = None
    geography: NotSupported = None
    residency: NotSupported = None


class ProjectChanges(Payload, frozen=True):
    """What is null or left out stays as it is."""

    name: ProjectName | None = None
    slug: ProjectSlug | None = None
    allow_external_collaborators: Annotated[bool, ALLOWS] | None = None
    tags: Tags | None = None
    external_key_id: NotSupported = None
    geography: NotSupported = None


class ProjectObject(Payload, frozen=True, kw_only=True):
    """A project."""

    object: Literal["organization.project"] = "organization.project"
    id: ProjectId
    name: ProjectName
    slug: ProjectSlug
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    archived_at: Annotated[int | None, Meta(description="In Unix seconds.")]
    status: Literal["active", "archived"]
    is_default: Annotated[bool, Meta(description="Every member has access to the Default Project.")]
    allow_external_collaborators: Annotated[bool, ALLOWS]
    tags: Annotated[dict[str, str], SET_TAGS]

    @classmethod
    def of_project(cls, project: Project) -> Self:
        return cls(
            id=project.public_id,
            name=project.name,
            slug=project.slug,
            created_at=format_unix(project.created_at),
            archived_at=format_optional_unix(project.archived_at),
            status="archived" if project.is_archived else "active",
            is_default=project.is_default,
            allow_external_collaborators=project.allow_external_collaborators,
            tags=get_tags(project),
        )
