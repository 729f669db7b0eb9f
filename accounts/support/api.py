"""The management API of requests to support, which OpenAI's does not have."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from accounts.enums import SupportRequestKind
from accounts.models import SupportRequest
from accounts.models.support import REASON_LENGTH
from accounts.permissions import Permission
from accounts.support.payloads import NewSupportRequest, SupportRequestObject
from accounts.support.services.requests import request_support, withdraw_request
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.errors import refuse_value
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.names import read_text
from accounts.web.api.routes import api_route, join_routes

TAG, ASK = "Support requests", Permission.SUPPORT_REQUEST
LIMIT_OF_PROJECTS = "requested_limit is for requests of the kind projects; leave it out."


@api_route("GET", "List support requests", tag=TAG, credentials=MANAGERS, permission=ASK)
def list_requests(
    request: HttpRequest, caller: Caller, query: ListParameters
) -> ObjectList[SupportRequestObject]:
    """Lists the organization's requests to support, whatever their state."""
    return list_objects(find_requests(caller), query, SupportRequestObject.of_request)


@api_route("POST", "Ask support", tag=TAG, credentials=MANAGERS, permission=ASK, errors=(409,))
def create(request: HttpRequest, caller: Caller, body: NewSupportRequest) -> SupportRequestObject:
    """Asks support for more projects or for external collaborators. One request of a kind can be pending."""
    if body.requested_limit is not None and body.kind != SupportRequestKind.PROJECTS:
        raise refuse_value(LIMIT_OF_PROJECTS, "requested_limit")
    created = request_support(
        actor=caller.actor(request),
        organization=require_organization(caller),
        kind=body.kind,
        reason=read_text(body.reason, "reason", REASON_LENGTH),
        requested_limit=body.requested_limit,
    )
    return SupportRequestObject.of_request(created)


@api_route(
    "GET", "Get a support request", tag=TAG, credentials=MANAGERS, permission=ASK, errors=(404,)
)
def retrieve(request: HttpRequest, caller: Caller, reference: str) -> SupportRequestObject:
    """Returns a request with support's answer, if there is one."""
    return SupportRequestObject.of_request(find_request(caller, reference))


@api_route(
    "POST",
    "Withdraw a support request",
    tag=TAG,
    credentials=MANAGERS,
    permission=ASK,
    errors=(404, 409),
)
def withdraw(request: HttpRequest, caller: Caller, reference: str) -> SupportRequestObject:
    """Withdraws a pending request, so that another of its kind can be sent."""
    row = find_request(caller, reference)
    withdraw_request(actor=caller.actor(request), request=row)
    return SupportRequestObject.of_request(find_request(caller, reference))


def find_requests(caller: Caller) -> QuerySet[SupportRequest]:
    requests: Any = require_organization(caller).support_requests
    rows: QuerySet[SupportRequest] = requests.select_related("requested_by", "organization")
    return rows


def find_request(caller: Caller, reference: str) -> SupportRequest:
    """Returns the organization's request with that id. Raises Http404 if there is none."""
    row = find_requests(caller).filter(public_id=reference).first()
    if row is None:
        raise Http404
    return row


collection = join_routes(list_requests, create)
