"""Payloads of the API about credentials and the projects they give access to."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from accounts.fields import ID_LENGTH
from accounts.models import Organization, User
from accounts.web.api.payloads import (
    After,
    Cursor,
    KeyId,
    OrganizationId,
    OrganizationName,
    Parameters,
    Payload,
    ProjectId,
    ProjectName,
    ProjectSlug,
    UserId,
    describe_limit,
)
from keys.admin_keys.payloads import AdminKeyId
from keys.enums import CallerKind
from projects.models import Project, ServiceAccount
from projects.service_accounts.payloads import ServiceAccountId, ServiceAccountName

KeyOrTokenId = Annotated[
    str,
    Meta(
        pattern=rf"^(key|svctok)_[0-9A-Za-z]{{{ID_LENGTH}}}\Z",
        description="Of the API key, or of the token of a service account.",
        examples=["key_vnC7r4WnjSde9KMrZBXu"],
        extra_json_schema={"format": "id"},
    ),
]


class KeyReference(Payload, frozen=True):
    id: KeyOrTokenId


class UserReference(Payload, frozen=True):
    id: UserId

    @classmethod
    def of_user(cls, user: User) -> "UserReference":
        return cls(user.public_id)


class OrganizationReference(Payload, frozen=True):
    id: OrganizationId
    name: OrganizationName

    @classmethod
    def of_organization(cls, organization: Organization) -> "OrganizationReference":
        return cls(organization.public_id, organization.name)


class ProjectReference(Payload, frozen=True):
    id: ProjectId
    name: ProjectName
    slug: ProjectSlug

    @classmethod
    def of_project(cls, project: Project) -> "ProjectReference":
        return cls(project.public_id, project.name, project.slug)


class ServiceAccountReference(Payload, frozen=True):
    id: ServiceAccountId
    name: ServiceAccountName

    @classmethod
    def of_account(cls, account: ServiceAccount) -> "ServiceAccountReference":
        return cls(account.public_id, account.name)


class KeyOwner(Payload, frozen=True, tag_field="type", tag=CallerKind.KEY.value):
    """An API key of a project, or a token of a service account.

    The Organization Default Key is one of the Default Project.
    """

    api_key: KeyReference
    organization: OrganizationReference
    project: ProjectReference
    service_account: (
        Annotated[
            ServiceAccountReference,
            Meta(description="Of which it is. Absent for keys that belong to the project."),
        ]
        | msgspec.UnsetType
    ) = msgspec.UNSET


class LoginOwner(Payload, frozen=True, tag_field="type", tag=CallerKind.LOGIN.value):
    """The login of a terminal."""

    user: UserReference


class OrganizationTokenOwner(
    Payload, frozen=True, tag_field="type", tag=CallerKind.ORGANIZATION.value
):
    """A personal access token for an organization."""

    user: UserReference
    organization: OrganizationReference


class ProjectTokenOwner(Payload, frozen=True, tag_field="type", tag=CallerKind.SCOPED.value):
    """A terminal's token for one project, or a personal access token for one."""

    user: UserReference
    organization: OrganizationReference
    project: ProjectReference


class AdminKeyReference(Payload, frozen=True):
    id: AdminKeyId


class AdminKeyIdentity(Payload, frozen=True, tag_field="type", tag=CallerKind.ADMIN_KEY.value):
    """An admin API key."""

    api_key: AdminKeyReference
    organization: OrganizationReference


CredentialOwner = (
    AdminKeyIdentity | KeyOwner | LoginOwner | OrganizationTokenOwner | ProjectTokenOwner
)


class FlatKeyOwner(Payload, frozen=True):
    """The owner of the key."""

    api_key_id: KeyId
    organization_id: OrganizationId
    organization_name: OrganizationName
    project_id: ProjectId
    project_name: ProjectName
    project_slug: ProjectSlug


class ProjectParameters(Parameters, frozen=True):
    limit: Annotated[int, describe_limit(100, "projects")] = 20
    after: After = None


class ListedProject(Payload, frozen=True):
    id: ProjectId
    name: ProjectName
    slug: ProjectSlug
    organization_id: OrganizationId
    organization_name: OrganizationName

    @classmethod
    def of_project(cls, project: Project) -> "ListedProject":
        organization = project.organization
        return cls(
            project.public_id,
            project.name,
            project.slug,
            organization.public_id,
            organization.name,
        )


class ProjectList(Payload, frozen=True):
    """One page."""

    object: Literal["list"]
    data: list[ListedProject]
    next_cursor: Cursor
