"""The OpenAPI 3.1 document of the JSON API, made from what the routes of the URLconf declare.

Served as it is by console/api/openapi.py and drawn as a page by console/api/reference.py.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.web.api.callers import Credential
from accounts.web.api.errors import OAUTH, Error, OAuthError
from accounts.web.api.operations import JSON, Operation, find_operations
from accounts.web.api.schemas import Schema
from console.api.components import Components
from console.web.errors import API_PREFIXES

TAGS = {
    "Organization": "The organization of a credential, its limits and rules.",
    "Users": "The members of the organization.",
    "Invites": "Invitations to the organization.",
    "Projects": "The projects of an organization.",
    "Project users": "The collaborators of a project, members of the organization and others.",
    "API keys": "Keys with which programs use the platform's products in a project.",
    "Limits": "What requests API keys may make.",
    "Service accounts": "Members of a project that are not people, with their API keys and tokens.",
    "Admin API keys": "Keys that let programs manage an organization.",
    "Access tokens": "People's access tokens for an organization and its projects.",
    "Audit log": "What was done in an organization, by whom and from where.",
    "Spend limits and alerts": "Monthly budgets of an organization and of its projects.",
    "Costs and usage": "What an organization used and what it costs, by day or hour.",
    "Usage": "Usage and its cost.",
    "Support requests": "What an organization asks support for.",
    "Identity": "Who a credential belongs to.",
    "Gateways": "Whether a key is valid.",
    "Terminal login": "How a terminal gets its tokens (OAuth device flow).",
    "About": "This document.",
}
# The form of a token, and what it is; OpenAPI 3.1 has no device flow, 3.2 has.
SCHEMES = {
    Credential.API_KEY: (
        "pk_… or dk_…",
        "An API key of a project, or the Organization Default Key.",
    ),
    Credential.SERVICE_CREDENTIAL: (
        "sc_…",
        "A credential of one of the platform's own programs. Support staff create it.",
    ),
    Credential.PERSONAL_TOKEN: (
        "ut_…",
        "A personal access token for an organization or project, created in the person's profile.",
    ),
    Credential.ADMIN_KEY: (
        "ak_…",
        "An admin API key, which acts for its organization like an Admin.",
    ),
    Credential.SERVICE_ACCOUNT: (
        "st_…",
        "A token of a service account, which acts in its project with the role of that account.",
    ),
    Credential.TERMINAL: (
        "at_… or pt_…",
        "The access token of a terminal's login or of one project; see Terminal login.",
    ),
}
ERRORS = {
    400: "The request cannot be read.",
    401: "The credential is missing or invalid.",
    403: "The credential is valid but does not allow this.",
    404: "Not found, or not visible to this credential.",
    409: "The request conflicts with the current state, or what it creates already exists.",
    413: "The body is too large.",
    415: "The content type of the body is not supported.",
    422: "A value is invalid. `param` says which.",
    429: "Too many requests.",
    503: "The console is busy or its database is away. Nothing was changed.",
}
TEXT: Schema = {"type": "string"}
HEADERS: dict[str, Schema] = {
    "X-Request-Id": {"description": "Also in the console's log.", "schema": TEXT},
    "RateLimit": {
        "description": 'The requests that are left, and for how many seconds: `"reads";r=599;t=42`.',
        "schema": TEXT,
    },
    "RateLimit-Policy": {
        "description": 'The limit, and for how many seconds: `"reads";q=600;w=60`.',
        "schema": TEXT,
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": TEXT | {"pattern": "^[0-9]+$"}},
    "WWW-Authenticate": {"description": "RFC 6750.", "schema": TEXT},
}
REQUIRED_HEADERS = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 429: "Retry-After",
                    503: "Retry-After"}  # fmt: skip
DESCRIPTION = (
    "What programs, gateways and terminals ask the console. Times are UTC, decimals are texts, the official "
    "client of the reference platform works unmodified."
)
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


class Route(NamedTuple):
    """One method of an address: `/v1/projects/{reference}`. `name` is unique in the document."""

    name: str
    path: str
    operation: Operation


def find_routes(resolver: URLResolver, prefix: str = "/") -> Iterator[Route]:
    """Yields the operations of the API, in the order of the URLconf."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from find_routes(pattern, path)
        elif f"{path}/".startswith(API_PREFIXES):
            yield from name_operations(pattern, CONVERTER.sub(r"{\1}", path))


