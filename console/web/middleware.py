"""Middleware: error pages, headers, and the cookies of the last selection."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.db import DataError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, UnreadablePostError
from django.http.response import HttpResponseBase, HttpResponseRedirectBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.log import log_response

from accounts.access.organization import ORGANIZATION_HINT, PROJECT_HINT
from accounts.errors import Conflict
from accounts.web.api.errors import add_retry_after
from accounts.web.bodies import is_body_too_large
from accounts.web.cookies import keep_in_cookie, read_cookie
from console.operations.outages import UNAVAILABLE
from console.web import errors
from console.web.request_log import choose_request_id
from keys.verification.api import HOT_ROUTES

# django-allauth's code for an account and address with too many failures.
TOO_MANY_SIGN_INS = "too_many_login_attempts"
LIBRARY_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
Next = Callable[[HttpRequest], HttpResponseBase]
# What adds headers that protect the reader of a response.
PROTECTIONS = (SecurityMiddleware, CSPMiddleware, XFrameOptionsMiddleware)


def answer_gateway(request: HttpRequest) -> HttpResponseBase:
    """Returns the answer of the hot route that the request is for."""
    request.get_host()
    try:
        return HOT_ROUTES[request.path_info](request)
    except UNAVAILABLE as error:
        response = errors.answer(request, 503)
        log_response(
            "Unavailable: %s", request.path, response=response, request=request, exception=error
        )
        return response
    except UnreadablePostError:
        return errors.answer(request, 400)


class HotRoutesMiddleware:
    """Answers the routes that gateways call for each of their requests, before all other middleware.

    These routes need no session, form or page, and the other middleware would take several times as
    long as the answer. The host is checked here as well, and refusals get the headers of all responses.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.answer = convert_exception_to_response(answer_gateway)
        self.protections = [kind(get_response) for kind in PROTECTIONS]
        # Of refusals, by whether they are sent over https.
        self.headers: dict[bool, dict[str, str]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info not in HOT_ROUTES:
            return self.get_response(request)
        response = self.answer(request)
        assert isinstance(response, HttpResponse)
        if response.status_code != 200:
            for name, value in self.protecting_headers(request).items():
                response[name] = value
        response["X-Request-Id"] = choose_request_id(request)
        # Without it, gunicorn would send the response in chunks.
        response["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":
            response.content = b""  # gunicorn would drop it and log a warning
        return response

    def protecting_headers(self, request: HttpRequest) -> dict[str, str]:
        """Returns what the middleware adds to other responses, remembered because it takes long to make."""
        is_secure = request.is_secure()
        if is_secure not in self.headers:
            empty = HttpResponse()
            for protection in self.protections:
                protection.process_response(request, empty)
            del empty["Content-Type"]
            self.headers[is_secure] = {**empty.headers, "Cache-Control": "no-store"}
        return self.headers[is_secure]


class ErrorPagesMiddleware:
    """Adds the error page to empty error responses such as 405, and turns Conflict into 409."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            response.status_code >= 400
            and isinstance(response, HttpResponse)
            and not response.content
            and response.status_code in errors.PAGES
        ):
            page = errors.answer(request, response.status_code)
            response.content = page.content
            response["Content-Type"] = page["Content-Type"]
        return add_retry_after(response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Conflict):
            return errors.answer(request, 409, text=" ".join(error.messages))
        # A value that no column can store, or a client that disconnected while sending.
        if isinstance(error, OverflowError | DataError | UnreadablePostError):
            return errors.answer(request, 400)
        return None


class MethodsMiddleware:
    """Answers 405 before the form's token is checked, which every method but reading would need.

    Views declare their methods in access control; libraries' pages are read and posted to. Views
    for programs, which have no form, say it themselves.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        allowed = getattr(view, "methods", LIBRARY_METHODS)
        if not allowed or request.method in allowed:
            return None
        return HttpResponseNotAllowed(allowed)


class SizeLimitMiddleware:
    """Answers 413 if the body is too large, before it is read if it has a Content-Length."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            if is_body_too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
                return errors.answer(request, 413)
        except UnreadablePostError:
            return errors.answer(request, 400)
        return self.get_response(request)


class DialogMiddleware:
    """Answers forms sent from a dialog with 204 and the URL in `X-Location` instead of a redirect.

    If fetch followed the redirect, the success message would be used up before the person sees it.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "X-Dialog" in request.headers and isinstance(response, HttpResponseRedirectBase):
            response["X-Location"] = response.url
            del response["Location"]
            response.status_code = 204
            response.content = b""
            del response["Content-Type"]
        return response


class FormStatusMiddleware:
    """Answers 422 or, when sign-ins are throttled, 429 where django-allauth shows a form again with 200."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        form = (response.context_data or {}).get("form")
        if response.status_code != 200 or not isinstance(form, BaseForm) or not form.errors:
            return response
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        response.status_code = 429 if TOO_MANY_SIGN_INS in codes else 422
        return response


class PrivatePagesMiddleware:
    """Keeps pages of signed-in people out of caches, so that the back button does not show them later."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.user.is_authenticated or request.path.startswith("/accounts/"):
            # Not Django's add_never_cache_headers: because of its Expires header, responses to the
            # same request would differ from second to second.
            patch_cache_control(
                response,
                no_store=True,
                no_cache=True,
                must_revalidate=True,
                private=True,
                max_age=0,
            )
        return response


class SelectionMiddleware:
    """Stores in cookies which organization and project were opened last.

    Access decorators check these slugs like those in URLs.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        access = getattr(request, "access", None)
        if access is None or response.status_code != 200:
            return response
        hints = {ORGANIZATION_HINT: access.organization.slug}
        if hasattr(access, "project"):
            hints[PROJECT_HINT] = access.project.slug
        for name, slug in hints.items():
            if read_cookie(request, name) != slug:
                keep_in_cookie(response, name, slug)
        return response


class ActivityMiddleware:
    """Updates when a member was last active."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        access = getattr(request, "access", None)
        if access is not None:
            access.mark_active()
        return response
