"""Error answers for programs, in the one form that the official client reads."""

from typing import Any

from django.http import JsonResponse

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


def api_error(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> JsonResponse:
    """`param` is the field that is wrong, `code` what is wrong in one word for the program."""
    error: dict[str, Any] = {
        "message": message,
        "type": TYPES[status],
        "param": param,
        "code": code,
    }
    response = JsonResponse({"error": error}, status=status)
    if status == 401:
        invalid = f', error="invalid_token", error_description="{message}"' if code else ""
        response["WWW-Authenticate"] = f'Bearer realm="console"{invalid}'
    if seconds := RETRY_SECONDS.get(status):
        response["Retry-After"] = str(seconds)
    return response
