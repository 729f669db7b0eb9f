"""What the API accepts and returns about the API keys of an organization."""

from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from accounts.web.api.listing import ListParameters
from accounts.web.api.payloads import KeyId, Payload, ProjectId
from keys.api_keys.payloads import ApiKeyObject
from keys.enums import Segment
from keys.models import ApiKey

MOST_PROJECTS = 100
MOST_KEYS = 100


class InventoryParameters(ListParameters, frozen=True):
    segment: Annotated[
        Segment,
        Meta(
            description="All active keys, those of them that were not used for 30 or 90 days, never expire, "
            "lost their creator or exceed the key policy; or `all` keys, including revoked ones."
        ),
    ] = Segment.ACTIVE
    project_ids: Annotated[
        list[str], Meta(max_length=MOST_PROJECTS, description="Only keys of these projects.")
    ] = msgspec.field(name="project_ids[]", default_factory=list)


class OrganizationApiKey(ApiKeyObject, frozen=True, kw_only=True):
    """An API key of one of the organization's projects, without its secret."""

    project_id: ProjectId

    @classmethod
    def of_listed(cls, key: ApiKey) -> Self:
        return cls.of_key(key, emails=True, project_id=key.project.public_id)


class KeysToRevoke(Payload, frozen=True):
    ids: Annotated[list[KeyId], Meta(min_length=1, max_length=MOST_KEYS)]


class RevokedApiKeys(Payload, frozen=True):
    """The keys no longer work."""

    ids: list[KeyId]
    object: Literal["organization.api_keys.revoked"] = "organization.api_keys.revoked"
