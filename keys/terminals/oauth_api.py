"""The small token server that terminals log in at: discovery, device login, tokens, revocation.

RFC 8414 (discovery), 8628 (device login), 6749 (tokens), 8693 (exchange), 7009 (revocation).
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.access.decorators import READ, View, program_route
from accounts.actors import Actor
from accounts.web.api_errors import Refused, oauth_error
from keys.clients import CLIENTS, OAuthClient
from keys.formats import spoken_code
from keys.models.terminal import CODE_LIFETIME, INTERVAL
from keys.models.token import Granted
from keys.terminals.services.grants import (
    GrantRefused,
    by_device_code,
    by_exchange,
    by_refresh_token,
    by_session,
)
from keys.terminals.services.sessions import ask_login, revoke_token

FORM = "application/x-www-form-urlencoded"
PROJECT_ID = re.compile(r"proj_[0-9A-Za-z]{1,40}", re.ASCII)
ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  (a public name)
# Anybody may begin a login, and each leaves a row.
ASKING = {"device_login": "300/m/ip"}
Form = dict[str, str]


def oauth_route(view: Callable[[HttpRequest, Form], HttpResponseBase]) -> View:
    """A view `(request, form)` that takes a form by POST; errors in OAuth's form, nothing cached."""

    @program_route("POST")
    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponseBase:
        try:
            response = view(request, form_in(request))
        except Refused as refused:
            response = refused.response
        response["Cache-Control"] = "no-store"
        return response

    return wrapper


def form_in(request: HttpRequest) -> Form:
    """The fields of the body; one sent empty is one not sent (RFC 6749, 3.2)."""
    if request.content_type != FORM:
        raise Refused(oauth_error("invalid_request", f"Send a form, as Content-Type: {FORM}."))
    if twice := [name for name, values in request.POST.lists() if len(values) > 1]:
        raise Refused(oauth_error("invalid_request", f"Send {shown(twice[0])} once."))
    return {name: str(value) for name, value in request.POST.items() if value}


def shown(text: str) -> str:
    return text if text.isprintable() and len(text) <= 40 else "each field"


def needed(form: Form, name: str) -> str:
    if name not in form:
        raise Refused(oauth_error("invalid_request", f"Send {name}."))
    return form[name]


def client_in(form: Form) -> OAuthClient:
    client = CLIENTS.get(needed(form, "client_id"))
    if client is None:
        unknown = "No program with this client_id is registered here."
        raise Refused(oauth_error("invalid_client", unknown, status=401))
    return client


@program_route(*READ)
def discovery(request: HttpRequest) -> HttpResponseBase:
    def at(name: str) -> str:
        return settings.BASE_URL + reverse(name)

    return JsonResponse(
        {
            "issuer": settings.BASE_URL,
            "token_endpoint": at("oauth_token"),
            "device_authorization_endpoint": at("oauth_device"),
            "revocation_endpoint": at("oauth_revoke"),
            "grant_types_supported": list(GRANTS),
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
        }
    )


@oauth_route
def device(request: HttpRequest, form: Form) -> HttpResponse:
    """Begins a login: a code for the terminal to poll with, one for its person to approve."""
    client = client_in(form)
    if consume(request, app="keys", action="device_login", config=ASKING) is None:
        return oauth_error("temporarily_unavailable", "Too many logins. Wait a minute.", status=429)
    agent = request.headers.get("User-Agent", "")
    asked = ask_login(actor=Actor.of(request), client=client, agent=agent)
    code = spoken_code(asked.user_code)
    return JsonResponse(
        {
            "device_code": asked.device_code,
            "user_code": code,
            "verification_uri": settings.BASE_URL + reverse("device"),
            "verification_uri_complete": (
                f"{settings.BASE_URL}{reverse('device_approve')}?user_code={code}"
            ),
            "expires_in": int(CODE_LIFETIME.total_seconds()),
            "interval": INTERVAL,
        }
    )


@oauth_route
def token(request: HttpRequest, form: Form) -> HttpResponse:
    """Tokens for whichever grant the form brings."""
    grant = GRANTS.get(needed(form, "grant_type"))
    if grant is None:
        known = f"This server knows {', '.join(GRANTS)}."
        return oauth_error("unsupported_grant_type", known)
    client = client_in(form)
    try:
        return JsonResponse(grant(Actor.of(request), client, form))
    except GrantRefused as refused:
        more = {"interval": refused.interval} if refused.interval else {}
        return oauth_error(refused.error, refused.description, **more)


@oauth_route
def revoke(request: HttpRequest, form: Form) -> HttpResponse:
    """Ends what a token belongs to; 200 also for one that is none."""
    client = client_in(form)
    revoke_token(actor=Actor.of(request), client=client, token=needed(form, "token"))
    return JsonResponse({})


def told(granted: Granted, **more: str) -> dict[str, Any]:
    refresh = {"refresh_token": granted.refresh_token} if granted.refresh_token else {}
    return {
        "access_token": granted.access_token,
        "token_type": "Bearer",
        "expires_in": granted.expires_in,
        **refresh,
        **more,
    }


def for_device_code(actor: Actor, client: OAuthClient, form: Form) -> dict[str, Any]:
    return told(by_device_code(client=client, device_code=needed(form, "device_code")))


def for_refresh_token(actor: Actor, client: OAuthClient, form: Form) -> dict[str, Any]:
    """The pair is bound together: besides the refresh token it takes the access token."""
    return told(
        by_refresh_token(
            actor=actor,
            client=client,
            refresh_token=needed(form, "refresh_token"),
            access_token=needed(form, "access_token"),
        )
    )


def for_exchange(actor: Actor, client: OAuthClient, form: Form) -> dict[str, Any]:
    """`resource` is the bare id of a project, as the official client sends it."""
    subject, resource = needed(form, "subject_token"), needed(form, "resource")
    if needed(form, "subject_token_type") != ACCESS_TOKEN_TYPE:
        raise GrantRefused("invalid_request", f"subject_token_type is {ACCESS_TOKEN_TYPE}.")
    if not PROJECT_ID.fullmatch(resource):
        raise GrantRefused("invalid_target", "resource is the id of a project, such as proj_4Kd….")
    granted = by_exchange(client=client, subject_token=subject, resource=resource)
    return told(granted, issued_token_type=ACCESS_TOKEN_TYPE)


def for_session(actor: Actor, client: OAuthClient, form: Form) -> dict[str, Any]:
    return told(by_session(client=client, access_token=needed(form, "access_token")))


GRANTS: dict[str, Callable[[Actor, OAuthClient, Form], dict[str, Any]]] = {
    "urn:ietf:params:oauth:grant-type:device_code": for_device_code,
    "refresh_token": for_refresh_token,
    "urn:ietf:params:oauth:grant-type:token-exchange": for_exchange,
    "urn:together.ai:params:oauth:grant-type:session": for_session,
}
