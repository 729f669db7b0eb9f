"""The same content is a duplicate however it is spelled; other content says in what it differs."""

import datetime as dt
import json
from typing import Any

import pytest

from tests.support.clock import set_clock
from tests.usage.helpers.event_client import corrected, event, of_user, post, results
from tests.world import World, issued
from usage.ingest.digests import digest_as_sent
from usage.ingest.services import recording
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
SPELLINGS: list[dict[str, Any]] = [
    {"quantity": 1000},
    {"quantity": "1000.0"},
    {"quantity": "01000.000000"},
    {"quantity": "1e3"},
    {"quantity": "0.1E+4"},
    {"quantity": 1000.0},
    {"time": "2026-11-23T09:15:30.5+01:00"},
    {"time": "2026-11-23T08:15:30.500000000Z"},
    {"time": "2026-11-22T20:15:30.500-12:00"},
    {"time": "2026-11-23T08:15:30.5+00:00", "quantity": 1000},
]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)


def sent_event(world: World, **given: Any) -> dict[str, Any]:
    return event(world, **{"time": "2026-11-23T08:15:30.5Z", "attributes": {"a": "b"}, **given})


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_is_a_duplicate(
    world: World, secret: str, spelling: dict[str, Any]
) -> None:
    results(secret, sent_event(world))
    (again,) = results(secret, sent_event(world, **spelling))
    assert again["status"] == "duplicate"
    first, twin = results(secret, *[sent_event(world, id="twin", **spelling)] * 2)
    assert (first["status"], twin["status"]) == ("accepted", "duplicate")
    (back,) = results(secret, sent_event(world, id="twin"))
    assert back["status"] == "duplicate"


def test_members_that_say_nothing_make_no_difference(world: World, secret: str) -> None:
    plain = event(world, dimensions=None)
    results(secret, plain)
    empty = {"user_id": None, "project_id": None, "attributes": {}, "dimensions": {"model": ""}}
    (again,) = results(secret, plain | empty)
    assert again["status"] == "duplicate"


@pytest.mark.parametrize("spelling", [{}, *SPELLINGS])
def test_what_an_older_version_stored_is_known_again(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch, spelling: dict[str, Any]
) -> None:
    """It kept spellings apart."""
    session = of_user(world, id="chat", user_id=world.owner.public_id, **spelling)
    with monkeypatch.context() as older:
        older.setattr(recording, "compute_digest", digest_as_sent)
        results(secret, sent_event(world, **spelling), session)
    sent = [sent_event(world, **spelling), sent_event(world), sent_event(world, quantity=1000)]
    assert [one["status"] for one in results(secret, *sent, session)] == ["duplicate"] * 4


DIFFERENT: list[tuple[dict[str, Any], str]] = [
    ({"quantity": "1001"}, "quantity"),
    ({"time": "2026-11-23T08:15:30.6Z"}, "time"),
    ({"line_item": "input_tokens"}, "line_item"),
    ({"dimensions": {"model": "deepseek-r1"}}, "dimensions.model"),
    ({"attributes": {"a": "c"}}, "attributes"),
    ({"attributes": None}, "attributes"),
    ({"quantity": "7", "time": "2026-11-24T08:15:30.5Z"}, "time, quantity"),
    ({"product": "playground"}, "product"),
]


@pytest.mark.parametrize(("change", "fields"), DIFFERENT)
def test_a_conflict_says_what_differs(
    world: World, secret: str, change: dict[str, Any], fields: str
) -> None:
    results(secret, sent_event(world))
    (conflict,) = results(secret, sent_event(world, **change))
    assert (conflict["status"], conflict["code"], conflict["param"]) == (
        "conflict",
        "conflict",
        "id",
    )
    assert conflict["message"].endswith(f"It differs in {fields}.")
    assert conflict["stored"]["quantity"] == "1000"


def test_another_key_or_person_is_other_content(world: World, secret: str) -> None:
    other = issued(world.research, world.owner, "other").key.public_id
    person = {"api_key_id": None, "user_id": world.owner.public_id}
    results(secret, sent_event(world))
    (by_key,) = results(secret, sent_event(world, api_key_id=other))
    assert by_key["message"].endswith("It differs in api_key_id.")
    (by_person,) = results(secret, sent_event(world, **person))
    assert by_person["message"].endswith("It differs in api_key_id, user_id, project_id.")


def test_corrections_are_compared_likewise(world: World, secret: str) -> None:
    results(secret, event(world), event(world, id="second"))
    fix = {
        "id": "fix",
        "event_id": "req-1:output",
        "kind": "adjust",
        "quantity": "5",
        "reason": "x",
    }
    statuses = [one["status"] for one in corrected(secret, fix, fix | {"quantity": 5})]
    assert statuses == ["accepted", "duplicate"]
    found = corrected(
        secret,
        fix | {"quantity": "5.0"},
        fix | {"quantity": "6"},
        fix | {"reason": "y"},
        fix | {"event_id": "second"},
        fix | {"kind": "void", "quantity": None},
    )
    assert [one["status"] for one in found] == ["duplicate", *["conflict"] * 4]
    assert [one["message"].rpartition(" in ")[2] for one in found[1:]] == [
        *("quantity.", "reason.", "event_id.", "kind.")
    ]
    twice = [fix | {"id": "new"}, fix | {"id": "new", "reason": "y"}]
    second = corrected(secret, *twice)[1]
    assert second["message"].endswith("It differs in reason.")


NANOSECONDS = [
    ("2026-11-30T11:59:59.9999996Z", "2026-11-30T11:59:59.999999+00:00"),
    ("2026-10-31T23:59:59.9999999Z", "2026-10-31T23:59:59.999999+00:00"),
    ("2026-10-31T23:59:59.999999999999Z", "2026-10-31T23:59:59.999999+00:00"),
    ("2026-11-01T00:59:59.9999996+01:00", "2026-10-31T23:59:59.999999+00:00"),
    ("2026-11-23 08:15:30.1234567Z", "2026-11-23T08:15:30.123456+00:00"),
    ("2026-11-23T08:15:30.123456Z", "2026-11-23T08:15:30.123456+00:00"),
    ("2026-11-23T08:15:30.1234560Z", "2026-11-23T08:15:30.123456+00:00"),
]


@pytest.mark.parametrize(("time", "stored"), NANOSECONDS)
@pytest.mark.parametrize("spoiled", [False, True])
def test_times_are_cut_and_never_rounded_up(
    world: World, secret: str, time: str, stored: str, *, spoiled: bool
) -> None:
    """Alone, and beside a record for which each has to be read by itself."""
    others = [event(world, id="now"), {"id": "spoiled"}] if spoiled else [event(world, id="now")]
    attributes = {"time": "0.9999999", "text": time}
    results(secret, event(world, time=time, attributes=attributes), *others)
    record = UsageRecord.objects.get(event_id="req-1:output")
    assert record.time.isoformat() == dt.datetime.fromisoformat(stored).isoformat()
    assert json.loads(record.attributes) == attributes


def test_an_escaped_time_is_cut_too(world: World, secret: str) -> None:
    body = json.dumps({"events": [event(world, time="2026-10-31T23:59:59.9999999Z")]})
    post(secret, body.replace("59.9", "59\\u002e9").encode())
    assert UsageRecord.objects.get().time.month == 10
