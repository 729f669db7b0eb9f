"""The OpenAPI 3.1 document of the JSON API, put together from what the apps say of their routes.

Served as it is at /v1/openapi.json and drawn as a page by console/api/reference.py.
"""

import functools
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.decorators.http import condition

from accounts.access.decorators import READ, program_route
from accounts.web.api_errors import OAUTH, TYPES
from accounts.web.openapi import (
    JSON,
    Answer,
    Description,
    Operation,
    Parameter,
    Schema,
    obj,
    ref,
    text,
)
from console.web.errors import API_PREFIXES
from keys.openapi import DESCRIPTION as OF_KEYS
from usage.openapi import DESCRIPTION as OF_USAGE

GROUPS = {
    "Identity": "Whom a credential stands for.",
    "Projects": "Which projects it opens.",
    "Usage": "What was used, and what it costs.",
    "Gateways": "Whether a key is good.",
    "Terminal login": "How a terminal gets its tokens (OAuth device flow).",
    "About": "This document.",
}
SCHEMES: dict[str, Schema] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "pk_… or dk_…",
        "description": "An API key of a project, or the Organization Default Key.",
    },
    "serviceCredential": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "sc_…",
        "description": "Of a program of the platform itself, made by support staff.",
    },
    "personalToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "ut_…",
        "description": "A personal access token for an organization or a project, made in one's profile.",
    },
    # OpenAPI 3.1 has no device flow; 3.2 has.
    "terminal": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "at_… or pt_…",
        "description": "The access token of a terminal's login, or of one project, from the OAuth device "
        "flow: see Terminal login.",
    },
}
ERROR = obj(
    {
        "error": obj(
            {
                "message": text("For a person."),
                "type": text(enum=sorted(set(TYPES.values()))),
                "param": text("The parameter or field that is wrong.")
                | {"type": ["string", "null"]},
                "code": text("What is wrong, for the program.") | {"type": ["string", "null"]},
            }
        )
    }
)
OAUTH_ERROR = obj(
    {"error": text(), "error_description": text(), "interval": {"type": "integer"}},
    optional=("interval",),
    about="RFC 6749, 5.2.",
)
ERRORS = {
    400: "The request cannot be read.",
    401: "No credential, or not a good one.",
    403: "The credential is good, but not for this.",
    404: "There is nothing here.",
    413: "The body is too large.",
    415: "The body is not of that type.",
    422: "A value cannot be taken; `param` says which.",
    429: "Too many requests.",
    503: "The console is busy or its database is away. Nothing was changed.",
}
EVERYWHERE = (400, 413, 503)
HEADERS: dict[str, Schema] = {
    "X-Request-Id": {"description": "Stands in the console's log too.", "schema": text()},
    "RateLimit": {
        "description": 'What is left: `"reads";r=599;t=42`, for so many seconds.',
        "schema": text(),
    },
    "RateLimit-Policy": {
        "description": 'The limit: `"reads";q=600;w=60`, in so many seconds.',
        "schema": text(),
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": text(pattern="^[0-9]+$")},
    "WWW-Authenticate": {"description": "RFC 6750.", "schema": text()},
}
REQUIRED_HEADERS = {401: ("WWW-Authenticate",), 403: ("WWW-Authenticate",), 429: ("Retry-After",),
                    503: ("Retry-After",)}  # fmt: skip
ITSELF = Operation(
    route="openapi",
    method="get",
    group="About",
    title="This document",
    text="OpenAPI 3.1. Nobody has to sign in for it.",
    answer=Answer("The document.", {"type": "object"}),
)
DESCRIPTIONS = (
    OF_KEYS,
    OF_USAGE,
    Description((ITSELF,), {"Error": ERROR, "OAuthError": OAUTH_ERROR}),
)
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


class Served(NamedTuple):
    content: bytes
    etag: str


def addresses() -> dict[str, str]:
    """The path of each route of the API, by its name: `/v1/projects/{reference}`."""
    return {
        name: path
        for name, path in below(get_resolver(), "/")
        if f"{path}/".startswith(API_PREFIXES)
    }


def below(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield one.name or path, CONVERTER.sub(r"{\1}", path)
        else:
            yield from below(one, path)


@functools.cache
def document() -> dict[str, Any]:
    """The whole document; nothing in it changes while the process runs."""
    known = addresses()
    paths: dict[str, Any] = {}
    for description in DESCRIPTIONS:
        for operation in description.operations:
            path = known[operation.route]
            paths.setdefault(path, {})[operation.method] = described(operation, path)
    schemas = {name: one for each in DESCRIPTIONS for name, one in each.schemas.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Console API",
            "version": "1",
            "description": "What programs, gateways and terminals ask the console. Times are UTC, "
            "decimals are texts, the official client of the reference platform works unmodified.",
        },
        "servers": [{"url": settings.BASE_URL}],
        "tags": [{"name": name, "description": about} for name, about in GROUPS.items()],
        "paths": paths,
        "components": {"securitySchemes": SCHEMES, "schemas": schemas, "headers": HEADERS},
    }


def described(operation: Operation, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.route,
        "tags": [operation.group],
        "summary": operation.title,
        "description": operation.text,
        "security": [{name: []} for name in operation.credentials],
    }
    given = [*map(of_path, re.findall(r"{(\w+)}", path)),
             *(parameter(one, "query") for one in operation.parameters),
             *(parameter(one, "header") for one in operation.headers)]  # fmt: skip
    if given:
        found["parameters"] = given
    if body := operation.body:
        content = {"schema": body.schema, "example": body.example}
        found["requestBody"] = {"required": True, "content": {body.type: content}}
    found["responses"] = responses(operation, path)
    return found


def of_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": text()}


def parameter(one: Parameter, place: str) -> dict[str, Any]:
    about = one.text or one.schema.get("description", "")
    schema = {name: value for name, value in one.schema.items() if name != "description"}
    return {"name": one.name, "in": place, "description": about, "schema": schema}


def responses(operation: Operation, path: str) -> dict[str, Any]:
    limits = ("RateLimit", "RateLimit-Policy") if operation.limited else ()
    answer = operation.answer
    good: dict[str, Any] = {"description": answer.text}
    good["headers"] = headers(*limits) | {
        name: {"description": about, "required": True, "schema": text()}
        for name, about in answer.headers.items()
    }
    if answer.schema is not None:
        example = {} if answer.example is None else {"example": answer.example}
        good["content"] = {JSON: {"schema": answer.schema, **example}}
    told = {*EVERYWHERE, *operation.errors, *((429,) if operation.limited else ())}
    schema = ref("OAuthError" if path.startswith(OAUTH) else "Error")
    return {"200": good} | {str(status): refusal(status, schema, limits) for status in sorted(told)}


def refusal(status: int, schema: Schema, limits: tuple[str, ...]) -> dict[str, Any]:
    found = headers(*limits)
    needed = (
        () if schema == ref("OAuthError") and status == 401 else REQUIRED_HEADERS.get(status, ())
    )
    for name in needed:
        found[name] = {**HEADERS[name], "required": True}
    return {
        "description": ERRORS[status],
        "headers": found,
        "content": {JSON: {"schema": schema}},
    }


def headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *names)}


@functools.cache
def served() -> Served:
    content = json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()
    return Served(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@program_route(*READ)
@condition(etag_func=lambda request: served().etag)
def openapi(request: HttpRequest) -> HttpResponseBase:
    """The document, without a credential; asked again with its ETag it is 304."""
    response = HttpResponse(served().content, content_type=JSON)
    response["Cache-Control"] = "public, max-age=300"
    return response
