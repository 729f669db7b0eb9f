"""What the API accepts and returns about the limits of projects and API keys.

`limits` is the console's own. Rate limits and model permissions of projects are what OpenAI's Administration
API has of them.
"""

from typing import Annotated, Any, Literal, Self

from msgspec import UNSET, Meta, UnsetType

from accounts.web.api.listing import ListParameters
from accounts.web.api.payloads import NotSupported, Payload
from keys.enums import ModelRule
from keys.models import RequestLimits
from keys.models.limits import MAX_REQUESTS, RULES

NO_LIMIT = 1_000_000_000  # where the reference's client wants a number
Requests = Annotated[int, Meta(ge=1, le=MAX_REQUESTS)] | None
PerMinute = Annotated[Requests, Meta(description="Requests in a minute. Null: no limit.")]
PerDay = Annotated[Requests, Meta(description="Requests in a day, from 00:00 UTC. Null: no limit.")]
Rule = Annotated[
    ModelRule,
    Meta(description="Whether any model may be used, only those in `models`, or all except these."),
]
Models = Annotated[
    list[str], Meta(description="Case makes no difference.", examples=[["llama-3.3-70b"]])
]
Ranges = Annotated[
    list[str],
    Meta(description="In CIDR notation. Empty: any IP address.", examples=[["192.0.2.0/24"]]),
]


class LimitsObject(Payload, frozen=True, tag_field="object", tag="limits"):
    """What requests a key may make, or all keys of a project together."""

    requests_per_minute: PerMinute
    requests_per_day: PerDay
    model_rule: Rule
    models: Models
    ip_ranges: Ranges

    @classmethod
    def of_limits(cls, limits: RequestLimits) -> Self:
        rules = limits.rules
        return cls(
            rules["requests_per_minute"],
            rules["requests_per_day"],
            ModelRule(rules["model_rule"]),
            rules["model_names"],
            rules["ip_ranges"],
        )


class LimitsChange(Payload, frozen=True):
    """The limits to change; those that are left out stay as they are."""

    requests_per_minute: PerMinute | UnsetType = UNSET
    requests_per_day: PerDay | UnsetType = UNSET
    model_rule: Rule | UnsetType = UNSET
    models: Models | UnsetType = UNSET
    ip_ranges: Ranges | UnsetType = UNSET

    @property
    def changes(self) -> Any:
        """The changes as `change_limits` takes them."""
        values = {name: getattr(self, name) for name in RULES if name != "model_names"}
        values["model_names"] = self.models
        return {name: value for name, value in values.items() if value is not UNSET}


class ModelPermissions(Payload, frozen=True, tag_field="object", tag="project.model_permissions"):
    """Which models the API keys of a project may be used for. A deny list without models allows all."""

    mode: Literal["allow_list", "deny_list"]
    model_ids: Models

    @classmethod
    def of_limits(cls, limits: RequestLimits) -> Self:
        mode: Any = "allow_list" if limits.model_rule == ModelRule.ALLOW else "deny_list"
        return cls(mode, limits.rules["model_names"])


class ModelPermissionsChange(Payload, frozen=True):
    """The list in place of the one before."""

    mode: Literal["allow_list", "deny_list"]
    model_ids: Models


class ModelPermissionsDeleted(
    Payload, frozen=True, tag_field="object", tag="project.model_permissions.deleted"
):
    """The project has no model permissions any more."""

    deleted: bool = True


class RateLimitListParameters(ListParameters, frozen=True):
    """One object is all that there is."""


class RateLimit(Payload, frozen=True, tag_field="object", tag="project.rate_limit"):
    """How many requests the API keys of a project may make together. 1000000000: no limit."""

    id: Annotated[str, Meta(examples=["rl_all"])]
    model: Annotated[str, Meta(description="Always `*`: the limits are for all models together.")]
    max_requests_per_1_minute: int
    max_requests_per_1_day: PerDay
    max_tokens_per_1_minute: Annotated[int, Meta(description="Tokens have no limits.")] = NO_LIMIT


class RateLimitChange(Payload, frozen=True):
    """What is left out stays as it is. Null and 1000000000: no limit."""

    max_requests_per_1_minute: PerMinute | UnsetType = UNSET
    max_requests_per_1_day: PerDay | UnsetType = UNSET
    max_tokens_per_1_minute: Literal[1_000_000_000] | None = None
    max_images_per_1_minute: NotSupported = None
    max_audio_megabytes_per_1_minute: NotSupported = None
    batch_1_day_max_input_tokens: NotSupported = None

    @property
    def changes(self) -> Any:
        """The changes as `change_limits` takes them."""
        values = {
            "requests_per_minute": self.max_requests_per_1_minute,
            "requests_per_day": self.max_requests_per_1_day,
        }
        return {
            name: None if value == NO_LIMIT else value
            for name, value in values.items()
            if value is not UNSET
        }
