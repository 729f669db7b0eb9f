"""Repeats the answer to a request that is sent again with the same Idempotency-Key.

The answer is stored for 24 hours, in the transaction of what the request did, and only if it succeeded.
"""

import hashlib
import zlib
from collections.abc import Callable
from typing import NamedTuple

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from accounts.models import StoredAnswer
from accounts.models.idempotency import KEY_LENGTH
from accounts.web.api.errors import Refused, api_error, refuse_value

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
WRONG_KEY = f"{HEADER} must be 1 to {KEY_LENGTH} printable ASCII characters."
REUSED = f"This {HEADER} was used for another request within the last 24 hours. Choose another one."
IN_PROGRESS = f"A request with this {HEADER} is still being processed. Try again in a moment."
RETRY_SECONDS = 2


class Answer(NamedTuple):
    """An answer, and its body as it is stored: without secrets."""

    response: HttpResponse
    stored_body: str


def answer_once(request: HttpRequest, subject: str, act: Callable[[], Answer]) -> HttpResponse:
    """Returns the answer of `act`, or the stored one if `subject` sent the same request before.

    Without the header it just calls `act`. Raises Refused with 400 for a key that is not printable, with 409
    if the key belongs to another request or to one that is still being processed.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act().response
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise refuse_value(WRONG_KEY, HEADER, status=400)
    digest = digest_request(request)
    with transaction.atomic():
        reserve(subject, key)
        StoredAnswer.objects.outdated().filter(subject=subject, key=key).delete()
        stored = StoredAnswer.objects.filter(subject=subject, key=key).first()
        if stored:
            return replay(stored, digest)
        answer = act()
        if answer.response.status_code < 300:
            StoredAnswer.objects.create(
                subject=subject,
                key=key,
                digest=digest,
                status=answer.response.status_code,
                body=answer.stored_body,
            )
    return answer.response


def digest_request(request: HttpRequest) -> str:
    """Returns the SHA-256 of the method, path and body, in hexadecimal."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def reserve(subject: str, key: str) -> None:
    """Makes a second request with the same key wait or fail until the transaction ends.

    On PostgreSQL it is refused at once. On SQLite transactions wait for each other anyway.
    """
    if connection.vendor != "postgresql":
        return
    text = f"{subject}\x00{key}".encode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)",
            [zlib.crc32(text) - 2**31, zlib.crc32(text[::-1]) - 2**31],
        )
        (is_reserved,) = cursor.fetchone()
    if not is_reserved:
        refusal = api_error(409, IN_PROGRESS, code="in_progress")
        refusal["X-Should-Retry"], refusal["Retry-After"] = "true", str(RETRY_SECONDS)
        raise Refused(refusal)


def replay(stored: StoredAnswer, digest: str) -> HttpResponse:
    """Returns the stored answer. Raises Refused with 409 if it is to another request."""
    if stored.digest != digest:
        raise Refused(api_error(409, REUSED, param=HEADER, code="idempotency_key_reused"))
    response = HttpResponse(stored.body, status=stored.status, content_type="application/json")
    response[REPLAYED] = "true"
    return response
