"""What metering pipes post: usage events and their corrections."""

import zlib
from collections.abc import Callable, Iterable
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
from keys.verification.verdicts import caller_of
from usage.amounts import QUANTITY_DIGITS, text_of
from usage.enums import Outcome
from usage.ingest.events import (
    CORRECTIONS,
    EVENTS,
    CorrectionList,
    EventList,
    Reader,
    Unreadable,
)
from usage.ingest.payloads import BatchResult
from usage.ingest.services.corrections import record_corrections
from usage.ingest.services.recording import Result, record_usage
from usage.ledger.lookup import Landed, moment
from usage.ledger.sources import public_places, source_of_credential
from usage.models import UsageSource

Store = Callable[[UsageSource, Any], list[Result]]
LARGEST_BODY = 1_048_576  # bytes, before and after gzip
GZIP = 16 + zlib.MAX_WBITS
COUNTED = {
    "accepted": (Outcome.ACCEPTED,),
    "duplicate": (Outcome.DUPLICATE,),
    "rejected": (Outcome.REJECTED, Outcome.CONFLICT),
}


def batch_route(summary: str, body: Any) -> Callable[[View], View]:
    """For programs with a service credential that post records."""
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
    """Up to 1,000 events and 1 MB, also packed with gzip. Refused records of a batch keep no others out:
    each is answered for, in order.
    """
    return answer_batch(
        request, EVENTS, lambda source, records: record_usage(source=source, events=records)
    )


@batch_route("Correct usage", CorrectionList)
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Takes events back or says their right quantity. Refused records of a batch keep no others out: each
    is answered for, in order.
    """
    return answer_batch(
        request,
        CORRECTIONS,
        lambda source, records: record_corrections(source=source, corrections=records),
    )


def answer_batch(request: HttpRequest, reader: Reader[Any], store: Store) -> HttpResponseBase:
    """Reads the body for callers with a service credential, and answers for what `store` made of it."""
    credential = read_bearer_token(request)
    caller = caller_of(credential)
    if caller is None:
        code = "invalid_credential" if credential else None
        return count_refusal(request, api_error(401, UNKNOWN_CALLER, code=code))
    return enforce_limit(
        USAGE, f"credential:{caller}", lambda: store_records(request, caller, reader, store)
    )


def store_records(
    request: HttpRequest, caller: int, reader: Reader[Any], store: Store
) -> HttpResponseBase:
    try:
        records = reader.read(read_body(request))
    except Unreadable as error:
        return api_error(error.status, str(error), param=error.param)
    results = store(source_of_credential(caller), records)
    counts = {
        name: sum(result.outcome in outcomes for result in results)
        for name, outcomes in COUNTED.items()
    }
    answer = msgspec.json.encode({**counts, "results": describe_results(results)})
    return HttpResponse(answer, content_type="application/json")


def read_body(request: HttpRequest) -> bytes:
    """Returns the unpacked body. Raises Unreadable if it is not JSON, packed in another way, or too large."""
    if request.content_type != "application/json":
        raise Unreadable(415, "Send JSON, as Content-Type: application/json.")
    packing = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip"):
        raise Unreadable(415, "Send the body as it is, or with Content-Encoding: gzip.")
    body = request.body
    if packing == "gzip":
        body = unpack_gzip(body)
    if len(body) > LARGEST_BODY:
        raise Unreadable(413, f"Send at most {LARGEST_BODY:,} bytes, also unpacked.")
    return body


def unpack_gzip(body: bytes) -> bytes:
    """Returns what gzip packed, at most one byte more than is allowed, however much there is."""
    stream = zlib.decompressobj(GZIP)
    try:
        content = stream.decompress(body, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Unreadable(400, "The body is not gzip.") from error
    if len(content) <= LARGEST_BODY and (not stream.eof or stream.unused_data):
        raise Unreadable(400, "The body is not one whole gzip stream.")
    return content


def describe_results(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Returns the answers for single records, with public ids."""
    results = list(results)
    locations = public_places({result.landed.project for result in results if result.landed})
    placements = {
        (project, reason): {**locations[project], "reason": reason.label}
        for project, reason in {
            Landed(result.landed.project, result.landed.reason)
            for result in results
            if result.landed
        }
    }
    return [
        {
            "id": result.id,
            "status": result.outcome,
            **(
                placements[result.landed.project, result.landed.reason]
                if result.landed
                else describe_refusal(result)
            ),
        }
        for result in results
    ]


def describe_refusal(result: Result) -> dict[str, Any]:
    assert result.refused
    refusal: dict[str, Any] = result.refused._asdict()
    if record := result.stored:
        refusal["stored"] = {
            "id": result.id,
            "time": moment(record.time),
            "quantity": text_of(record.quantity, QUANTITY_DIGITS),
            "recorded_at": moment(record.recorded_at) if record.recorded_at else None,
        }
    return refusal
