"""Corrections take events back to exactly nothing, or say their right quantity."""

from typing import Any

import pytest
from django.db.models import Sum

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from tests.support.clock import DAY
from tests.usage.helpers.event_client import corrected, event, pipe, results
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.world import World, issued
from usage.enums import RecordKind
from usage.models import DailyTotal, Price, UsageRecord

pytestmark = pytest.mark.django_db


def void(**given: Any) -> dict[str, Any]:
    fields = {
        "id": "v-1",
        "event_id": "req-1:output",
        "kind": "void",
        "reason": "Never ran.",
        **given,
    }
    return {name: value for name, value in fields.items() if value is not None}


def adjust(quantity: Any, **given: Any) -> dict[str, Any]:
    return void(
        **{"id": "a-1", "kind": "adjust", "quantity": quantity, "reason": "Miscounted.", **given}
    )


def comes_to() -> tuple[int, int, int]:
    sums = UsageRecord.objects.aggregate(
        q=Sum("quantity"), c=Sum("cost"), r=Sum("series__requests")
    )
    assert_totals_are_the_records()
    return int(sums["q"]), int(sums["c"]), int(sums["r"])


def test_a_void_cancels_to_exactly_nothing_at_the_time_of_the_original(
    world: World, secret: str
) -> None:
    hours = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    results(secret, event(world, quantity="1234.567891", **hours))
    (result,) = corrected(secret, void())
    assert result == {
        "id": "v-1",
        "status": "accepted",
        "project_id": world.default.public_id,
        "organization_id": world.organization.public_id,
        "reason": "product_not_multi_project",
    }
    assert comes_to() == (0, 0, 0)
    original, correction = UsageRecord.objects.order_by("pk")
    assert (correction.series.kind, correction.original_id) == (RecordKind.VOID, original.pk)
    assert (correction.time, correction.note) == (original.time, "Never ran.")


def test_an_adjustment_makes_it_come_to_the_right_quantity_at_the_price_of_then(
    world: World, secret: str
) -> None:
    results(secret, event(world, dimensions=None))
    first = UsageRecord.objects.get()
    Price.objects.create(
        line_item=first.series.line_item, unit_price=1, starts_on=(first.time - DAY).date()
    )
    corrected(secret, adjust("1501.0"))
    assert comes_to() == (1_501_000_000, 13_208_800, 1)  # 1501 × 880,000 × 10⁻¹² USD
    corrected(secret, adjust(20, id="a-2"))
    assert comes_to() == (20_000_000, 176_000, 1)
    corrected(secret, void())
    assert comes_to() == (0, 0, 0)


def test_an_adjustment_is_whole_where_units_are(world: World, secret: str) -> None:
    hours = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    results(secret, event(world, id="tokens"), event(world, id="hours", quantity="1.5", **hours))
    found = corrected(
        secret,
        adjust("2.5", event_id="tokens"),
        adjust("2.5", event_id="hours"),
        adjust("3.00", id="a-2", event_id="tokens"),
        adjust("0.5e1", id="a-3", event_id="tokens"),
        {**adjust("0", id="a-4", event_id="tokens"), "quantity": 7.0},
    )
    assert [(one["status"], one.get("code"), one.get("param")) for one in found] == [
        ("rejected", "invalid", "quantity"),
        *[("accepted", None, None)] * 4,
    ]
    assert comes_to()[0] == 9_500_000
    assert (
        found[0]["message"] == "quantity: it is not a whole number, and a token can't be divided."
    )


def test_a_second_void_is_a_conflict_and_so_is_an_adjustment_after_it(
    world: World, secret: str
) -> None:
    results(secret, event(world))
    found = corrected(secret, void(), void(id="v-2"), adjust("1"))
    assert [one["status"] for one in found] == ["accepted", "conflict", "conflict"]
    later = corrected(secret, void(id="v-3"))
    assert (later[0]["status"], later[0]["code"]) == ("conflict", "already_void")
    assert "stored" not in later[0]  # nothing is, under the id of this void
    assert UsageRecord.objects.count() == 2


def test_a_retry_is_a_duplicate_also_after_the_void(world: World, secret: str) -> None:
    sent = event(world)
    results(secret, sent)
    corrected(secret, adjust("5"))
    corrected(secret, void())
    again = corrected(secret, adjust("5"), void(), adjust("6"))
    assert [one["status"] for one in again] == ["duplicate", "duplicate", "conflict"]
    assert results(secret, sent)[0]["status"] == "duplicate"
    assert comes_to() == (0, 0, 0)


def test_one_pipe_cannot_correct_what_another_posted(world: World, secret: str) -> None:
    results(secret, event(world))
    (result,) = corrected(pipe(world, "another"), void())
    assert (result["status"], result["code"]) == ("rejected", "not_found")
    assert UsageRecord.objects.count() == 1


def test_an_event_id_of_two_organizations_needs_the_organization(world: World, secret: str) -> None:
    results(secret, event(world), event(world, api_key_id=world.other_key.public_id))
    (result,) = corrected(secret, void())
    assert (result["code"], result["param"]) == ("ambiguous", "organization_id")
    (result,) = corrected(secret, void(organization_id=world.other_organization.public_id))
    assert result["project_id"] == world.other_project.public_id
    (result,) = corrected(secret, void(id="v-2", organization_id="org_00000000000000000000"))
    assert result["code"] == "not_found"
    (left,) = DailyTotal.objects.exclude(cost=0)
    assert left.organization == world.organization


def test_usage_of_a_key_revoked_since_is_recorded_and_corrected(world: World, secret: str) -> None:
    key = issued(world.research, world.owner, "short-lived").key
    revoke_key(actor=Actor.of_user(world.owner), key=key)
    assert results(secret, event(world, api_key_id=key.public_id))[0]["status"] == "accepted"
    assert corrected(secret, void())[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        (void(event_id="other"), "not_found", "event_id"),
        (void(event_id=""), "invalid", "event_id"),
        (void(event_id=None), "missing", "event_id"),
        (void(id=None), "missing", "id"),
        (void(id="a b"), "invalid", "id"),
        (void(kind="undo"), "invalid", "kind"),
        (void(kind=None), "missing", "kind"),
        (void(reason=""), "invalid", "reason"),
        (void(reason=None), "missing", "reason"),
        (void(reason="x" * 201), "invalid", "reason"),
        (void(reason="a\0b"), "invalid", "reason"),
        (void(event_id="a\0b"), "invalid", "event_id"),
        (void(organization_id="\0"), "invalid", "organization_id"),
        (void(quantity="1"), "invalid", "quantity"),
        (adjust(None), "invalid", "quantity"),
        (adjust("-1"), "invalid", "quantity"),
        (adjust(1.5), "invalid", "quantity"),
        (adjust("9223372036854.775808"), "invalid", "quantity"),
        (void(cost="0"), "unknown", "cost"),
    ],
)
def test_a_wrong_correction_is_named_and_changes_nothing(
    world: World, secret: str, wrong: dict[str, Any], code: str, param: str
) -> None:
    results(secret, event(world))
    (result,) = corrected(secret, wrong)
    assert (result["status"], result["code"], result["param"]) == ("rejected", code, param)
    assert UsageRecord.objects.count() == 1
