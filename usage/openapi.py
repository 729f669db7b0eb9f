"""What the API says of usage and bills, for the OpenAPI document; records are their own structs."""

from typing import Any

import msgspec

from accounts.web.openapi import (
    CURSOR,
    ID,
    TIME,
    Answer,
    Body,
    Description,
    Operation,
    Parameter,
    Schema,
    each,
    nullable,
    obj,
    ref,
    text,
    whole,
)
from usage.enums import Granularity, Outcome, Reason
from usage.ingest.events import LARGEST_BATCH, CorrectionList, EventList

ORGANIZATION_ID = text(pattern=ID.format("org"))
DECIMAL = text("A decimal.", pattern=r"^-?[0-9]+(\.[0-9]+)?$")
BATCH = {"minItems": 1, "maxItems": LARGEST_BATCH}
FAMILY = "Refused records of a batch keep no others out: each is answered for, in order."


def in_json_schema(found: Any) -> Any:
    r"""msgspec's patterns are Python's, whose `\Z` is `$` there, and its descriptions our docstrings."""
    if isinstance(found, dict):
        return {name: in_json_schema(value) for name, value in found.items()}
    if isinstance(found, list):
        return [in_json_schema(value) for value in found]
    return " ".join(found.replace(r"\Z", "$").split()) if isinstance(found, str) else found


def struct_schemas() -> dict[str, Schema]:
    _, found = msgspec.json.schema_components(
        [EventList, CorrectionList], ref_template="#/components/schemas/{name}"
    )
    schemas: dict[str, Schema] = in_json_schema(found)
    schemas["Event"]["properties"]["id"] |= {
        "description": "One of your own, printable ASCII without blanks: a retry with it is a duplicate.",
        "pattern": "^[!-~]+$",
    }
    for name in ("Event", "Correction"):
        schemas[name]["properties"]["quantity"]["description"] = "A decimal as text; never a float."
    schemas["EventList"]["properties"]["events"] |= BATCH
    schemas["CorrectionList"]["properties"]["corrections"] |= BATCH
    return schemas


STORED = obj({"id": text(), "time": TIME, "quantity": DECIMAL, "recorded_at": nullable(TIME)})
LANDED = obj(
    {
        "id": text(),
        "status": text(enum=[Outcome.ACCEPTED.value, Outcome.DUPLICATE.value]),
        "project_id": text(pattern=ID.format("proj")),
        "organization_id": ORGANIZATION_ID,
        "reason": text("Why it is billed there.", enum=[str(one.label) for one in Reason]),
    },
    about="The record is there: now, or since it was first posted.",
)
REFUSED = obj(
    {
        "id": nullable(text()),
        "status": text(enum=[Outcome.REJECTED.value, Outcome.CONFLICT.value]),
        "code": text("What is wrong, for the program."),
        "param": nullable(text("The field that is wrong.")),
        "message": text("What is wrong, for a person."),
        "stored": ref("StoredRecord"),
    },
    optional=("stored",),
    about="The record was not taken. `stored` is what has its id already.",
)
LINE_ITEM = obj(
    {
        "product_name": text(),
        "quantity": DECIMAL,
        "unit_price": DECIMAL,
        "cost": DECIMAL,
        "pricing_dimensions": {"type": "object", "additionalProperties": text()},
        "attributes": {"type": "object", "additionalProperties": text()},
    }
)
WINDOW = obj(
    {
        "date": text(format="date"),
        "start_time": TIME,
        "end_time": TIME,
        "line_items": each(ref("LineItem")),
    }
)
MONTH = r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$"
BILL = obj(
    {
        "object": {"const": "list"},
        "organization_id": ORGANIZATION_ID,
        "billing_period": text(pattern=MONTH),
        "currency": {"const": "USD"},
        "earliest_window_start": nullable(TIME),
        "latest_window_end": nullable(TIME),
        "data": each(ref("BilledWindow")),
        "next_cursor": CURSOR,
    },
    about="Times are UTC, ends exclusive; earliest and latest are of the whole month.",
)
POSTED = obj(
    {
        "accepted": whole("How many are new.", 0),
        "duplicate": whole("How many were there already, the same.", 0),
        "rejected": whole("How many were not taken, conflicts among them.", 0),
        "results": each(
            {"oneOf": [ref("LandedRecord"), ref("RefusedRecord")]}, "In the order sent."
        ),
    }
)
SCHEMAS = {
    **struct_schemas(),
    "StoredRecord": STORED,
    "LandedRecord": LANDED,
    "RefusedRecord": REFUSED,
    "PostedRecords": POSTED,
    "LineItem": LINE_ITEM,
    "BilledWindow": WINDOW,
    "Bill": BILL,
}
TAKEN = {
    "accepted": 1,
    "duplicate": 0,
    "rejected": 0,
    "results": [
        {
            "id": "req-81f2:output",
            "status": "accepted",
            "project_id": "proj_cXkeYTh7DfxpsGrk6nra",
            "organization_id": "org_CcS5SPcryXjwIvhUhblU",
            "reason": "key_project",
        }
    ],
}
EVENT = {
    "id": "req-81f2:output",
    "time": "2026-11-23T08:15:30.123456Z",
    "product": "serverless-inference",
    "line_item": "output_tokens",
    "quantity": "128",
    "unit": "token",
    "api_key_id": "key_vnC7r4WnjSde9KMrZBXu",
    "dimensions": {"model": "llama-3.3-70b"},
}
CORRECTION = {"id": "fix-1", "event_id": "req-81f2:output", "kind": "void", "reason": "Never ran."}

EVENTS = Operation(
    route="api_usage_events",
    method="post",
    group="Usage",
    title="Post usage",
    text=f"Up to 1,000 events and 1 MB, also packed with gzip. {FAMILY}",
    credentials=("serviceCredential",),
    body=Body(ref("EventList"), {"events": [EVENT]}, packed=True),
    answer=Answer("What became of each.", ref("PostedRecords"), TAKEN),
    errors=(401, 415, 422),
    limited=True,
)
CORRECTIONS = Operation(
    route="api_usage_corrections",
    method="post",
    group="Usage",
    title="Correct usage",
    text=f"Takes events back or says their right quantity. {FAMILY}",
    credentials=("serviceCredential",),
    body=Body(ref("CorrectionList"), {"corrections": [CORRECTION]}, packed=True),
    answer=Answer("What became of each.", ref("PostedRecords"), TAKEN),
    errors=(401, 415, 422),
    limited=True,
)
BILLING = Operation(
    route="api_billing_usage",
    method="get",
    group="Usage",
    title="Read the bill",
    text="The finished windows with usage of a month. A project's credential reads its own project, an "
    "Owner's or Admin's login all of the organization.",
    credentials=("apiKey", "terminal", "personalToken"),
    parameters=(
        Parameter("month", "The present one when absent.", text(pattern=MONTH)),
        Parameter("granularity", "", text(enum=list(Granularity.values), default="day")),
        Parameter("limit", "How many windows a page has.", whole("", 1, 1000, default=100)),
        Parameter("after", "The `next_cursor` of the page before.", text(minLength=1)),
        Parameter("organization_id", "For a login: which of its organizations.", ORGANIZATION_ID),
    ),
    answer=Answer("One page of the bill.", ref("Bill")),
    errors=(401, 403, 422),
    limited=True,
)
DESCRIPTION = Description((BILLING, EVENTS, CORRECTIONS), SCHEMAS)
