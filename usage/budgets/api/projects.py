"""Spend limit and spend alerts of a project. Source: OpenAI's Administration API."""

from django.http import HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.listing import ObjectList, RangeParameters
from accounts.web.api.routes import join_routes
from projects.access import ProjectAccess
from projects.api.access import project_route
from usage.budgets.api import acts
from usage.budgets.api.organization import TAG
from usage.budgets.api.payloads import (
    SpendAlert,
    SpendAlertDeleted,
    SpendAlertFields,
    SpendLimit,
    SpendLimitChange,
    SpendLimitDeleted,
)
from usage.budgets.subjects import Subject

SEE, MANAGE = Permission.PROJECT_BUDGETS_SEE, Permission.PROJECT_BUDGETS_MANAGE


def get_subject(access: ProjectAccess) -> Subject:
    return Subject(access.organization, project=access.project)


@project_route("GET", "Get the spend limit of a project", tag=TAG, permission=SEE)
def retrieve_limit(request: HttpRequest, caller: Caller, access: ProjectAccess) -> SpendLimit:
    """Without one, the response is 404. It counts what was intended for the project."""
    return SpendLimit.of_budget(acts.require_spend_limit(get_subject(access)))


@project_route(
    "POST", "Set the spend limit of a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def update_limit(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: SpendLimitChange
) -> SpendLimit:
    """A higher amount lifts the stop at once. Only support can change one that support set."""
    return acts.change_limit(caller.actor(request), get_subject(access), body)


@project_route(
    "DELETE", "Delete the spend limit of a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def delete_limit(request: HttpRequest, caller: Caller, access: ProjectAccess) -> SpendLimitDeleted:
    """The API keys that it stopped work again, unless another budget stops them."""
    return acts.delete_limit(caller.actor(request), get_subject(access))


@project_route("GET", "List spend alerts of a project", tag=TAG, permission=SEE)
def list_alerts(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: RangeParameters
) -> ObjectList[SpendAlert]:
    """Lists the monthly budgets of the project that only notify, and do so when their amount is spent."""
    return acts.list_alerts(get_subject(access), query)


@project_route(
    "POST", "Create a spend alert of a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def create_alert(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: SpendAlertFields
) -> SpendAlert:
    """A second one of the same amount is refused with 409."""
    return acts.create_alert(caller.actor(request), get_subject(access), body)


@project_route("GET", "Get a spend alert of a project", tag=TAG, permission=SEE)
def retrieve_alert(
    request: HttpRequest, caller: Caller, access: ProjectAccess, alert_id: str
) -> SpendAlert:
    """Returns a monthly budget of the project that only notifies."""
    return SpendAlert.of_budget(acts.find_alert(get_subject(access), alert_id))


@project_route(
    "POST", "Change a spend alert of a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def update_alert(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    alert_id: str,
    body: SpendAlertFields,
) -> SpendAlert:
    """With another amount, people are notified again in the same month."""
    return acts.change_alert(caller.actor(request), get_subject(access), alert_id, body)


@project_route(
    "DELETE", "Delete a spend alert of a project", tag=TAG, permission=MANAGE, errors=(409,)
)
def delete_alert(
    request: HttpRequest, caller: Caller, access: ProjectAccess, alert_id: str
) -> SpendAlertDeleted:
    """People are no longer notified."""
    return acts.delete_alert(caller.actor(request), get_subject(access), alert_id)


limit = join_routes(retrieve_limit, update_limit, delete_limit)
alerts = join_routes(list_alerts, create_alert)
alert = join_routes(retrieve_alert, update_alert, delete_alert)
