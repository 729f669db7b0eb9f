"""What the API accepts and returns about API keys of projects. Source: OpenAI's Administration API."""

from typing import Annotated, Any, Literal, Self

from msgspec import Meta

from accounts.web.api.listing import ListParameters
from accounts.web.api.payloads import (
    KeyId,
    NotSupported,
    Payload,
    Secret,
    UserId,
    format_optional_unix,
    format_unix,
)
from accounts.web.api.roles import ProjectRoleName
from keys.enums import KeyStatus
from keys.models import ApiKey
from projects.api.payloads import SET_TAGS, Tags, describe_role
from projects.models import ServiceAccount
from projects.service_accounts.payloads import (
    ROLE_NAMES,
    AccountRole,
    ServiceAccountId,
    ServiceAccountName,
)
from projects.tags.periods import get_tags

LONGEST_OVERLAP = 7 * 24 * 60 * 60
LONGEST_LIFETIME = 3650 * 24 * 60 * 60
Lifetime = Annotated[
    int,
    Meta(ge=1, le=LONGEST_LIFETIME, description="Until the key expires, from this request on."),
]
KeyName = Annotated[str, Meta(examples=["notebooks"])]


class ApiKeyListParameters(ListParameters, frozen=True):
    owner_project_access: Annotated[
        Literal["active", "inactive", "any"],
        Meta(description="Whether the person who created the key can open the project now."),
    ] = "any"


class NewApiKey(Payload, frozen=True):
    name: KeyName
    expires_in_seconds: Lifetime | None = None
    scopes: NotSupported = None


class ApiKeyChanges(Payload, frozen=True):
    """What is null or left out stays as it is."""

    name: KeyName | None = None
    expires_in_seconds: Lifetime | None = None
    tags: Tags | None = None
    scopes: NotSupported = None


class Rotation(Payload, frozen=True):
    overlap_seconds: Annotated[
        int, Meta(ge=0, le=LONGEST_OVERLAP, description="How long the old secret still works.")
    ] = 24 * 60 * 60


class ApiKeyOwnerUser(Payload, frozen=True):
    """The person who created a key. `email` is null for callers who may not see it."""

    id: UserId
    name: str
    email: str | None
    role: Annotated[
        ProjectRoleName | None,
        Meta(description="In the project: `owner` for Project Admins, null without access."),
    ]
    created_at: int


class ApiKeyOwnerAccount(Payload, frozen=True):
    """The service account that a key belongs to."""

    id: ServiceAccountId
    name: ServiceAccountName
    role: AccountRole
    created_at: int

    @classmethod
    def of_account(cls, account: ServiceAccount) -> Self:
        role = ROLE_NAMES[account.role]
        return cls(account.public_id, account.name, role, format_unix(account.created_at))


class ApiKeyOwner(Payload, frozen=True):
    """The service account that a key belongs to, or the person who created it; neither if a program did."""

    type: Literal["user", "service_account"] | None
    user: ApiKeyOwnerUser | None
    service_account: ApiKeyOwnerAccount | None = None

    @classmethod
    def of_key(cls, key: ApiKey, *, emails: bool) -> Self:
        if account := key.service_account:
            return cls("service_account", None, ApiKeyOwnerAccount.of_account(account))
        user = key.created_by
        if user is None:
            return cls(None, None)
        owner = ApiKeyOwnerUser(
            id=user.public_id,
            name=user.name,
            email=user.email if emails else None,
            role=describe_role(key.owner_role) if key.owner_role else None,
            created_at=format_unix(user.date_joined),
        )
        return cls("user", owner)


class OutgoingSecret(Payload, frozen=True):
    """The secret that a rotation replaces, while it still works."""

    redacted_value: str
    expires_at: int
    last_used_at: int | None

    @classmethod
    def of_key(cls, key: ApiKey) -> Self | None:
        secret, end = key.outgoing_secret(), key.outgoing_until
        if secret is None or end is None:
            return None
        return cls(secret.hint, format_unix(end), format_optional_unix(secret.last_used_at))


class ApiKeyObject(Payload, frozen=True, kw_only=True):
    """An API key of a project, without its secret."""

    object: Literal["organization.project.api_key"] = "organization.project.api_key"
    id: KeyId
    name: KeyName
    redacted_value: Annotated[str, Meta(examples=["pk_7Qm2…x9Fd"])]
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    expires_at: Annotated[int | None, Meta(description="In Unix seconds.")]
    last_used_at: int | None
    status: Annotated[
        KeyStatus,
        Meta(description="`rotating` while an old secret still works."),
    ]
    old_secret: OutgoingSecret | None
    tags: Annotated[dict[str, str], SET_TAGS]
    owner: ApiKeyOwner
    created_with: Annotated[
        str | None,
        Meta(description="The id of the admin API key or token that created it; null if none did."),
    ]
    owner_project_access: Literal["active", "inactive"]

    @classmethod
    def of_key(cls, key: ApiKey, *, emails: bool, **more: Any) -> Self:
        """Returns what is answered about a key from `find_keys`."""
        return cls(
            id=key.public_id,
            name=key.name,
            redacted_value=key.current_secret().hint,
            created_at=format_unix(key.created_at),
            expires_at=format_optional_unix(key.expires_at),
            last_used_at=format_optional_unix(key.last_used_at),
            status=key.status,
            old_secret=OutgoingSecret.of_key(key),
            tags=get_tags(key),
            owner=ApiKeyOwner.of_key(key, emails=emails),
            created_with=key.created_with or None,
            owner_project_access="active" if key.has_owner_access else "inactive",
            **more,
        )


class CreatedApiKey(ApiKeyObject, frozen=True, kw_only=True):
    """The only response that contains the secret."""

    value: Secret


class DeletedApiKey(Payload, frozen=True):
    """The key no longer works."""

    id: KeyId
    deleted: Literal[True] = True
    object: Literal["organization.project.api_key.deleted"] = "organization.project.api_key.deleted"
