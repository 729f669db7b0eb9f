"""Where scanners report secrets of ours that they found in public, in the form GitHub's partners take."""

import hashlib
import json
from typing import Any

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.access.decorators import program_route
from accounts.actors import Actor
from accounts.models.principals import Principal
from accounts.web.api_errors import api_error
from keys.leaks.services.reports import Finding, report_leaks
from keys.leaks.signatures import Unusable, is_signed
from keys.verification.api import Unreadable, answer

log = structlog.get_logger("leaks")
MOST_ENTRIES = 1000
TYPE_LENGTH = 100
UNSIGNED = (
    "Sign the body: Github-Public-Key-Identifier names a key this console knows, and "
    "Github-Public-Key-Signature is the base64 of its ECDSA signature."
)
OUT_OF_ORDER = "The public keys of reporters cannot be read here now. Try again later."


@program_route("POST")
def leaks(request: HttpRequest) -> HttpResponseBase:
    """Takes a signed list of found secrets; answers for each whether it is one of ours.

    404 when the operator has named no reporters' keys, 503 when those cannot be read.
    """
    if not settings.LEAK_REPORT_KEYS:
        raise Http404
    identifier = request.headers.get("Github-Public-Key-Identifier", "")
    signature = request.headers.get("Github-Public-Key-Signature", "")
    try:
        if not is_signed(request.body, identifier, signature):
            return api_error(401, UNSIGNED, code="invalid_signature" if signature else None)
        entries = entries_in(request)
    except Unusable as error:
        log.error("no leak reports", error=str(error))  # noqa: TRY400  (it is in a file, not in the code)
        return api_error(503, OUT_OF_ORDER)
    except Unreadable as error:
        return error.response
    reporter = Principal.without_account(f"Leak report ({identifier})")
    actor = Actor.of(request).acting_as(reporter)
    findings = [finding(entry) for entry in entries]
    ours = report_leaks(actor=actor, reporter=identifier, findings=findings)
    return answer(json.dumps(feedback(entries, ours)), content_type="application/json")


def entries_in(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries of the body that have a token; Unreadable when it is no list of entries."""
    if request.content_type != "application/json":
        raise Unreadable(api_error(415, "Send JSON, as Content-Type: application/json."))
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(api_error(400, "The body is not JSON.")) from error
    if not isinstance(body, list) or not body:
        wanted = 'Send a list such as [{"token": "…", "type": "…", "url": "…", "source": "…"}].'
        raise Unreadable(api_error(422, wanted))
    if len(body) > MOST_ENTRIES:
        raise Unreadable(api_error(413, f"Send at most {MOST_ENTRIES} entries at once."))
    return [one for one in body if isinstance(one, dict) and text(one, "token")]


def text(entry: dict[str, Any], name: str) -> str:
    """That value of the entry; empty when it is none, or no text."""
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def finding(entry: dict[str, Any]) -> Finding:
    return Finding(text(entry, "token"), url=text(entry, "url"), source=text(entry, "source"))


def feedback(entries: list[dict[str, Any]], ours: list[bool]) -> list[dict[str, str]]:
    """GitHub's list of feedback, in its hashed form: the answer carries no secret."""
    return [
        {
            "token_hash": hashlib.sha256(
                text(entry, "token").encode("utf-8", "replace")
            ).hexdigest(),
            "token_type": text(entry, "type")[:TYPE_LENGTH],
            "label": "true_positive" if one_of_ours else "false_positive",
        }
        for entry, one_of_ours in zip(entries, ours, strict=True)
    ]
