"""Error responses of the API, in the format that the official client reads, and of OAuth."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from msgspec import Meta

from accounts.errors import Conflict, TooMany
from accounts.web.api.payloads import Payload

Answer = TypeVar("Answer", bound=HttpResponseBase)
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "method_not_allowed",
    409: "conflict",
    413: "request_too_large",
    415: "unsupported_media_type",
    422: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "service_unavailable",
}
RETRY_SECONDS = {429: 60, 503: 5}
OAUTH = "/oauth/"
# RFC 6749, 5.2 and 4.1.2.1.
OAUTH_ERRORS = {
    401: "invalid_client",
    403: "access_denied",
    429: "temporarily_unavailable",
    500: "server_error",
    503: "temporarily_unavailable",
}
# What a quoted string in the header cannot contain (RFC 6750, 3).
UNQUOTABLE = re.compile(r"[^ !#-\[\]-~]")


class ErrorDetails(Payload, frozen=True):
    message: Annotated[str, Meta(description="For a person.")]
    type: Annotated[str, Meta(extra_json_schema={"enum": sorted(set(TYPES.values()))})]
    param: Annotated[str | None, Meta(description="The parameter or field that is wrong.")]
    code: Annotated[str | None, Meta(description="What is wrong, for the program.")]


class Error(Payload, frozen=True):
    error: ErrorDetails


class OAuthError(Payload, frozen=True):
    """RFC 6749, 5.2."""

    error: str
    error_description: str
    interval: int | msgspec.UnsetType = msgspec.UNSET


class Refused(Exception):
    """The request is refused with `response`."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status_code)
        self.response = response


def api_error(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> JsonResponse:
    """Returns an error response. `param` names the invalid field, `code` is a machine-readable reason."""
    error = Error(ErrorDetails(message, TYPES[status], param, code))
    response = JsonResponse(msgspec.to_builtins(error), status=status)
    if status == 401:
        response["WWW-Authenticate"] = challenge("invalid_token" if code else "", message)
    if status == 403:
        response["WWW-Authenticate"] = challenge("insufficient_scope", message)
    if status == 409:
        response["X-Should-Retry"] = "false"  # the official client would send it twice more
    return add_retry_after(response)


def refuse_credential(message: str, code: str | None) -> Refused:
    """Returns a 401, without a code if the request has no credential."""
    return Refused(api_error(401, message, code=code))


def refuse_access(message: str) -> Refused:
    """Returns a 403: the credential is valid, but not sufficient."""
    return Refused(api_error(403, message))


def refuse_value(message: str, param: str, *, status: int = 422) -> Refused:
    """Returns a refusal of the parameter or field `param`."""
    return Refused(api_error(status, message, param=param))


def refuse_error(error: ValidationError, names: Mapping[str, str]) -> Refused:
    """Returns the refusal for an error of a service: 409, 429 or 422 with the field that is wrong.

    `names` has the API's names of fields that services call otherwise.
    """
    field, message = "", " ".join(error.messages)
    if hasattr(error, "error_dict"):
        field = next(iter(error.error_dict))
        message = " ".join(error.message_dict[field])
    param = None if field in ("", NON_FIELD_ERRORS) else names.get(field, field)
    if isinstance(error, TooMany):
        response = api_error(429, message, param=param)
        response["Retry-After"] = str(error.retry_after)
        return Refused(response)
    return Refused(api_error(409 if isinstance(error, Conflict) else 422, message, param=param))


def challenge(error: str, message: str) -> str:
    """Returns a WWW-Authenticate header (RFC 6750); without `error` it only names the scheme."""
    text = UNQUOTABLE.sub("", message)
    return 'Bearer realm="console"' + (
        f', error="{error}", error_description="{text}"' if error else ""
    )


def oauth_error(
    error: str, description: str, *, status: int = 400, interval: int | None = None
) -> JsonResponse:
    """Returns an OAuth error response (RFC 6749, 5.2).

    `interval` tells a client that polls too fast how many seconds to wait.
    """
    body = OAuthError(error, description, interval or msgspec.UNSET)
    response = JsonResponse(msgspec.to_builtins(body), status=status)
    response["Cache-Control"] = "no-store"
    return add_retry_after(response)


def error_for_path(path: str, status: int, message: str) -> JsonResponse:
    """Returns an error in the format of the API at `path`: of OAuth or of all others."""
    if path.startswith(OAUTH):
        return oauth_error(OAUTH_ERRORS.get(status, "invalid_request"), message, status=status)
    return api_error(status, message)


def add_retry_after(response: Answer) -> Answer:
    """Adds the seconds after which to try again where the status asks for them and none are named."""
    if seconds := RETRY_SECONDS.get(response.status_code):
        response.headers.setdefault("Retry-After", str(seconds))
    return response
