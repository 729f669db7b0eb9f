"""The route on which scanners report leaked secrets, in the format of GitHub's secret scanning partners."""

import hashlib
import json

import msgspec
import structlog
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.actors import Actor
from accounts.models.principals import Principal
from accounts.web.api.errors import api_error
from accounts.web.api.reading import SEND_JSON
from accounts.web.api.routes import program_route
from accounts.web.api.strict_json import NotJsonError, decode_json
from keys.leaks.payloads import (
    MOST_ENTRIES,
    Feedback,
    LeakedSecret,
    LeakedSecrets,
    SignatureHeaders,
)
from keys.leaks.services.reports import Finding, report_leaks
from keys.leaks.signatures import UnusableKeys, is_signed
from keys.limits import count_refusal
from keys.verification.api import Unreadable, answer

log = structlog.get_logger("leaks")
TYPE_LENGTH = 100
UNSIGNED = (
    "Sign the body: Github-Public-Key-Identifier names a key this console knows, and "
    "Github-Public-Key-Signature is the base64 of its ECDSA signature."
)
OUT_OF_ORDER = "The public keys of reporters can't be read at the moment. Try again later."


@program_route(
    "POST",
    "Report leaked secrets",
    tag="Gateways",
    headers=SignatureHeaders,
    body=LeakedSecrets,
    answer=list[Feedback],
    returns="Whether each token belongs to this console.",
    errors=(401, 404, 415, 422, 429),
)
def leaks(request: HttpRequest) -> HttpResponseBase:
    """Signed, in the format of GitHub's secret scanning partner program. 404 if the operator has configured
    no reporters, 503 while their public keys can't be read.
    """
    if not settings.LEAK_REPORT_KEYS:
        raise Http404
    identifier = request.headers.get("Github-Public-Key-Identifier", "")
    signature = request.headers.get("Github-Public-Key-Signature", "")
    try:
        if not is_signed(request.body, identifier, signature):
            unsigned = api_error(401, UNSIGNED, code="invalid_signature" if signature else None)
            return count_refusal(request, unsigned)
        secrets = read_secrets(request)
    except UnusableKeys as error:
        log.error("no leak reports", error=str(error))  # noqa: TRY400  (it is in a file, not in the code)
        return api_error(503, OUT_OF_ORDER)
    except Unreadable as error:
        return error.response
    reporter = Principal.without_account(f"Leak report ({identifier})")
    actor = Actor.of(request).acting_as(reporter)
    findings = [Finding(secret.token, url=secret.url, source=secret.source) for secret in secrets]
    ours = report_leaks(actor=actor, reporter=identifier, findings=findings)
    feedback = [make_feedback(*pair) for pair in zip(secrets, ours, strict=True)]
    return answer(json.dumps(msgspec.to_builtins(feedback)), content_type="application/json")


def read_secrets(request: HttpRequest) -> list[LeakedSecret]:
    """Returns the entries of the body that have a token. Raises Unreadable if it is not a list of entries."""
    if request.content_type != "application/json":
        raise Unreadable(api_error(415, SEND_JSON))
    try:
        body = decode_json(request.body)
    except NotJsonError as error:
        raise Unreadable(api_error(400, str(error))) from error
    if not isinstance(body, list) or not body:
        expected = 'Send a list such as [{"token": "…", "type": "…", "url": "…", "source": "…"}].'
        raise Unreadable(api_error(422, expected))
    if len(body) > MOST_ENTRIES:
        raise Unreadable(api_error(413, f"Send at most {MOST_ENTRIES} entries at once."))
    secrets = [LeakedSecret.of_entry(entry) for entry in body if isinstance(entry, dict)]
    return [secret for secret in secrets if secret]


def make_feedback(secret: LeakedSecret, is_ours: bool) -> Feedback:  # noqa: FBT001
    return Feedback(
        hashlib.sha256(secret.token.encode("utf-8", "replace")).hexdigest(),
        secret.type[:TYPE_LENGTH],
        "true_positive" if is_ours else "false_positive",
    )
