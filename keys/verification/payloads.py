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


class InvalidKey(Payload, frozen=True):
    """The key is invalid. More codes may be added; treat an unknown code as a refusal."""

    valid: Annotated[bool, Meta(extra_json_schema={"const": False})]
    code: Annotated[str, Meta(extra_json_schema={"enum": REFUSALS}, examples=["revoked"])]
    budget_id: Annotated[
        str | UnsetType, Meta(description="With `budget_exceeded`: the budget that is spent.")
    ] = UNSET
    resets_at: Annotated[
        Timestamp | UnsetType | None,
        Meta(description="With `budget_exceeded`: when it starts again. Null: never."),
    ] = UNSET


class KeyHeaders(Parameters, frozen=True, rename=lambda name: name.title().replace("_", "-")):
    x_organization_id: Annotated[OrganizationId, Meta(description="The organization of the key.")]
    x_project_id: Annotated[ProjectId, Meta(description="The project of the key.")]
    x_api_key_id: Annotated[KeyId, Meta(description="The id of the key.")]
