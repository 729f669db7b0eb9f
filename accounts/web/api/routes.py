"""The decorators of API routes, as accounts/access/decorators.py has those of pages.

    @api_route("POST", "Create a label", tag="Labels", permission=LABELS_MANAGE, errors=(409,))
    def create_label(request: HttpRequest, caller: Caller, body: NewLabel) -> Label:
        "Creates a label. Its name is unique in the organization."

The body and query that a view takes and the struct that it returns are read from its signature, the
description from its docstring: declared once, they read, check, answer and document.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Unpack

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.access.decorators import AccessControl, View, declare
from accounts.access.organization import OrganizationAccess
from accounts.permissions import PROJECT_PERMISSIONS
from accounts.web.api.callers import CREDENTIAL_NAMES, Caller, Credential, get_caller
from accounts.web.api.errors import Refused, error_for_path, refuse_access, refuse_error
from accounts.web.api.idempotency import Answer, answer_once
from accounts.web.api.operations import (
    JSON,
    Operation,
    Options,
    declare_operations,
    describe_view,
    find_operations,
    infer_types,
)
from accounts.web.api.payloads import Status, omit_secrets
from accounts.web.api.reading import read_body, read_query

READ_ONLY = "This access token may only read. Make one that may write."
WRONG_SCOPE = "This access token is for one project. Make one for the organization."
MANAGES_NOTHING = "This credential manages nothing."


def program_route(method: str, summary: str, **options: Unpack[Options]) -> Callable[[View], View]:
    """Declares a view `(request, …)` that identifies its callers and reads its body itself.

    A test ensures that it accepts and returns what it declares.
    """

    def decorate(view: View) -> View:
        description = describe_view(view)
        operation = Operation(method=method, summary=summary, description=description, **options)
        return declare_operations(take_methods(view, operation.methods), operation)

    return decorate


def api_route(
    method: str, summary: str, **options: Unpack[Options]
) -> Callable[[Callable[..., Any]], View]:
    """Declares a view `(request, caller, …)` for callers with one of the declared credentials.

    It takes `query` and `body` if its signature names them, `access` if the route declares a `lookup`, and
    returns a struct or a response. It refuses by raising Refused.
    """

    def decorate(view: Callable[..., Any]) -> View:
        declared: Options = {"limited": True, **infer_types(view), **options}
        description = describe_view(view)
        operation = Operation(
            **declared, method=method, summary=summary, description=description, has_caller=True
        )
        guarded = take_methods(guard_view(view, operation), operation.methods)
        return declare_operations(guarded, operation)

    return decorate


def guard_view(view: Callable[..., Any], operation: Operation) -> View:
    """Returns the view with its caller, query and body read, and with Refused turned into a response."""

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            return answer_caller(view, operation, request, kwargs)
        except Refused as refused:
            return refused.response

    return wrapper


def join_routes(*views: View) -> View:
    """Returns a view for one URL that takes the methods of all the views."""
    operations = [operation for view in views for operation in find_operations(view)]
    by_method = {
        method: view
        for view in views
        for operation in find_operations(view)
        for method in operation.methods
    }

    def dispatch(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return by_method[request.method or ""](request, **kwargs)

    return declare_operations(take_methods(dispatch, by_method), *operations)


def take_methods(view: View, methods: Iterable[str]) -> View:
    """Returns the view for these methods, with 405 for all others and without form tokens."""
    allowed = tuple(methods)

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method not in allowed:
            only = f"This address takes {' and '.join(allowed)} only."
            refusal = error_for_path(request.path, 405, only)
            refusal["Allow"] = ", ".join(allowed)
            return refusal
        return view(request, **kwargs)

    vars(wrapper)["csrf_exempt"] = True
    return declare(wrapper, AccessControl("programs"))


def answer_caller(
    view: Callable[..., Any], operation: Operation, request: HttpRequest, kwargs: dict[str, Any]
) -> HttpResponseBase:
    """Returns what the view answers. Raises Refused if the caller may not call it so."""
    caller = get_caller(request)
    check_caller(operation, caller)
    if operation.lookup and operation.permission:
        access = operation.lookup(caller, kwargs)
        access.require(operation.permission)
        kwargs["access"] = access
    if operation.query:
        kwargs["query"] = read_query(request, operation.query)
    if operation.body:
        kwargs["body"] = read_body(request, operation.body)

    def act() -> Answer:
        return render_answer(call_view(view, operation, request, caller, kwargs))

    if operation.method != "POST":
        return act().response
    return answer_once(request, caller.subject, act)


def call_view(
    view: Callable[..., Any],
    operation: Operation,
    request: HttpRequest,
    caller: Caller,
    kwargs: dict[str, Any],
) -> Any:
    """Returns what the view returns. Raises Refused for an error that a service reports."""
    try:
        return view(request, caller, **kwargs)
    except ValidationError as error:
        raise refuse_error(error, operation.fields) from error


def render_answer(answer: Any) -> Answer:
    """Returns the response to send, and its body with null in place of secrets."""
    if isinstance(answer, Status):
        rendered = render_answer(answer.answer)
        rendered.response.status_code = answer.status
        return rendered
    if isinstance(answer, HttpResponse):
        return Answer(answer, answer.content.decode())
    body = msgspec.json.encode(answer)
    response = HttpResponse(body, content_type=JSON)
    return Answer(response, msgspec.json.encode(omit_secrets(answer)).decode())


def check_caller(operation: Operation, caller: Caller) -> None:
    """Raises Refused (403) or PermissionDenied if the caller may not do this."""
    if caller.credential not in operation.credentials:
        raise refuse_access(f"This address takes {name_credentials(operation.credentials)}.")
    if caller.read_only and operation.method != "GET":
        raise refuse_access(READ_ONLY)
    if operation.permission:
        if caller.access is None:
            raise refuse_access(MANAGES_NOTHING)
        is_wide = isinstance(caller.access, OrganizationAccess)
        if not (is_wide or operation.permission in PROJECT_PERMISSIONS):
            raise refuse_access(WRONG_SCOPE)
        if operation.lookup is None:
            caller.access.require(operation.permission)


def name_credentials(credentials: Iterable[Credential]) -> str:
    return " or ".join(CREDENTIAL_NAMES[credential] for credential in credentials)
