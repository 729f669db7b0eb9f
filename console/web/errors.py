"""Every error answer: a page in the console's look, or JSON below the API's addresses.

The page shows nothing of the request: "not yours" and "not there" must be the same bytes.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from accounts.errors import Withheld
from accounts.web.api.errors import add_retry_after, error_for_path

API_PREFIXES = ("/v1/", "/v3/", "/oauth/", "/.well-known/")

PAGES: dict[int, tuple[str, str]] = {
    400: ("This request cannot be read", "Go back, reload the page and try again."),
    403: (
        "You may not do this",
        "Your role does not allow it. An Owner or Admin of the organization can change your role.",
    ),
    404: (
        "Nothing here for you",
        "The address is wrong, or what was here is gone, or it is not shared with you.",
    ),
    405: ("Not this way", "This address does not take that kind of request."),
    409: ("That has changed meanwhile", "Reload the page to see how things are now."),
    413: ("Too large", "What you sent is larger than this page takes. Send less."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: (
        "Something broke on our side",
        "Nothing was changed. The error has been recorded; try again in a moment.",
    ),
    503: (
        "The console is busy or being repaired",
        "Nothing was changed. Try again in a few seconds.",
    ),
}


def is_api(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(API_PREFIXES)


def answer(request: HttpRequest, status: int, *, text: str = "") -> HttpResponse:
    """The answer for `status`, with `text` in place of its usual explanation."""
    title, usual = PAGES[status]
    if is_api(request):
        return error_for_path(f"{request.path}/", status, text or f"{title}. {usual}")
    page = render_to_string(
        "console/web/error.html",
        {"status": status, "title": title, "text": text or usual},
    )
    return add_retry_after(HttpResponse(page, status=status))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, text=str(exception) if isinstance(exception, Withheld) else "")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, which is always a defect; 503 when it is the database that is busy, gone or full."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    return answer(request, 503 if away else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(
        request,
        403,
        text="This form was open for too long or came from another site. "
        "Go back, reload the page and send it again.",
    )
