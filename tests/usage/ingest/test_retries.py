"""A retry meets what is stored: also twice in a batch, and whatever has changed since the first try."""

import datetime as dt

import pytest

from accounts.actors import Actor
from accounts.members.services import remove_member
from tests.support.clock import set_clock
from tests.usage.helpers.event_client import event, of_user, pipe, results
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
LARGE = "9000000000000"  # two of them do not fit into a total


def statuses(secret: str, *events: dict[str, object]) -> list[str]:
    return [one["status"] for one in results(secret, *events)]


def test_what_a_batch_has_twice_meets_what_is_stored_and_not_its_twin(
    world: World, secret: str
) -> None:
    stored = event(world)
    other = {**stored, "quantity": "5"}
    results(secret, stored)
    assert statuses(secret, other, other, stored) == ["conflict", "conflict", "duplicate"]
    assert UsageRecord.objects.count() == 1


def test_the_twin_of_what_does_not_fit_is_not_said_to_be_stored(world: World, secret: str) -> None:
    results(secret, event(world, id="first", quantity=LARGE))
    twin = event(world, id="second", quantity=LARGE)
    found = results(secret, twin, twin, event(world, id="third"))
    assert [one["status"] for one in found] == ["rejected", "rejected", "accepted"]
    assert found[0] == found[1]
    assert_totals_are_the_records()


def test_a_session_is_counted_once_when_its_persons_home_changed_before_the_retry(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = of_user(world, user_id=world.project_member.public_id)
    (first,) = results(secret, sent)
    assert first.pop("priced_as") == "default"  # said when it is priced, once
    leaving = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=leaving)
    assert results(secret, sent) == [{**first, "status": "duplicate"}]
    set_clock(monkeypatch, UsageRecord.objects.get().time + dt.timedelta(days=40))
    assert results(secret, sent, sent) == [{**first, "status": "duplicate"}] * 2
    assert UsageRecord.objects.count() == 1
    # What they do from then on is their new home's, and another pipe's ids are its own.
    later = results(secret, of_user(world, user_id=world.project_member.public_id, id="later"))
    assert later[0]["organization_id"] != first["organization_id"]
    assert statuses(pipe(world, "another"), {**sent, "time": later_time(world)}) == ["accepted"]


def later_time(world: World) -> str:
    return str(event(world)["time"])
