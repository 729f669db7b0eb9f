"""The routes on which gateways verify keys. Plain views, because each of their requests waits for one."""

import datetime as dt
import json
import math
from typing import Any, NamedTuple

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.access.decorators import View
from accounts.web.api.callers import Credential
from accounts.web.api.errors import api_error
from accounts.web.api.routes import program_route
from accounts.web.api.strict_json import NotJsonError, decode_json
from accounts.web.bodies import is_body_too_large
from accounts.web.client_ip import get_forwarded_address, parse_address
from keys.enums import Code
from keys.verification.payloads import InvalidKey, KeyHeaders, KeyQuestion, ValidKey
from keys.verification.rates import format_time
from keys.verification.rules import RequestFacts
from keys.verification.verdicts import Verdict, verify_for_caller, verify_key

log = structlog.get_logger("keys")
BEARER = "Bearer "
LARGEST_BODY = 4096  # bytes; a key is 52 characters
REASONS = {
    Code.MALFORMED: "This is not an API key: a character is missing or wrong.",
    Code.NOT_FOUND: "This API key doesn't exist.",
    Code.REVOKED: "This API key was revoked or rotated.",
    Code.EXPIRED: "This API key has expired.",
    Code.PROJECT_ARCHIVED: "The project of this API key is archived.",
    Code.ORGANIZATION_SUSPENDED: "The organization of this API key is suspended or closed.",
}
# Answered with 403: the key is good, but not for this request.
RESTRICTIONS = {
    Code.ADDRESS: "This API key can't be used from this IP address.",
    Code.ADDRESS_REQUIRED: (
        "This API key can only be used from some IP addresses, and the gateway doesn't say which one "
        "this request comes from."
    ),
    Code.MODEL: "This API key can't be used for this model.",
    Code.MODEL_REQUIRED: (
        "This API key can't be used for every model, and the request doesn't say which one it is for."
    ),
}
UNKNOWN_CALLER = "Send a service credential as a bearer token. Support staff create them."


