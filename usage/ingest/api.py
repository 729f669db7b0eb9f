"""The API to which metering pipes post usage events and corrections."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.access.decorators import View
from accounts.web.api.callers import Credential
from accounts.web.api.errors import api_error
from accounts.web.api.routes import program_route
from keys.limits import USAGE, count_refusal, enforce_limit
from keys.verification.api import UNKNOWN_CALLER, read_bearer_token
from keys.verification.verdicts import find_service_credential
from usage.amounts import QUANTITY_DIGITS, format_decimal
from usage.enums import Outcome
from usage.ingest.events import CorrectionList, EventList, InvalidBody
from usage.ingest.payloads import BatchResult
from usage.ingest.reading import CORRECTIONS, EVENTS, BodyReader
from usage.ingest.results import IngestResult
from usage.ingest.services.corrections import record_corrections
from usage.ingest.services.recording import record_usage
from usage.ledger.lookup import format_utc
from usage.ledger.sources import fetch_public_ids, get_credential_source
from usage.models import UsageSource

Store = Callable[[UsageSource, Any], list[IngestResult]]
PRICED_AS_DEFAULT = {"priced_as": "default"}
LARGEST_BODY = 1_048_576  # bytes, before and after gzip
GZIP = 16 + zlib.MAX_WBITS
COUNTED_OUTCOMES = {
    "accepted": (Outcome.ACCEPTED,),
    "duplicate": (Outcome.DUPLICATE,),
    "rejected": (Outcome.REJECTED, Outcome.CONFLICT),
}


def batch_route(summary: str, body: Any) -> Callable[[View], View]:
    """Declares a route to which programs with a service credential post records."""
    return program_route(
        "POST",
        summary,
        tag="Usage",
        credentials=(Credential.SERVICE_CREDENTIAL,),
        body=body,
        answer=BatchResult,
        errors=(401, 415, 422),
        limited=True,
    )


@batch_route("Post usage", EventList)
def events(request: HttpRequest) -> HttpResponseBase:
    """Stores up to 1,000 events, of up to 1 MB before and after gzip. Rejected events do not affect the
    others: the results are in the order of the events.
    """
    return handle_post(
        request, EVENTS, lambda source, records: record_usage(source=source, events=records)
    )


@batch_route("Correct usage", CorrectionList)
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Voids events that the same credential posted, or sets their quantities. Rejected corrections do not
    affect the others: the results are in the order of the corrections.
    """
    return handle_post(
        request,
        CORRECTIONS,
        lambda source, records: record_corrections(source=source, corrections=records),
    )


def handle_post(request: HttpRequest, reader: BodyReader[Any], store: Store) -> HttpResponseBase:
    """Stores the records of the body. Answers 401 without a valid service credential."""
    credential = read_bearer_token(request)
    caller = find_service_credential(credential)
    if caller is None:
        code = "invalid_credential" if credential else None
        return count_refusal(request, api_error(401, UNKNOWN_CALLER, code=code))
    return enforce_limit(
        USAGE, f"credential:{caller}", lambda: store_body(request, caller, reader, store)
    )


def store_body(
    request: HttpRequest, caller: int, reader: BodyReader[Any], store: Store
) -> HttpResponseBase:
    try:
        records = reader.parse(read_body(request))
    except InvalidBody as error:
        return api_error(error.status, str(error), param=error.param)
    results = store(get_credential_source(caller), records)
    outcomes = [result.outcome for result in results]
    counts = {
        name: sum(outcomes.count(outcome) for outcome in counted)
        for name, counted in COUNTED_OUTCOMES.items()
    }
    payload = msgspec.json.encode({**counts, "results": format_results(results)})
    return HttpResponse(payload, content_type="application/json")


def read_body(request: HttpRequest) -> bytes:
    """Returns the decompressed body.

    Raises InvalidBody if it is not JSON, has an encoding other than gzip, or is too large.
    """
    if request.content_type != "application/json":
        raise InvalidBody(415, "Send JSON with Content-Type: application/json.")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise InvalidBody(415, "Send the body uncompressed, or with Content-Encoding: gzip.")
    body = request.body
    if encoding == "gzip":
        body = decompress(body)
    if len(body) > LARGEST_BODY:
        raise InvalidBody(
            413, f"Send at most {LARGEST_BODY:,} bytes, before and after compression."
        )
    return body


def decompress(body: bytes) -> bytes:
    """Returns the content of a gzip body, of which it reads at most one byte more than is allowed."""
    stream = zlib.decompressobj(GZIP)
    try:
        content = stream.decompress(body, LARGEST_BODY + 1)
    except zlib.error as error:
        raise InvalidBody(400, "The body is not gzip.") from error
    if len(content) <= LARGEST_BODY and (not stream.eof or stream.unused_data):
        raise InvalidBody(400, "The body is not one whole gzip stream.")
    return content


def format_results(results: Sequence[IngestResult]) -> list[dict[str, Any]]:
    """Returns the results of single records as the API has them, with public ids."""
    billed = {(result.billed.project, result.billed.reason) for result in results if result.billed}
    public_ids = fetch_public_ids({project for project, _ in billed})
    formatted = {
        (project, reason): {**public_ids[project], "reason": reason.label}
        for project, reason in billed
    }
    return [
        {
            "id": result.id,
            "status": result.outcome,
            **(
                formatted[result.billed.project, result.billed.reason]
                if result.billed
                else format_rejection(result)
            ),
            **(PRICED_AS_DEFAULT if result.is_default_priced else {}),
        }
        for result in results
    ]


def format_rejection(result: IngestResult) -> dict[str, Any]:
    assert result.rejection
    payload: dict[str, Any] = result.rejection._asdict()
    if stored := result.stored:
        payload["stored"] = {
            "id": result.id,
            "time": format_utc(stored.time),
            "quantity": format_decimal(stored.quantity, QUANTITY_DIGITS),
            "recorded_at": format_utc(stored.recorded_at) if stored.recorded_at else None,
        }
    return payload
