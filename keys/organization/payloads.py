"""What the API accepts and returns about an organization, its limits and its key policy."""

from typing import Annotated, Any, Literal, Self

from msgspec import UNSET, Meta, UnsetType

from accounts.enums import OrganizationState
from accounts.models import Organization
from accounts.web.api.payloads import (
    OrganizationId,
    OrganizationName,
    Payload,
    format_unix,
)
from keys.enums import KeyMakers, LeakResponse
from keys.models import KeyPolicy
from keys.models.policy import MOST_DAYS, RULES

Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)] | None
LongestDays = Annotated[
    Days, Meta(description="How many days a secret works at most. Null: no limit.")
]
ExpiryRequired = Annotated[bool, Meta(description="Whether every new key must expire.")]
Makers = Annotated[KeyMakers, Meta(description="Who may create and rotate keys.")]
UnusedDays = Annotated[
    Days, Meta(description="After how many days unused keys are revoked. Null: never.")
]
OnLeak = Annotated[LeakResponse, Meta(description="What happens to a key found in public.")]


class KeyPolicyChange(Payload, frozen=True):
    """The rules to change; those that are left out stay as they are."""

    longest_days: LongestDays | UnsetType = UNSET
    expiry_required: ExpiryRequired | UnsetType = UNSET
    makers: Makers | UnsetType = UNSET
    unused_days: UnusedDays | UnsetType = UNSET
    on_leak: OnLeak | UnsetType = UNSET
    revoking: Annotated[
        int,
        Meta(
            ge=0,
            description="How many keys `unused_days` may revoke at once. If there are more, nothing changes.",
        ),
    ] = 0

    def merge(self, policy: KeyPolicy) -> dict[str, Any]:
        """Returns all rules of the policy with these changes."""
        written = {name: getattr(self, name) for name in RULES}
        return policy.rules | {name: value for name, value in written.items() if value is not UNSET}


class OrganizationChange(Payload, frozen=True):
    name: Annotated[str, Meta(examples=["Northwind Labs"])] | UnsetType = UNSET
    key_policy: KeyPolicyChange | UnsetType = UNSET
    terminal_login: (
        Annotated[bool, Meta(description="Whether people may use its projects from a terminal.")]
        | UnsetType
    ) = UNSET


class OrganizationLimits(Payload, frozen=True):
    """What support has agreed with the organization."""

    projects: Annotated[int, Meta(description="How many projects there may be.")]
    projects_used: int
    external_collaborators: Annotated[
        bool, Meta(description="Whether projects may invite external collaborators.")
    ]


class KeyPolicyRules(Payload, frozen=True):
    """The rules of the organization about its API keys."""

    longest_days: LongestDays
    expiry_required: ExpiryRequired
    makers: Makers
    unused_days: UnusedDays
    on_leak: OnLeak


class OrganizationObject(Payload, frozen=True, kw_only=True):
    """The organization of the credential."""

    object: Literal["organization"] = "organization"
    id: OrganizationId
    name: OrganizationName
    slug: Annotated[str, Meta(description="The organization in URLs.", examples=["northwind"])]
    status: OrganizationState
    created_at: Annotated[int, Meta(description="In Unix seconds.")]
    limits: OrganizationLimits
    key_policy: KeyPolicyRules
    terminal_login: bool

    @classmethod
    def of_organization(cls, organization: Organization) -> Self:
        policy = KeyPolicy.of(organization)
        return cls(
            id=organization.public_id,
            name=organization.name,
            slug=organization.slug,
            status=OrganizationState(organization.state),
            created_at=format_unix(organization.created_at),
            limits=OrganizationLimits(
                organization.project_limit,
                organization.projects.unarchived().count(),
                organization.external_collaborators_enabled,
            ),
            key_policy=KeyPolicyRules(
                policy.longest_days,
                policy.expiry_required,
                KeyMakers(policy.makers),
                policy.unused_days,
                LeakResponse(policy.on_leak),
            ),
            terminal_login=policy.terminal_login,
        )
