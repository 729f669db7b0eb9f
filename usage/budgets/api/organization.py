"""Spend limit and spend alerts of an organization. Source: OpenAI's Administration API."""

from django.http import HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.listing import ObjectList, RangeParameters
from accounts.web.api.routes import api_route, join_routes
from usage.budgets.api import acts
from usage.budgets.api.payloads import (
    SpendAlert,
    SpendAlertDeleted,
    SpendAlertFields,
    SpendLimit,
    SpendLimitChange,
    SpendLimitDeleted,
)
from usage.budgets.subjects import Subject

TAG = "Spend limits and alerts"
SEE, MANAGE = Permission.BUDGETS_SEE, Permission.BUDGETS_MANAGE


def get_subject(caller: Caller) -> Subject:
    return Subject(require_organization(caller))


@api_route(
    "GET",
    "Get the spend limit of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=SEE,
    errors=(404,),
)
def retrieve_limit(request: HttpRequest, caller: Caller) -> SpendLimit:
    """Without one, the response is 404. Other hard stops are on the Budgets page."""
    return SpendLimit.of_budget(acts.require_spend_limit(get_subject(caller)))


@api_route(
    "POST",
    "Set the spend limit of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=MANAGE,
    errors=(409,),
)
def update_limit(request: HttpRequest, caller: Caller, body: SpendLimitChange) -> SpendLimit:
    """A higher amount lifts the stop at once. Only support can change one that support set."""
    return acts.change_limit(caller.actor(request), get_subject(caller), body)


@api_route(
    "DELETE",
    "Delete the spend limit of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=MANAGE,
    errors=(404, 409),
)
def delete_limit(request: HttpRequest, caller: Caller) -> SpendLimitDeleted:
    """The API keys that it stopped work again, unless another budget stops them."""
    return acts.delete_limit(caller.actor(request), get_subject(caller))


@api_route(
    "GET",
    "List spend alerts of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=SEE,
)
def list_alerts(
    request: HttpRequest, caller: Caller, query: RangeParameters
) -> ObjectList[SpendAlert]:
    """Lists the monthly budgets that only notify, and do so when their amount is spent."""
    return acts.list_alerts(get_subject(caller), query)


@api_route(
    "POST",
    "Create a spend alert of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=MANAGE,
    errors=(409,),
)
def create_alert(request: HttpRequest, caller: Caller, body: SpendAlertFields) -> SpendAlert:
    """A second one of the same amount is refused with 409."""
    return acts.create_alert(caller.actor(request), get_subject(caller), body)


@api_route(
    "GET",
    "Get a spend alert of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=SEE,
    errors=(404,),
)
def retrieve_alert(request: HttpRequest, caller: Caller, alert_id: str) -> SpendAlert:
    """Returns a monthly budget that only notifies."""
    return SpendAlert.of_budget(acts.find_alert(get_subject(caller), alert_id))


@api_route(
    "POST",
    "Change a spend alert of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=MANAGE,
    errors=(404, 409),
)
def update_alert(
    request: HttpRequest, caller: Caller, alert_id: str, body: SpendAlertFields
) -> SpendAlert:
    """With another amount, people are notified again in the same month."""
    return acts.change_alert(caller.actor(request), get_subject(caller), alert_id, body)


@api_route(
    "DELETE",
    "Delete a spend alert of the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=MANAGE,
    errors=(404, 409),
)
def delete_alert(request: HttpRequest, caller: Caller, alert_id: str) -> SpendAlertDeleted:
    """People are no longer notified."""
    return acts.delete_alert(caller.actor(request), get_subject(caller), alert_id)


limit = join_routes(retrieve_limit, update_limit, delete_limit)
alerts = join_routes(list_alerts, create_alert)
alert = join_routes(retrieve_alert, update_alert, delete_alert)
