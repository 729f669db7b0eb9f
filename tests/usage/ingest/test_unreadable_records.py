"""A record whose text nobody can read is rejected alone, with its field; the others are stored."""

import json
from typing import Any

import pytest

from tests.usage.helpers.event_client import CORRECTIONS, event, post, results
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
DEEP = b"[" * 5000 + b"]" * 5000
# Below and around what Python can decode, and how deep its functions can call each other.
DEPTHS = (300, 450, 990, 5000)
# What is put into a record, and the field that the rejection names.
MEMBERS: list[tuple[bytes, str | None]] = [
    (rb'"attributes": {"ua": "\ud83d"}', "attributes"),
    (rb'"attributes": {"\udc00": "ua"}', "attributes"),
    (rb'"attributes": {"ua": "\ud83d\ud83d"}', "attributes"),
    (rb'"attributes": {"ua": "\u0000"}', "attributes"),
    (rb'"attributes": {"u\u0000a": "x"}', "attributes"),
    (b'"attributes": {"ua": "\xff"}', "attributes"),
    (b'"attributes": {"ua": "a\x01b"}', "attributes"),
    (b'"attributes": {"ua": "a\nb"}', "attributes"),
    (rb'"attributes": {"ua": "\ud83d", "ua": 5}', None),
    (rb'"product": "\ud83d"', "product"),
    (rb'"user_id": "\ud83d"', "user_id"),
    (b'"user_id": "\xc3"', "user_id"),
    (rb'"dimensions": {"model": "\ud83d"}', "dimensions"),
    (rb'"unknown": "\ud83d"', None),
    (rb'"\ud83d": "unknown"', None),
    (b'"unknown": {"a": ["\xff"]}', None),
    (b'"unknown": ' + DEEP, None),
    (b'"attributes": ' + DEEP, None),
    (b'"id": ' + DEEP, None),
    (b'"attributes": {"a": "1", "a": "1"}', None),
    (b'"attributes": {"id": "1", "id": "1"}', None),
    (b'"quantity": 5, "quantity": 6', "quantity"),
    (rb'"quantity": 5, "qu\u0061ntity": 6', "quantity"),
    (b'"user_id": null, "user_id": null', "user_id"),
    (b'"attributes": {}, "attributes": {}', "attributes"),
    (b'"dimensions": {"model": "a", "model": "a"}', None),
]


def with_member(record: dict[str, Any], member: bytes) -> bytes:
    """The record as JSON, with that member in place of its own."""
    name = member.partition(b":")[0].strip(b'" ').decode("latin-1").replace("\\u0061", "a")
    kept = {key: value for key, value in record.items() if key != name}
    return json.dumps(kept).encode()[:-1] + b", " + member + b"}"


def send(secret: str, name: str, *records: bytes, address: str = "/v1/usage/events") -> Any:
    answer = post(secret, b'{"%s": [%s]}' % (name.encode(), b", ".join(records)), address)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


@pytest.mark.parametrize(("member", "field"), MEMBERS)
def test_an_unreadable_event_costs_only_itself(
    world: World, secret: str, member: bytes, field: str | None
) -> None:
    good = [json.dumps(event(world, id=name)).encode() for name in ("first", "last")]
    bad = with_member(event(world, id="bad"), member)
    found = send(secret, "events", good[0], bad, good[1])
    assert [one["status"] for one in found] == ["accepted", "rejected", "accepted"]
    assert (found[1]["code"], found[1]["param"]) == ("invalid", field)
    assert found[1]["message"]
    assert found[1]["id"] in ("bad", None)
    assert sorted(UsageRecord.objects.values_list("event_id", flat=True)) == ["first", "last"]


CORRECTION_MEMBERS: list[tuple[bytes, str | None]] = [
    (rb'"reason": "\ud83d"', "reason"),
    (b'"reason": "\xff"', "reason"),
    (rb'"id": "\ud83d"', "id"),
    (rb'"unknown": "\ud83d"', None),
    (b'"unknown": ' + DEEP, None),
    (b'"kind": "void", "kind": "void"', "kind"),
    (b'"quantity": null, "quantity": null', "quantity"),
]


@pytest.mark.parametrize(("member", "field"), CORRECTION_MEMBERS)
def test_an_unreadable_correction_costs_only_itself(
    world: World, secret: str, member: bytes, field: str | None
) -> None:
    results(secret, event(world))
    void = {"id": "v", "event_id": "req-1:output", "kind": "void", "reason": "Never ran."}
    records = with_member({**void, "id": "bad"}, member), json.dumps(void).encode()
    found = send(secret, "corrections", *records, address=CORRECTIONS)
    assert [one["status"] for one in found] == ["rejected", "accepted"]
    assert (found[0]["code"], found[0]["param"]) == ("invalid", field)


def test_pairs_of_surrogates_and_escapes_are_text(world: World, secret: str) -> None:
    texts = ["😀", "é", 'a "quoted" word', "back\\slash", "\\u0000", "\ufffd", "tab\t", "null"]
    sent = [event(world, id=f"e{n}", attributes={"ua": text}) for n, text in enumerate(texts)]
    sent += [event(world, id="null", user_id=None) | {"user_id": None, "attributes": {}}]
    assert {one["status"] for one in results(secret, *sent)} == {"accepted"}
    stored = UsageRecord.objects.exclude(attributes="").order_by("pk")
    assert {json.loads(record.attributes)["ua"] for record in stored} == set(texts)


def test_other_members_around_the_list_do_no_harm(world: World, secret: str) -> None:
    good, bad = (json.dumps(event(world, id=name)).encode() for name in ("good", "bad"))
    bad = bad[:-1] + rb', "attributes": {"a": "\ud83d"}}'
    body = b'{"sent": {"events": ["]"]}, "events" :\n[%s,%s ] , "by": ["events"]}' % (bad, good)
    found = post(secret, body).json()["results"]
    assert [one["status"] for one in found] == ["rejected", "accepted"]


def nest(depth: int, *, in_objects: bool) -> bytes:
    """The value of a member so deep, with a character that is not UTF-8 in the middle."""
    opening, closing = (b'{"a": ', b"}") if in_objects else (b"[", b"]")
    return b'"unknown": ' + opening * depth + b'"\xff"' + closing * depth


@pytest.mark.parametrize("in_objects", [False, True])
@pytest.mark.parametrize("depth", DEPTHS)
def test_an_event_of_any_depth_costs_only_itself(
    world: World, secret: str, depth: int, in_objects: bool
) -> None:
    bad = with_member(event(world, id="bad"), nest(depth, in_objects=in_objects))
    found = send(secret, "events", bad, json.dumps(event(world, id="good")).encode())
    assert [one["status"] for one in found] == ["rejected", "accepted"]
    assert (found[0]["code"], found[0]["param"]) == ("invalid", None)


@pytest.mark.parametrize("in_objects", [False, True])
@pytest.mark.parametrize("depth", DEPTHS)
def test_a_correction_of_any_depth_costs_only_itself(
    world: World, secret: str, depth: int, in_objects: bool
) -> None:
    results(secret, event(world))
    void = {"id": "v", "event_id": "req-1:output", "kind": "void", "reason": "Never ran."}
    bad = with_member({**void, "id": "bad"}, nest(depth, in_objects=in_objects))
    found = send(secret, "corrections", bad, json.dumps(void).encode(), address=CORRECTIONS)
    assert [one["status"] for one in found] == ["rejected", "accepted"]
    assert (found[0]["code"], found[0]["param"]) == ("invalid", None)
