"""Serves the OpenAPI document."""

import functools
import hashlib
import json
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition

from accounts.web.api.operations import JSON
from accounts.web.api.routes import program_route
from console.api.document import document


class SerializedDocument(NamedTuple):
    content: bytes
    etag: str


@functools.cache
def serialize_document() -> SerializedDocument:
    content = json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()
    return SerializedDocument(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


@program_route("GET", "This document", tag="About", answer=dict[str, Any], returns="The document.")
@condition(etag_func=lambda request: serialize_document().etag)
def openapi(request: HttpRequest) -> HttpResponseBase:
    """OpenAPI 3.1. It needs no credential."""
    response = HttpResponse(serialize_document().content, content_type=JSON)
    response["Cache-Control"] = "public, max-age=300"
    return response
