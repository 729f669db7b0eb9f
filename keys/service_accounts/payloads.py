"""What the API accepts and returns about service accounts. Source: OpenAI's Administration API."""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from accounts.web.api.payloads import (
    KeyId,
    NotSupported,
    Parameters,
    Payload,
    Secret,
    describe_id,
    format_unix,
)
from keys.api_keys.services import IssuedKey
from keys.models import AccountToken
from projects.models import ServiceAccount
from projects.service_accounts.payloads import (
    ROLE_NAMES,
    AccountRole,
    ServiceAccountId,
    ServiceAccountName,
)

AccountTokenId = Annotated[str, describe_id("svctok", "8hWqYc4ZpNx2TkVr6JdB")]
OwnerOrMember = Literal["owner", "admin", "member"]
YEAR = 366 * 24 * 60 * 60
DECADE = 3650 * 24 * 60 * 60
KeyLifetime = Annotated[
    int,
    Meta(
        ge=1, le=DECADE, description="Of the API key. Default: none, unless the key policy has one."
    ),
]


class NewServiceAccount(Payload, frozen=True):
    name: ServiceAccountName
    role: (
        Annotated[OwnerOrMember, Meta(description="Default: `member`. Not above the caller's own.")]
        | None
    ) = None
    create_service_account_only: Annotated[
        bool | None,
        Meta(description="Without an API key; without a role, too, unless `role` is sent."),
    ] = None
    expires_in_seconds: KeyLifetime | None = None


class ServiceAccountChanges(Payload, frozen=True):
    """What is null or left out stays as it is."""

    name: ServiceAccountName | None = None
    role: OwnerOrMember | None = None


class ServiceAccountObject(Payload, frozen=True, kw_only=True):
    """A service account."""

    object: Literal["organization.project.service_account"] = "organization.project.service_account"
    id: ServiceAccountId
    name: ServiceAccountName
    role: AccountRole
    is_external: Annotated[
        bool, Meta(description="Whether an external collaborator created it. It stays so.")
    ]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]

    @classmethod
    def of_account(cls, account: ServiceAccount) -> Self:
        return cls(
            id=account.public_id,
            name=account.name,
            role=ROLE_NAMES[account.role],
            is_external=account.counts_as_external,
            created_at=format_unix(account.created_at),
        )


class NewAccountKey(Payload, frozen=True):
    name: Annotated[str, Meta(description="Default: the name of the service account.")] | None = (
        None
    )
    expires_in_seconds: KeyLifetime | None = None
    scopes: NotSupported = None


class CreatedAccountKey(Payload, frozen=True, kw_only=True):
    """An API key of a service account. The only response that contains its secret."""

    object: Literal["organization.project.service_account.api_key"] = (
        "organization.project.service_account.api_key"
    )
    id: KeyId
    name: str
    value: Secret
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")] | None

    @classmethod
    def of_key(cls, issued: IssuedKey) -> Self:
        key = issued.key
        return cls(
            id=key.public_id,
            name=key.name,
            value=issued.secret,
            created_at=format_unix(key.created_at),
            expires_at=format_unix(key.expires_at) if key.expires_at else None,
        )


class CreatedServiceAccount(ServiceAccountObject, frozen=True, kw_only=True):
    """The service account, with its first API key unless only the account was asked for."""

    api_key: CreatedAccountKey | None

    @classmethod
    def of_account_and_key(cls, account: ServiceAccount, issued: IssuedKey | None) -> Self:
        fields = msgspec.structs.asdict(ServiceAccountObject.of_account(account))
        return cls(**fields, api_key=CreatedAccountKey.of_key(issued) if issued else None)


class AccountRemovalParameters(Parameters, frozen=True):
    revoke_created: Annotated[
        bool,
        Meta(
            description="Whether to also revoke the tokens of other service accounts that were created with "
            "its tokens, directly or indirectly, and withdraw the pending invitations sent with them."
        ),
    ] = False
    revoke_api_keys: Annotated[
        bool,
        Meta(
            description="Whether to also revoke the API keys that were created with those tokens, directly "
            "or indirectly."
        ),
    ] = False


class DeletedServiceAccount(Payload, frozen=True):
    """The service account is gone, and its API keys and tokens no longer work."""

    id: ServiceAccountId
    deleted: Literal[True] = True
    object: Literal["organization.project.service_account.deleted"] = (
        "organization.project.service_account.deleted"
    )


class NewAccountToken(Payload, frozen=True):
    name: Annotated[str, Meta(examples=["deploy"])]
    expires_in_seconds: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=YEAR,
                description="Default: 366 days, or until the credential that creates it expires.",
            ),
        ]
        | None
    ) = None


class AccountTokenObject(Payload, frozen=True, kw_only=True):
    """A token of a service account, without its secret."""

    object: Literal["organization.project.service_account.token"] = (
        "organization.project.service_account.token"
    )
    id: AccountTokenId
    name: str
    redacted_value: Annotated[str, Meta(examples=["st_7Qm2…x9Fd"])]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    expires_at: Annotated[int, Meta(description="In Unix seconds.")]
    last_used_at: int | None

    @classmethod
    def of_token(cls, token: AccountToken) -> Self:
        return cls(
            id=token.public_id,
            name=token.name,
            redacted_value=token.hint,
            created_at=format_unix(token.created_at),
            expires_at=format_unix(token.expires_at),
            last_used_at=format_unix(token.last_used_at) if token.last_used_at else None,
        )


class CreatedAccountToken(AccountTokenObject, frozen=True, kw_only=True):
    """The only response that contains the secret."""

    value: Secret

    @classmethod
    def of_secret(cls, token: AccountToken, secret: str) -> Self:
        return cls(**msgspec.structs.asdict(AccountTokenObject.of_token(token)), value=secret)


class DeletedAccountToken(Payload, frozen=True):
    """The token no longer works."""

    id: AccountTokenId
    deleted: Literal[True] = True
    object: Literal["organization.project.service_account.token.deleted"] = (
        "organization.project.service_account.token.deleted"
    )
