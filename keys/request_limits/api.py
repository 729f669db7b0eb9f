"""The management API of the limits of projects and API keys, as the console has them."""

from django.http import HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.routes import join_routes
from keys.api_keys.api import find_key
from keys.models import RequestLimits
from keys.request_limits.payloads import LimitsChange, LimitsObject
from keys.request_limits.services import change_limits
from projects.access import ProjectAccess
from projects.api.access import project_route

TAG = "Limits"
SEE, MANAGE = Permission.PROJECT_LIMITS_SEE, Permission.PROJECT_LIMITS_MANAGE
FIELDS = {"model_names": "models"}


@project_route("GET", "Get the limits of a project", tag=TAG, permission=SEE)
def retrieve_project_limits(
    request: HttpRequest, caller: Caller, access: ProjectAccess
) -> LimitsObject:
    """They hold for all API keys of the project together."""
    return LimitsObject.of_limits(RequestLimits.of(access.project))


@project_route("POST", "Change the limits of a project", tag=TAG, permission=MANAGE, fields=FIELDS)
def update_project_limits(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: LimitsChange
) -> LimitsObject:
    """Changes what the body names, from the next request on."""
    limits = change_limits(actor=caller.actor(request), subject=access.project, **body.changes)
    return LimitsObject.of_limits(limits)


@project_route("GET", "Get the limits of an API key", tag=TAG, permission=SEE)
def retrieve_key_limits(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> LimitsObject:
    """They hold in addition to those of the project."""
    return LimitsObject.of_limits(RequestLimits.of(find_key(access, key_id)))


@project_route(
    "POST",
    "Change the limits of an API key",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields=FIELDS,
)
def update_key_limits(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str, body: LimitsChange
) -> LimitsObject:
    """Changes what the body names, from the next request on."""
    key = find_key(access, key_id)
    limits = change_limits(actor=caller.actor(request), subject=key, **body.changes)
    return LimitsObject.of_limits(limits)


project_limits = join_routes(retrieve_project_limits, update_project_limits)
key_limits = join_routes(retrieve_key_limits, update_key_limits)
