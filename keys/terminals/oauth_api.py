"""The token server for terminals: discovery, device login, tokens, revocation.

RFC 8414 (discovery), 8628 (device login), 6749 (tokens), 8693 (exchange), 7009 (revocation).
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Unpack

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.access.decorators import View
from accounts.actors import Actor
from accounts.web.api.errors import Refused, oauth_error
from accounts.web.api.operations import FORM, Options, infer_types
from accounts.web.api.routes import program_route
from accounts.web.api.validation import parse_problem
from keys.clients import CLIENTS, OAuthClient
from keys.formats import format_user_code
from keys.limits import TOKENS, Limit, count_request, identify_address
from keys.models.terminal import CODE_LIFETIME, INTERVAL
from keys.models.token import IssuedTokens
from keys.terminals.payloads import (
    ACCESS_TOKEN_TYPE,
    GRANT_TYPES,
    DeviceAuthorization,
    DeviceCodeGrant,
    Discovery,
    ExchangeGrant,
    Grant,
    LoginForm,
    RefreshGrant,
    RevocationForm,
    Revoked,
    SessionGrant,
    Tokens,
)
from keys.terminals.services.grants import (
    GrantRefused,
    exchange_for_project_token,
    redeem_device_code,
    redeem_refresh_token,
    renew_project_token,
)
from keys.terminals.services.sessions import begin_login, revoke_token

TAG = "Terminal login"
PROJECT_ID = re.compile(r"proj_[0-9A-Za-z]{1,40}", re.ASCII)
# Anyone may begin a login, and each one stores a row. The quota is per IP address.
LOGINS = Limit("logins", "Too many logins.", fixed_quota=300)


def oauth_route(summary: str, **options: Unpack[Options]) -> Callable[[Callable[..., Any]], View]:
    """Declares a view `(request, form)` for POST that returns a struct; its signature names both.

    It refuses by raising Refused, in OAuth's form. Nothing is cached.
    """

    def decorate(view: Callable[..., Any]) -> View:
        form = view.__annotations__["form"]

        @wraps(view)
        def wrapper(request: HttpRequest) -> HttpResponseBase:
            response = answer_form(request, view, form)
            response["Cache-Control"] = "no-store"
            return response

        declared: Options = {**infer_types(view), **options, "body": form, "body_type": FORM}
        return program_route("POST", summary, **declared)(wrapper)

    return decorate


def answer_form(request: HttpRequest, view: Callable[..., Any], form: Any) -> HttpResponse:
    """Returns the view's answer. Requests are counted for the IP address, also those that cannot be read."""
    try:
        require_within(TOKENS, f"tokens:{identify_address(request)}")
        answer = view(request, read_form(request, form))
    except Refused as refused:
        return refused.response
    return JsonResponse(msgspec.to_builtins(answer))


def read_form(request: HttpRequest, kind: Any) -> Any:
    """Returns the form in the body. Raises Refused if it is not a form or lacks a field."""
    fields = read_fields(request)
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        problem = parse_problem(error)
        if problem.kind == "invalid":
            description = f"This server knows {', '.join(GRANT_TYPES)}."
            raise refuse("unsupported_grant_type", description) from error
        if problem.path not in ("grant_type", "client_id"):
            find_client(fields["client_id"])
        raise refuse("invalid_request", f"Send {problem.path}.") from error


def read_fields(request: HttpRequest) -> dict[str, str]:
    """Returns the fields of the body, without empty ones (RFC 6749, 3.2)."""
    if request.content_type != FORM:
        raise refuse("invalid_request", f"Send a form, as Content-Type: {FORM}.")
    if twice := [name for name, values in request.POST.lists() if len(values) > 1]:
        raise refuse("invalid_request", f"Send {quote_name(twice[0])} once.")
    return {name: str(value) for name, value in request.POST.items() if value}


def quote_name(name: str) -> str:
    return name if name.isprintable() and len(name) <= 40 else "each field"


def find_client(client_id: str) -> OAuthClient:
    """Returns the registered program with that id. Raises Refused with 401 for an unknown one."""
    client = CLIENTS.get(client_id)
    if client is None:
        unknown = "No program with this client_id is registered here."
        raise refuse("invalid_client", unknown, status=401)
    return client


def require_within(limit: Limit, subject: str) -> None:
    """Counts the request. Raises Refused with 429 above the limit, with the seconds until the next window."""
    status = count_request(limit, subject)
    if status and status.is_over:
        description = f"{limit.refusal} Try again in {status.seconds} s."
        refused = refuse("temporarily_unavailable", description, status=429)
        refused.response["Retry-After"] = str(status.seconds)
        raise refused