class Unreadable(Exception):
    """The request's body is not what the route takes; `response` says why."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


def read_bearer_token(request: HttpRequest) -> str:
    """Returns the token of the Authorization header, empty without one."""
    value: str = request.META.get("HTTP_AUTHORIZATION", "")
    scheme = value[: len(BEARER)]
    return value[len(BEARER) :].strip() if scheme.lower() == BEARER.lower() else ""


class Question(NamedTuple):
    """What a gateway asks: whether a key is good for a request."""

    key: str = ""
    facts: RequestFacts = RequestFacts()


def read_question(request: HttpRequest) -> Question:
    """Returns the members of a JSON body. Raises Unreadable for anything else."""
    if is_body_too_large(request, LARGEST_BODY):
        raise Unreadable(api_error(413, f"Send at most {LARGEST_BODY} bytes."))
    if request.content_type != "application/json":
        raise Unreadable(api_error(415, "Send JSON, as Content-Type: application/json."))
    try:
        body = decode_json(request.body)
    except NotJsonError as error:
        raise Unreadable(api_error(400, str(error))) from error
    key = body.get("key") if isinstance(body, dict) else None
    if not isinstance(key, str):
        expected = 'Send an object such as {"key": "pk_…"}.'
        raise Unreadable(api_error(422, expected, param="key"))
    return Question(key, read_facts(body)) if len(body) > 1 else Question(key)


def read_facts(body: dict[str, Any]) -> RequestFacts:
    """Returns what a body says about the request. Raises Unreadable if that is malformed."""
    model, client_ip = body.get("model"), body.get("client_ip")
    if not isinstance(model, str | None):
        raise Unreadable(api_error(422, "Send the model as text.", param="model"))
    address = parse_address(client_ip) if isinstance(client_ip, str) else None
    if client_ip is not None and address is None:
        message = "Send an IP address such as 192.0.2.7 or 2001:db8::7."
        raise Unreadable(api_error(422, message, param="client_ip"))
    return RequestFacts((model or "").strip(), address)


@program_route(
    "POST",
    "Verify a key",
    tag="Gateways",
    credentials=(Credential.SERVICE_CREDENTIAL,),
    body=KeyQuestion,
    answer=ValidKey | InvalidKey,
    returns="Whether the key is valid right now, and who owns it.",
    errors=(401, 415, 422),
)
def verify(request: HttpRequest) -> HttpResponseBase:
    """For the platform's own programs. With a valid service credential, the status is always 200, even if
    the key is invalid. Not rate-limited.
    """
    credential = read_bearer_token(request)
    try:
        question, unreadable = read_question(request), None
    except Unreadable as error:
        question, unreadable = Question(), error.response
    verdict = verify_for_caller(credential, *question)
    if verdict is None:
        return api_error(401, UNKNOWN_CALLER, code="invalid_credential" if credential else None)
    if unreadable:
        return unreadable
    return answer(json.dumps(describe_verdict(verdict)), content_type="application/json")


def describe_verdict(verdict: Verdict) -> dict[str, object]:
    if verdict.code is Code.BUDGET_EXCEEDED:
        stopped = {"budget_id": verdict.budget_id, "resets_at": verdict.resets_at}
        return {"valid": False, "code": verdict.code, **stopped}
    rates = verdict.rates.describe() if verdict.rates else {}
    if not verdict.is_valid:
        return {"valid": False, "code": verdict.code, **rates, **describe_opening(verdict)}
    return {
        "valid": True,
        "code": verdict.code,
        "key_id": verdict.key_id,
        "key_name": verdict.key_name,
        "project_id": verdict.project_id,
        "project_slug": verdict.project_slug,
        "organization_id": verdict.organization_id,
        "expires_at": verdict.expires_at,
        **rates,
    }


def describe_opening(verdict: Verdict) -> dict[str, str]:
    """Returns when a key that sent too many requests can be used again."""
    return {"resets_at": format_time(verdict.rates.opens)} if verdict.rates else {}


@program_route(
    "GET",
    "Forward authentication",
    tag="Gateways",
    credentials=(Credential.API_KEY,),
    returns="The key is valid. The body is empty.",
    answer_headers=KeyHeaders,
    errors=(401, 403, 429),
)
def auth(request: HttpRequest) -> HttpResponseBase:
    """For gateways that check the client's own key before they forward a request. Not rate-limited."""
    token = read_bearer_token(request)
    model = request.META.get("HTTP_X_MODEL", "").strip()
    verdict = verify_key(token, RequestFacts(model, get_forwarded_address(request)))
    if not verdict.is_valid:
        refused = refuse_key(verdict, is_sent=bool(token))
        refused["Cache-Control"] = "no-store"
        return refused
    response = answer("")
    response["X-Organization-Id"] = verdict.organization_id
    response["X-Project-Id"] = verdict.project_id
    response["X-Api-Key-Id"] = verdict.key_id
    return response


def refuse_key(verdict: Verdict, *, is_sent: bool) -> HttpResponse:
    """Returns 401 for a key that is not good, 403 or 429 with X-Reason for one that is, but not now."""
    if verdict.code in RESTRICTIONS:
        refused = api_error(403, RESTRICTIONS[verdict.code], code=verdict.code)
    elif verdict.rates:
        refused = refuse_until(verdict, "This API key sent too many requests{}.")
    elif verdict.code is Code.BUDGET_EXCEEDED:
        refused = refuse_until(
            verdict, f"The budget {verdict.budget_id} of this API key is spent{{}}."
        )
    else:
        reason = REASONS[verdict.code] if is_sent else "Send an API key as a bearer token."
        return api_error(401, reason, code=verdict.code if is_sent else None)
    refused["X-Reason"] = verdict.code
    return refused


def refuse_until(verdict: Verdict, message: str) -> JsonResponse:
    """Returns 429 with when the key can be used again, if it will be by itself."""
    resets_at = describe_opening(verdict).get("resets_at", verdict.resets_at)
    refused = api_error(
        429, message.format(f" until {resets_at}" if resets_at else ""), code=verdict.code
    )
    if resets_at:
        seconds = dt.datetime.fromisoformat(resets_at) - timezone.now()
        refused["Retry-After"] = str(max(1, math.ceil(seconds.total_seconds())))
    return refused


def answer(content: str, content_type: str = "text/plain") -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# Answered before all middleware, see console/web/middleware.py.
HOT_ROUTES: dict[str, View] = {"/v1/keys/verify": verify, "/v1/auth": auth}
