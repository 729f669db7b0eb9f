"""What gateways send and are answered, for the OpenAPI document; the views read and write it by hand."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from accounts.web.api.payloads import (
    KeyId,
    OrganizationId,
    Parameters,
    Payload,
    ProjectId,
    ProjectSlug,
    Timestamp,
)
from keys.enums import Code

REFUSALS = [code.value for code in Code if code is not Code.VALID]


class KeyQuestion(Parameters, frozen=True):
    key: Annotated[str, Meta(description="The API key.", examples=["pk_…"])]
    model: Annotated[
        str | None,
        Meta(
            description="The model that the request is for. Keys that are limited to some models are "
            "refused without it.",
            examples=["llama-3.3-70b"],
        ),
    ] = None
    client_ip: Annotated[
        str | None,
        Meta(
            description="The IP address that the request comes from. Keys that are limited to some IP "
            "ranges are refused without it.",
            examples=["192.0.2.7"],
        ),
    ] = None


class RequestCounts(Payload, frozen=True):
    """Numbers of requests, for each limit that the key or its project has."""

    requests_per_minute: int | UnsetType = UNSET
    requests_per_day: int | UnsetType = UNSET


class RequestTimes(Payload, frozen=True):
    """When the present minute and day end, in UTC, for each limit that the key or its project has."""

    requests_per_minute: Timestamp | UnsetType = UNSET
    requests_per_day: Timestamp | UnsetType = UNSET


Limits = Annotated[
    RequestCounts | UnsetType,
    Meta(description="The tightest limits of requests, of the key or its project."),
]
Remaining = Annotated[
    RequestCounts | UnsetType, Meta(description="How many requests are left of each limit.")
]
Reset = Annotated[
    RequestTimes | UnsetType, Meta(description="When all requests of each limit are left again.")
]


class ValidKey(Payload, frozen=True):
    """The key is valid."""

    valid: Annotated[bool, Meta(extra_json_schema={"const": True})]
    code: Annotated[str, Meta(extra_json_schema={"const": Code.VALID.value})]
    key_id: KeyId
    key_name: Annotated[str, Meta(examples=["production"])]
    project_id: ProjectId
    project_slug: ProjectSlug
    organization_id: OrganizationId
    expires_at: Annotated[
        Timestamp | None, Meta(description="Null for a key that never expires.", examples=[None])
    ]
    limits: Limits = UNSET
    remaining: Remaining = UNSET
    reset: Reset = UNSET


class InvalidKey(Payload, frozen=True):
    """The key is invalid. More codes may be added; treat an unknown code as a refusal."""

    valid: Annotated[bool, Meta(extra_json_schema={"const": False})]
    code: Annotated[str, Meta(extra_json_schema={"enum": REFUSALS}, examples=["revoked"])]
    budget_id: Annotated[
        str | UnsetType, Meta(description="With `budget_exceeded`: the budget that is spent.")
    ] = UNSET
    resets_at: Annotated[
        Timestamp | UnsetType | None,
        Meta(
            description="With `budget_exceeded` and `rate_limited`: when the key can be used again. "
            "Null: not by itself."
        ),
    ] = UNSET
    limits: Limits = UNSET
    remaining: Remaining = UNSET
    reset: Reset = UNSET


class KeyHeaders(Parameters, frozen=True, rename=lambda name: name.title().replace("_", "-")):
    x_organization_id: Annotated[OrganizationId, Meta(description="The organization of the key.")]
    x_project_id: Annotated[ProjectId, Meta(description="The project of the key.")]
    x_api_key_id: Annotated[KeyId, Meta(description="The id of the key.")]