def name_operations(pattern: URLPattern, path: str) -> Iterator[Route]:
    operations = find_operations(pattern.callback)
    name = pattern.name or path
    for operation in operations:
        unique = name if len(operations) == 1 else f"{name}_{operation.method.lower()}"
        yield Route(unique, path, operation)


@functools.cache
def document() -> dict[str, Any]:
    """Returns the whole document, which does not change while the process runs."""
    routes = list(find_routes(get_resolver()))
    components = Components([route.operation for route in routes])
    paths: dict[str, Any] = {}
    for route in routes:
        method = route.operation.method.lower()
        paths.setdefault(route.path, {})[method] = describe_route(route, components)
    schemes = {
        name: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": form,
            "description": description,
        }
        for name, (form, description) in SCHEMES.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Console API", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": settings.BASE_URL}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": schemes,
            "schemas": components.schemas,
            "headers": HEADERS,
        },
    }


def describe_route(route: Route, components: Components) -> dict[str, Any]:
    operation = route.operation
    assert operation.tag in TAGS, operation.tag
    described: dict[str, Any] = {
        "operationId": route.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{name: []} for name in operation.credentials],
    }
    parameters = [
        *map(describe_path_parameter, re.findall(r"{(\w+)}", route.path)),
        *components.list_parameters(operation.query, "query"),
        *components.list_parameters(operation.headers, "header"),
    ]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        content = {operation.body_type: components.describe_content(operation.body)}
        described["requestBody"] = {"required": True, "content": content}
    described["responses"] = describe_responses(route, components)
    return described


def describe_path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


def describe_responses(route: Route, components: Components) -> dict[str, Any]:
    operation = route.operation
    limits = ("RateLimit", "RateLimit-Policy") if operation.limited else ()
    answer: dict[str, Any] = {
        "description": operation.returns or components.describe(operation.answer),
        "headers": refer_to_headers(*limits) | components.list_headers(operation.answer_headers),
    }
    if operation.answer is not None:
        answer["content"] = {JSON: components.describe_content(operation.answer)}
    is_oauth = route.path.startswith(OAUTH)
    errors = {*operation.statuses, *((404,) if "{" in route.path else ())}
    refusals = {
        str(status): describe_refusal(status, components, limits, is_oauth=is_oauth)
        for status in sorted(errors)
    }
    return {"200": answer} | describe_accepted(operation, components, limits) | refusals


def describe_accepted(
    operation: Operation, components: Components, limits: tuple[str, ...]
) -> dict[str, Any]:
    """Returns the answer with status 202, if the operation has one."""
    if operation.accepted is None:
        return {}
    accepted = {
        "description": components.describe(operation.accepted),
        "headers": refer_to_headers(*limits),
        "content": {JSON: components.describe_content(operation.accepted)},
    }
    return {"202": accepted}


def describe_refusal(
    status: int, components: Components, limits: tuple[str, ...], *, is_oauth: bool
) -> dict[str, Any]:
    headers = refer_to_headers(*limits)
    required = REQUIRED_HEADERS.get(status)
    if required and not (is_oauth and status == 401):
        headers[required] = {**HEADERS[required], "required": True}
    schema = components.get_schema(OAuthError if is_oauth else Error)
    return {
        "description": ERRORS[status],
        "headers": headers,
        "content": {JSON: {"schema": schema}},
    }


def refer_to_headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}
