"""Rate limits and model permissions of projects, which are parts of their limits.

Source: OpenAI's Administration API.
"""

from django.http import Http404, HttpRequest

from accounts.web.api.callers import Caller
from accounts.web.api.listing import ObjectList
from accounts.web.api.routes import join_routes
from keys.enums import ModelRule
from keys.models import RequestLimits
from keys.request_limits.api import MANAGE, SEE, TAG
from keys.request_limits.payloads import (
    NO_LIMIT,
    ModelPermissions,
    ModelPermissionsChange,
    ModelPermissionsDeleted,
    RateLimit,
    RateLimitChange,
    RateLimitListParameters,
)
from keys.request_limits.services import change_limits
from projects.access import ProjectAccess
from projects.api.access import project_route

# A project has one rate limit, which is for all models.
RATE_LIMIT_ID, ALL_MODELS = "rl_all", "*"
MODES = {"allow_list": ModelRule.ALLOW, "deny_list": ModelRule.DENY}
FIELDS = {"model_names": "model_ids", "model_rule": "mode"}


@project_route("GET", "Get the model permissions of a project", tag=TAG, permission=SEE)
def retrieve_model_permissions(
    request: HttpRequest, caller: Caller, access: ProjectAccess
) -> ModelPermissions:
    """Without any, it is a deny list without models."""
    return ModelPermissions.of_limits(RequestLimits.of(access.project))


@project_route(
    "POST", "Change the model permissions of a project", tag=TAG, permission=MANAGE, fields=FIELDS
)
def update_model_permissions(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: ModelPermissionsChange
) -> ModelPermissions:
    """Replaces the list. An allow list names at least one model."""
    is_open = body.mode == "deny_list" and not body.model_ids
    limits = change_limits(
        actor=caller.actor(request),
        subject=access.project,
        model_rule=ModelRule.ANY if is_open else MODES[body.mode],
        model_names=body.model_ids,
    )
    return ModelPermissions.of_limits(limits)


@project_route("DELETE", "Delete the model permissions of a project", tag=TAG, permission=MANAGE)
def delete_model_permissions(
    request: HttpRequest, caller: Caller, access: ProjectAccess
) -> ModelPermissionsDeleted:
    """The API keys of the project can then be used for any model, unless their own limits forbid it."""
    change_limits(
        actor=caller.actor(request),
        subject=access.project,
        model_rule=ModelRule.ANY,
        model_names=[],
    )
    return ModelPermissionsDeleted()


@project_route("GET", "List rate limits of a project", tag=TAG, permission=SEE)
def list_rate_limits(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: RateLimitListParameters
) -> ObjectList[RateLimit]:
    """Lists the one rate limit that a project has, for all models together."""
    if query.after:
        return ObjectList([], None, None, has_more=False)
    limit = describe_rate_limit(RequestLimits.of(access.project))
    return ObjectList([limit], limit.id, limit.id, has_more=False)


@project_route("POST", "Change a rate limit of a project", tag=TAG, permission=MANAGE)
def update_rate_limit(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    rate_limit_id: str,
    body: RateLimitChange,
) -> RateLimit:
    """Tokens, images and batches have no limits here."""
    if rate_limit_id != RATE_LIMIT_ID:
        raise Http404
    limits = change_limits(actor=caller.actor(request), subject=access.project, **body.changes)
    return describe_rate_limit(limits)


def describe_rate_limit(limits: RequestLimits) -> RateLimit:
    return RateLimit(
        RATE_LIMIT_ID,
        ALL_MODELS,
        limits.requests_per_minute or NO_LIMIT,
        limits.requests_per_day,
    )


model_permissions = join_routes(
    retrieve_model_permissions, update_model_permissions, delete_model_permissions
)
