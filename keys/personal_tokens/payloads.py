"""What the API answers about the personal access tokens of an organization."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.models.principals import Principal
from accounts.web.api.payloads import (
    Payload,
    ProjectId,
    ProjectName,
    describe_id,
    format_optional_unix,
    format_unix,
)
from accounts.web.api.principals import PrincipalReference
from keys.enums import TokenScope
from keys.models import PersonalToken

TokenId = Annotated[str, describe_id("pat", "4mQz8TrWb1YkLc0VnHx5")]


class TokenProject(Payload, frozen=True):
    id: ProjectId
    name: ProjectName


class AccessTokenObject(Payload, frozen=True, kw_only=True):
    """A person's access token for the organization or one of its projects, without its secret."""

    object: Literal["organization.access_token"] = "organization.access_token"
    id: TokenId
    name: str
    redacted_value: Annotated[str, Meta(examples=["ut_7Qm2…x9Fd"])]
    scope: Annotated[TokenScope, Meta(description="Whether it may only read.")]
    owner: PrincipalReference
    project: Annotated[TokenProject | None, Meta(description="Null: for the organization.")]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")]
    last_used_at: int | None

    @classmethod
    def of_token(cls, token: PersonalToken) -> Self:
        project = token.project
        return cls(
            id=token.public_id,
            name=token.name,
            redacted_value=token.hint,
            scope=TokenScope(token.scope),
            owner=PrincipalReference.of_principal(Principal.of_user(token.user)),
            project=TokenProject(project.public_id, project.name) if project else None,
            created_at=format_unix(token.created_at),
            expires_at=format_unix(token.expires_at),
            last_used_at=format_optional_unix(token.last_used_at),
        )


class DeletedAccessToken(Payload, frozen=True):
    """The token no longer works."""

    id: TokenId
    deleted: Literal[True] = True
    object: Literal["organization.access_token.deleted"] = "organization.access_token.deleted"
