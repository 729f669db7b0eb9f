"""Determines who calls a route of the API, and counts the request for them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.web.api.callers import Caller, set_caller
from accounts.web.api.errors import Refused, api_error
from accounts.web.api.operations import find_operation
from keys.callers import find_caller
from keys.limits import READS, LimitStatus, count_refusal, count_request_twice
from keys.verification.api import read_bearer_token

OTHER_ORGANIZATION = (
    "The OpenAI-Organization header names another organization than the credential's."
)


class CallerMiddleware:
    """Reads the bearer token for views that declare `api_route`: 401 without a valid one, 429 too often.

    Answers are never cached and carry the headers of the rate limit, errors of the view included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "operation" in vars(request):
            response["Cache-Control"] = "no-store"
        status: LimitStatus | None = vars(request).get("limit_status")
        return status.add_headers(response) if status else response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        operation = find_operation(view, request.method)
        if operation is None or not operation.has_caller:
            return None
        vars(request)["operation"] = operation
        return identify_caller(request)


def refuse_other_organization(request: HttpRequest, caller: Caller) -> HttpResponse | None:
    """Returns a 401 if the official client's header names another organization than the credential's.

    Acting there silently would change what the caller did not mean.
    """
    named = request.headers.get("OpenAI-Organization")
    if named is None or caller.organization is None or named == caller.organization.public_id:
        return None
    return api_error(401, OTHER_ORGANIZATION, code="mismatched_organization")


def identify_caller(request: HttpRequest) -> HttpResponseBase | None:
    """Sets the caller of the request. Returns the refusal if the credential or the rate limit stops it."""
    try:
        caller = find_caller(read_bearer_token(request))
    except Refused as refused:
        return count_refusal(request, refused.response)
    if refusal := refuse_other_organization(request, caller):
        return refusal
    set_caller(request, caller)
    status = count_request_twice((READS, caller.subject), caller.shared_limit)
    vars(request)["limit_status"] = status
    return status.create_refusal() if status and status.is_over else None