def refuse(error: str, description: str, *, status: int = 400) -> Refused:
    return Refused(oauth_error(error, description, status=status))


@program_route("GET", "Discovery", tag=TAG, answer=Discovery)
def discovery(request: HttpRequest) -> HttpResponseBase:
    """Returns the URLs of the endpoints (RFC 8414)."""

    def build_url(name: str) -> str:
        return settings.BASE_URL + reverse(name)

    answer = Discovery(
        issuer=settings.BASE_URL,
        token_endpoint=build_url("oauth_token"),
        device_authorization_endpoint=build_url("oauth_device"),
        revocation_endpoint=build_url("oauth_revoke"),
        grant_types_supported=GRANT_TYPES,
        response_types_supported=[],
        token_endpoint_auth_methods_supported=["none"],
        revocation_endpoint_auth_methods_supported=["none"],
    )
    return JsonResponse(msgspec.to_builtins(answer))


@oauth_route("Begin a login", tag=TAG, errors=(401, 429))
def device(request: HttpRequest, form: LoginForm) -> DeviceAuthorization:
    """RFC 8628. Show `verification_uri_complete` to the user, then poll for the tokens."""
    client = find_client(form.client_id)
    require_within(LOGINS, f"login:{identify_address(request)}")
    agent = request.headers.get("User-Agent", "")
    login = begin_login(actor=Actor.of(request), client=client, agent=agent)
    code = format_user_code(login.user_code)
    url = settings.BASE_URL + reverse("device_approve")
    return DeviceAuthorization(
        device_code=login.device_code,
        user_code=code,
        verification_uri=settings.BASE_URL + reverse("device"),
        verification_uri_complete=f"{url}?user_code={code}",
        expires_in=int(CODE_LIFETIME.total_seconds()),
        interval=INTERVAL,
    )


@oauth_route("Get tokens", tag=TAG, errors=(401, 429))
def token(request: HttpRequest, form: Grant) -> Tokens:
    """Four grants, by `grant_type`. Refusals are 400 with the error codes of RFC 6749 and 8628:
    `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`, …
    """
    client = find_client(form.client_id)
    try:
        return grant_tokens(Actor.of(request), client, form)
    except GrantRefused as refusal:
        error = oauth_error(refusal.error, refusal.description, interval=refusal.interval)
        raise Refused(error) from refusal


@oauth_route("Sign out", tag=TAG, errors=(401, 429))
def revoke(request: HttpRequest, form: RevocationForm) -> Revoked:
    """RFC 7009. The token of a login ends the login and all of its project tokens. Unknown tokens are
    answered with 200 too.
    """
    client = find_client(form.client_id)
    revoke_token(actor=Actor.of(request), client=client, token=form.token)
    return Revoked()


def grant_tokens(actor: Actor, client: OAuthClient, grant: Grant) -> Tokens:
    """Returns the tokens, or raises GrantRefused. A refresh token is bound to its access token."""
    match grant:
        case DeviceCodeGrant():
            return make_tokens(redeem_device_code(client=client, device_code=grant.device_code))
        case RefreshGrant():
            pair = {"refresh_token": grant.refresh_token, "access_token": grant.access_token}
            return make_tokens(redeem_refresh_token(actor=actor, client=client, **pair))
        case ExchangeGrant():
            return exchange_token(client, grant)
        case SessionGrant():
            return make_tokens(renew_project_token(client=client, access_token=grant.access_token))


def exchange_token(client: OAuthClient, grant: ExchangeGrant) -> Tokens:
    """Returns a project's token. `resource` is the bare id of a project, as the official client sends it."""
    if grant.subject_token_type != ACCESS_TOKEN_TYPE:
        raise GrantRefused("invalid_request", f"subject_token_type is {ACCESS_TOKEN_TYPE}.")
    if not PROJECT_ID.fullmatch(grant.resource):
        raise GrantRefused("invalid_target", "resource is the id of a project, such as proj_4Kd….")
    granted = exchange_for_project_token(
        client=client, subject_token=grant.subject_token, resource=grant.resource
    )
    return make_tokens(granted, issued_token_type=ACCESS_TOKEN_TYPE)


def make_tokens(
    granted: IssuedTokens, issued_token_type: str | msgspec.UnsetType = msgspec.UNSET
) -> Tokens:
    return Tokens(
        access_token=granted.access_token,
        token_type="Bearer",  # noqa: S106  (the name of a kind)
        expires_in=granted.expires_in,
        refresh_token=granted.refresh_token or msgspec.UNSET,
        issued_token_type=issued_token_type,
    )
