"""Error responses: an HTML page, or JSON below the API's paths.

Signed-in people get some of them inside the frame. A 404 does not depend on the URL: "not allowed to see" and
"does not exist" are the same bytes.
"""

import sys
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.errors import SecondFactorMissing, Withheld
from accounts.support.services.viewing import VIEW_AS
from accounts.web.api.errors import add_retry_after, api_error, error_for_path
from console.operations.outages import UNAVAILABLE
from console.web.error_frame import ErrorFrame, TenantAccess, list_helpers
from console.web.frame import read_theme
from console.web.not_supported import describe_unsupported

API_PREFIXES = ("/v1/", "/v2/", "/v3/", "/api/v1/", "/oauth/", "/.well-known/")

PAGES: dict[int, tuple[str, str]] = {
    400: ("Bad request", "Go back, reload the page and try again."),
    403: (
        "You don't have permission to do this",
        "Your role does not allow it.",
    ),
    404: (
        "Not found",
        "The URL is wrong, the page no longer exists, or you don't have access to it.",
    ),
    405: ("Method not allowed", "This URL does not support that kind of request."),
    409: ("This has changed", "Reload the page to see the current state."),
    413: ("Request too large", "You sent more data than this page accepts."),
    429: ("Too many attempts", "Wait a minute, then try again."),
    500: (
        "Something went wrong",
        "Nothing was changed. The error has been recorded. Try again in a moment.",
    ),
    503: (
        "The console is temporarily unavailable",
        "Nothing was changed. Try again in a few seconds.",
    ),
}


NOT_FOUND = 404
# What a signed-in person can get without a defect, an attack or an outage.
FRAMED = (403, NOT_FOUND, 409)
# Titles that are too long for the breadcrumb on a phone.
CRUMBS = {403: "No permission"}


def is_api(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith(API_PREFIXES)


def answer(request: HttpRequest, status: int, *, text: str = "") -> HttpResponse:
    """Returns the response for `status`, with `text` in place of the usual explanation."""
    title, usual = PAGES[status]
    if is_api(request):
        return error_for_path(f"{request.path}/", status, text or f"{title}. {usual}")
    context: dict[str, Any] = {"status": status, "title": title, "text": text or usual}
    if status in FRAMED and has_session(request):
        page = render_to_string(
            "console/web/error_in_frame.html", context | build_frame_context(request, status)
        )
    else:
        page = render_to_string("console/web/error.html", context)
    return add_retry_after(HttpResponse(page, status=status))


def has_session(request: HttpRequest) -> bool:
    """Returns whether someone is signed in as themselves; errors can come before that is known.

    Support staff who view as a member are not: which of the two they are depends on the URL.
    """
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and VIEW_AS not in request.session


def build_frame_context(request: HttpRequest, status: int) -> dict[str, Any]:
    """Returns the context of the frame, and of who can help."""
    access = None if status == NOT_FOUND else find_access(request)
    title = PAGES[status][0]
    return {
        "frame": ErrorFrame(request, CRUMBS.get(status, title), access),
        "page_title": title,
        "theme": read_theme(request),
        "contact": settings.SUPPORT_CONTACT,
        "is_missing": status == NOT_FOUND,
        "helpers": list_helpers(access) if access and not access.why_frozen else [],
    }


def find_access(request: HttpRequest) -> TenantAccess | None:
    """Returns the access of the page that refused, if it is a page of an organization or project."""
    access = getattr(request, "access", None) or getattr(request, "refused_access", None)
    return access if isinstance(access, TenantAccess) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, SecondFactorMissing) and not is_api(request):
        context = {"organization_name": exception.organization_name}
        return render(request, "console/web/second_factor_missing.html", context, status=403)
    return answer(request, 403, text=str(exception) if isinstance(exception, Withheld) else "")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if text := describe_unsupported(request.path):
        return api_error(NOT_FOUND, text, code="not_supported")
    return answer(request, NOT_FOUND)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answers 503 if the database or cache is busy, away or full, otherwise 500, which is always a defect."""
    away = isinstance(sys.exc_info()[1], UNAVAILABLE)
    return answer(request, 503 if away else 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of a form that was open before the person signed in, in another tab, is outdated."""
    if request.user.is_authenticated and request.path == reverse("account_login"):
        return redirect("home")
    return answer(
        request,
        403,
        text="This form was open for too long or was sent from another site. "
        "Go back, reload the page and try again.",
    )
