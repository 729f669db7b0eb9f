"""What metering pipes send and are answered equals the structs of the document, although read by hand."""

import json
import re
from typing import Any

import msgspec
import pytest

from accounts.web.api.schemas import find_schema
from tests.usage.helpers.event_client import CORRECTIONS, event, post
from tests.world import World
from usage.ingest.events import (
    LARGEST_BATCH,
    CorrectionList,
    EventList,
    InvalidRecord,
    is_valid_id,
)
from usage.ingest.payloads import (
    AcceptedRecord,
    BatchResult,
    ConflictingRecord,
    DuplicateRecord,
    RejectedRecord,
)
from usage.ingest.reading import CORRECTIONS as READER_OF_CORRECTIONS
from usage.ingest.reading import EVENTS

EVENT = {
    "id": "e",
    "time": "2026-11-23T08:15:30Z",
    "product": "p",
    "line_item": "l",
    "quantity": "1",
    "unit": "u",
}
GOOD: list[dict[str, Any]] = [
    EVENT,
    EVENT | {"quantity": 7, "api_key_id": None, "attributes": {"a": "b"}},
    EVENT | {"dimensions": {"model": "m"}, "user_id": "u", "organization_id": "o"},
]
BAD: list[Any] = [
    EVENT | {"quantity": 1.5},
    EVENT | {"time": "2026-11-23"},
    EVENT | {"price": "1"},
    {"id": "e"},
    None,
]
VOID = {"id": "v", "event_id": "e", "kind": "void", "reason": "r"}


def test_the_reader_takes_what_the_struct_takes() -> None:
    body = json.dumps({"events": GOOD}).encode()
    assert EVENTS.parse(body) == msgspec.json.decode(body, type=EventList).events
    body = json.dumps({"corrections": [VOID, VOID | {"kind": "adjust", "quantity": "2"}]}).encode()
    corrections = msgspec.json.decode(body, type=CorrectionList).corrections
    assert READER_OF_CORRECTIONS.parse(body) == corrections


@pytest.mark.parametrize("bad", BAD)
def test_the_reader_refuses_the_record_that_the_struct_refuses(bad: Any) -> None:
    body = json.dumps({"events": [bad, EVENT]}).encode()
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=EventList)
    refusal, record = EVENTS.parse(body)
    assert isinstance(refusal, InvalidRecord)
    assert [record] == EVENTS.parse(json.dumps({"events": [EVENT]}).encode())


@pytest.mark.parametrize("text", ["a", "!~", "req-81f2:output", "a b", "é", "a\n", "\x7f", " "])
def test_an_id_that_is_checked_by_hand_is_one_that_the_document_describes(text: str) -> None:
    pattern = find_schema(EventList, "events[0].id")["pattern"]
    assert is_valid_id(text) == bool(re.fullmatch(pattern.rstrip("$"), text))


def test_the_size_of_a_batch_that_is_checked_by_hand_is_the_documented_one() -> None:
    for kind, name in ((EventList, "events"), (CorrectionList, "corrections")):
        schema = find_schema(kind, name)
        assert (schema["minItems"], schema["maxItems"]) == (1, LARGEST_BATCH)


@pytest.mark.django_db
def test_every_kind_of_result_is_answered_as_its_struct_says(world: World, secret: str) -> None:
    first = event(world)
    events = [first, event(world, id="other"), event(world, id="\n"), event(world, quantity="7"), 7]
    kinds: set[type] = set()
    for sent in ([first], events):
        answer = post(secret, {"events": sent})
        result = msgspec.json.decode(answer.content, type=BatchResult)
        assert msgspec.to_builtins(result) == answer.json()
        kinds |= {type(record) for record in result.results}
    assert kinds == {AcceptedRecord, DuplicateRecord, ConflictingRecord, RejectedRecord}


@pytest.mark.django_db
def test_corrections_are_answered_as_their_struct_says(world: World, secret: str) -> None:
    post(secret, {"events": [event(world)]})
    void = VOID | {"event_id": "req-1:output"}
    sent = [void, void, void | {"id": "again"}, void | {"id": "x", "event_id": "none"}]
    answer = post(secret, {"corrections": sent}, CORRECTIONS)
    result = msgspec.json.decode(answer.content, type=BatchResult)
    assert msgspec.to_builtins(result) == answer.json()
    assert {type(record) for record in result.results} >= {AcceptedRecord, ConflictingRecord}
