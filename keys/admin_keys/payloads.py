"""What the API accepts and returns about admin API keys. Source: OpenAI's Administration API."""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from accounts.models import User
from accounts.web.api.payloads import Parameters, Payload, Secret, describe_id, format_unix
from keys.models import AdminKey

AdminKeyId = Annotated[str, describe_id("akey", "q3Vt9XbLmZ2RkWcYs8Pd")]
YEAR = 366 * 24 * 60 * 60


class NewAdminKey(Payload, frozen=True):
    name: Annotated[str, Meta(examples=["Terraform"])]
    expires_in_seconds: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=YEAR,
                description="Default: 366 days, or until the key that creates it expires.",
            ),
        ]
        | None
    ) = None


class RevocationParameters(Parameters, frozen=True):
    revoke_created: Annotated[
        bool,
        Meta(
            description="Whether to also revoke the admin API keys and service account tokens that were "
            "created with it, directly or indirectly, and withdraw the pending invitations sent with them."
        ),
    ] = False
    revoke_api_keys: Annotated[
        bool,
        Meta(
            description="Whether to also revoke the project API keys that were created with it, directly or "
            "indirectly."
        ),
    ] = False


class AdminKeyOwner(Payload, frozen=True):
    """The person who created the key. All null if another admin API key or the operator created it."""

    id: str | None
    name: str | None
    created_at: int | None
    type: Literal["user"] = "user"
    object: Literal["organization.user"] = "organization.user"
    role: Literal["owner"] = "owner"

    @classmethod
    def of_user(cls, user: User | None) -> Self:
        if user is None:
            return cls(None, None, None)
        return cls(user.public_id, user.name, format_unix(user.date_joined))


class AdminKeyObject(Payload, frozen=True, kw_only=True):
    """An admin API key, without its secret."""

    object: Literal["organization.admin_api_key"] = "organization.admin_api_key"
    id: AdminKeyId
    name: str
    redacted_value: Annotated[str, Meta(examples=["ak_7Qm2…x9Fd"])]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")]
    last_used_at: int | None
    owner: AdminKeyOwner

    @classmethod
    def of_key(cls, key: AdminKey) -> Self:
        return cls(
            id=key.public_id,
            name=key.name,
            redacted_value=key.hint,
            created_at=format_unix(key.created_at),
            expires_at=format_unix(key.expires_at),
            last_used_at=format_unix(key.last_used_at) if key.last_used_at else None,
            owner=AdminKeyOwner.of_user(key.created_by),
        )


class CreatedAdminKey(AdminKeyObject, frozen=True, kw_only=True):
    """The only response that contains the secret."""

    value: Secret

    @classmethod
    def of_secret(cls, key: AdminKey, secret: str) -> Self:
        return cls(**msgspec.structs.asdict(AdminKeyObject.of_key(key)), value=secret)


class DeletedAdminKey(Payload, frozen=True):
    """The key no longer works."""

    id: AdminKeyId
    deleted: Literal[True] = True
    object: Literal["organization.admin_api_key.deleted"] = "organization.admin_api_key.deleted"
