"""The id of each request, and one log line about it."""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.web.client_ip import get_client_ip

log = structlog.get_logger("request")
# As nginx writes $request_id.
REQUEST_ID = re.compile(r"[0-9a-f]{32}")


class RequestLogMiddleware:
    """Gives the request an id, returns it in `X-Request-Id`, and logs one line per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = choose_request_id(request)
        vars(request).update(request_id=request_id)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-Id"] = request_id
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
                ip=get_client_ip(request),
                **describe_caller(request),
            )
        return response


def choose_request_id(request: HttpRequest) -> str:
    """Returns the id that a trusted proxy gave the request, so that both logs have the same, or a new one."""
    given: str = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def describe_caller(request: HttpRequest) -> dict[str, str | None]:
    """Returns the public ids of the person, the organization and the API key that the request is from.

    Only of what was loaded already: reading request.user could cost a query on pages that do not use it.
    """
    caller, access = getattr(request, "caller", None), getattr(request, "access", None)
    user = caller.user if caller else getattr(request, "_cached_user", None)
    organization = getattr(caller or access, "organization", None)
    return {
        "user": getattr(user, "public_id", None),
        "organization": getattr(organization, "public_id", None),
        "key": getattr(getattr(caller, "key", None), "public_id", None),
    }
