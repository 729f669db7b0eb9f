"""What is wrong with a record is said for that record alone; nothing of it is stored."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.clock import DAY
from tests.usage.helpers.event_client import CORRECTIONS, event, post, results, rfc_3339
from tests.world import World
from usage.models import DailyTotal, HourlyTotal, ModelName, UsageRecord

pytestmark = pytest.mark.django_db
REQUIRED = ("id", "time", "product", "line_item", "quantity", "unit")
NO_RECORDS: list[Any] = [None, 1, "event", [], True]
# Field, value, and what the answer says: the code, and the field where it is not the same.
IDS: list[Any] = ["", "with blank", "é", "a\n", "x" * 129, 7, None, []]
TIMES: list[Any] = [
    *("", "yesterday", "2026-11-23", "2026-11-23T08:15:30", "2026-13-01T00:00:00Z"),
    *("2026-02-30T00:00:00Z", "2026-11-23T25:00:00Z", 1_700_000_000, 1.5, None),
]
QUANTITIES: list[Any] = [
    *(
        1.5,
        -1,
        "-1",
        "",
        "1e",
        "e3",
        "1e-3",
        "1.2345e3",
        "1e13",
        "1e+999",
        "-1e3",
        "1,5",
        "NaN",
        "Infinity",
        "0x10",
        " 1",
        "١٢",
        True,
        None,
    ),
    *("1.0000001", "9223372036854.775808", "9" * 41, 10**13, 2**63, 2**70, [], {}),
]
WRONG: list[tuple[str, Any, str, str | None]] = [
    *(("id", value, "invalid", None) for value in IDS),
    *(("time", value, "invalid", None) for value in TIMES),
    *(("quantity", value, "invalid", None) for value in QUANTITIES),
    *(("quantity", value, "invalid", None) for value in ("1.5", "0.000001", "1.234")),  # of a token
    ("product", "mainframes", "not_found", None),
    ("product", "", "invalid", None),
    ("product", 5, "invalid", None),
    ("product", "x" * 41, "invalid", None),
    ("line_item", "gpu_hours", "not_found", None),
    ("line_item", None, "invalid", None),
    ("unit", "tokens", "invalid", None),
    ("unit", 1, "invalid", None),
    ("api_key_id", "key_00000000000000000000", "not_found", None),
    ("api_key_id", "pk_with-a-secret", "not_found", None),
    ("api_key_id", "\0", "not_found", None),
    ("api_key_id", "", "invalid", None),
    ("api_key_id", None, "missing", None),
    ("api_key_id", 1, "invalid", None),
    ("dimensions", "llama", "invalid", None),
    ("dimensions", {"model": 1}, "invalid", "dimensions.model"),
    ("dimensions", {"model": "with blank"}, "invalid", "dimensions.model"),
    ("dimensions", {"model": "x" * 101}, "invalid", "dimensions.model"),
    ("dimensions", {"region": "eu"}, "unknown", "dimensions.region"),
    ("attributes", "text", "invalid", None),
    ("attributes", {"count": 1}, "invalid", None),
    ("attributes", {"": "x"}, "invalid", None),
    ("attributes", {"long": "x" * 201}, "invalid", None),
    ("attributes", {str(n): "x" for n in range(21)}, "invalid", None),
    ("price", "0", "unknown", None),
    ("tenant_id", "org_1", "unknown", None),
]


def nothing_stored() -> bool:
    return not any(table.objects.exists() for table in (UsageRecord, DailyTotal, HourlyTotal))


@pytest.mark.parametrize(("field", "value", "code", "param"), WRONG)
def test_a_wrong_value_is_named_and_the_others_of_its_batch_are_stored(
    world: World, secret: str, field: str, value: Any, code: str, param: str | None
) -> None:
    wrong = {**event(world, id="wrong"), field: value}
    (result,) = results(secret, wrong)
    assert (result["status"], result["code"], result["param"]) == ("rejected", code, param or field)
    assert result["message"].startswith(param or field) or code in {"not_found", "missing"}
    assert nothing_stored()
    found = results(secret, wrong, event(world))
    assert [one["status"] for one in found] == ["rejected", "accepted"]


@pytest.mark.parametrize("field", REQUIRED)
def test_a_missing_field_is_named(world: World, secret: str, field: str) -> None:
    (result,) = results(secret, event(world, **{field: None}))
    assert (result["code"], result["param"]) == ("missing", field)
    assert result["message"] == f"{field} is missing."
    assert nothing_stored()


@pytest.mark.parametrize("wrong", NO_RECORDS)
def test_what_is_no_record_is_rejected(world: World, secret: str, wrong: Any) -> None:
    found = results(secret, wrong, event(world))
    assert [one["status"] for one in found] == ["rejected", "accepted"]
    assert found[0]["id"] is None


def test_times_are_taken_from_35_days_ago_to_5_minutes_ahead(world: World, secret: str) -> None:
    now = timezone.now()
    minute = DAY / (24 * 60)
    times = [now - 35 * DAY - minute, now - 35 * DAY + minute, now + 4 * minute, now + 6 * minute]
    sent = [event(world, id=f"at-{n}", time=rfc_3339(time)) for n, time in enumerate(times)]
    found = results(secret, *sent)
    assert [one.get("code") for one in found] == ["too_late", None, None, "too_early"]


# JSON, but beyond every number there is.
POISON = ['"quantity": 1e999', f'"quantity": {"9" * 5_000}', '"id": "a", "unknown": -1e999']


@pytest.mark.parametrize("field", POISON)
def test_a_record_that_no_one_can_read_costs_only_itself(
    world: World, secret: str, field: str
) -> None:
    body = f'{{"events": [{{{field}}}, {json.dumps(event(world))}]}}'
    answer = post(secret, body.encode()).json()
    assert [one["status"] for one in answer["results"]] == ["rejected", "accepted"]
    assert answer["results"][0]["message"]


@pytest.mark.parametrize(
    ("time", "code"),
    [("0001-01-01T00:00:00+14:00", "no_price"), ("9999-12-31T23:59:59-14:00", "too_early")],
)
def test_a_time_that_utc_has_not_costs_only_its_record(
    world: World, secret: str, time: str, code: str
) -> None:
    found = results(secret, event(world, id="when", time=time), event(world))
    assert [one.get("code") for one in found] == [code, None]


def test_refused_events_leave_no_names_of_models(world: World, secret: str) -> None:
    model = {"model": "never-used"}
    sent = event(world, product="tea", dimensions=model), event(world, api_key_id="key_no", id="b")
    assert {one["status"] for one in results(secret, *sent)} == {"rejected"}
    assert not ModelName.objects.filter(name="never-used").exists()


def test_an_ids_text_is_free_but_the_body_must_be_json(world: World, secret: str) -> None:
    (result,) = results(secret, event(world, id="!a:b/c\\d'e\"f{g}~%s"))
    assert result["status"] == "accepted"
    assert UsageRecord.objects.get().event_id == "!a:b/c\\d'e\"f{g}~%s"


BODIES: list[tuple[bytes, dict[str, Any], int]] = [
    (b" ", {}, 400),
    (b"{", {}, 400),
    (b"\xff\xfe", {}, 400),
    (b'{"events": [{"id": "a"} x]}', {}, 400),
    (b'{"events": [{"id": "a"},]}', {}, 400),
    (b'{"events": [{"id": "a"}], "events": [{"id": "a"}]}', {}, 400),
    (b'{"events": [{"id": NaN}]}', {}, 400),
    (b'{"events": [{"id": "a"}], "more": "\xff"}', {}, 400),
    (b'{"more": "events", "other": [{"id": "a"}]}', {}, 422),
    (b'{"events": [{"id": "' + b'\\"' * 500_000, {}, 400),
    (b"null", {}, 422),
    (b"[]", {}, 422),
    (b"{}", {}, 422),
    (b'{"events": []}', {}, 422),
    (b'{"events": null}', {}, 422),
    (b'{"events": {"id": "a"}}', {}, 422),
    (b'{"events": "a"}', {}, 422),
    (b"[" * 100_000, {}, 422),
    (b'{"events": [' + b"[" * 100_000, {}, 400),
    (b'{"events": [1' + b",1" * 1000 + b"]}", {}, 413),
    (b'{"events": ["' + b"x" * 1_048_576 + b'"]}', {}, 413),
    (b"not gzip", {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b'{"events": []}', mtime=0)[:-4], {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b'{"events": []}', mtime=0) + b"more", {"Content-Encoding": "gzip"}, 400),
    (gzip.compress(b" " * 50_000_000, mtime=0), {"Content-Encoding": "gzip"}, 413),
    (b"{}", {"Content-Encoding": "br"}, 415),
    (b"events=1", {"content_type": "application/x-www-form-urlencoded"}, 415),
    (b"{}", {"content_type": "text/plain"}, 415),
]


@pytest.mark.parametrize(("body", "headers", "status"), BODIES)
@pytest.mark.parametrize("address", ["/v1/usage/events", CORRECTIONS])
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(
    secret: str, body: bytes, headers: dict[str, Any], status: int, address: str
) -> None:
    name = b'"corrections"' if address == CORRECTIONS else b'"events"'
    answer = post(secret, body.replace(b'"events"', name), address, **headers)
    assert answer.status_code == status, answer.content
    assert answer.json()["error"]["message"]
    assert nothing_stored()


class Gone:
    """A sender that went away before its body was here."""

    def read(self, *size: int) -> bytes:
        raise OSError

    readline = read


def test_a_body_that_breaks_off_is_no_defect(secret: str) -> None:
    headers, broken = {"Authorization": f"Bearer {secret}"}, {"wsgi.input": Gone()}
    answer = Client().post(
        "/v1/usage/events", b"{}", content_type="application/json", headers=headers, **broken
    )
    assert answer.status_code == 400


def test_gzip_is_read(world: World, secret: str) -> None:
    packed = gzip.compress(json.dumps({"events": [event(world)]}).encode())
    answer = post(secret, packed, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


@pytest.mark.parametrize("address", ["/v1/usage/events", CORRECTIONS])
def test_only_a_service_credential_may_post(world: World, secret: str, address: str) -> None:
    for bad in ("", world.key_secret, secret[:-1] + ("a" if secret[-1] != "a" else "b"), "x"):
        answer = post(bad, {"events": [event(world)]}, address)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert nothing_stored()
