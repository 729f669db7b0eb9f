"""Support staff look at what would be moved, move it, and take that back, in Django admin."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import Action
from accounts.models import AuditEvent
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.admin_client import allowed
from tests.usage.helpers.event_client import results
from tests.usage.helpers.reattribution_setup import (
    begun,
    billed,
    flip,
    many,
    moved,
    of_external,
    of_key,
    recent,
)
from tests.world import World
from usage.models import Reattribution
from usage.reattribution.services.lifecycle import MAX_IMMEDIATE_EVENTS
from usage.tasks import move_usage

pytestmark = pytest.mark.django_db
COST = 1_370_000_000
LIST, MOVE = (reverse(f"admin:usage_reattribution_{page}") for page in ("changelist", "move"))


def asked(**given: Any) -> dict[str, Any]:
    first, last = recent()
    return {"product": "volumes", "first_day": first, "last_day": last, **given}


def page(move: Reattribution, act: str = "change") -> str:
    return reverse(f"admin:usage_reattribution_{act}", args=[move.pk])


def test_it_is_looked_at_moved_and_undone(world: World, secret: str) -> None:
    results(secret, of_key(world), of_key(world, id="second"), of_external(world, id="third"))
    flip(world)
    staff, home = signed_in(world.staff), world.external.home_organization
    assert home is not None
    assert MOVE in staff.get(LIST).content.decode()
    assert b"Preview" in staff.get(MOVE).content
    shown = words(staff.get(MOVE, asked()))
    own = f"{world.organization.slug} / {world.default.slug}"
    target = f"{world.organization.slug} / {world.research.slug}"
    assert f"{own} {target} 2 0.274" in shown
    assert f"{home.slug} / {home.projects.default().slug} {target} 1 0.137" in shown
    assert "Total 3 0.411" in shown
    assert billed(world.default, world.research) == [2 * COST, 0]
    answer = staff.post(MOVE, asked())
    move = Reattribution.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page(move))
    assert billed(world.default, world.research) == [0, 3 * COST]
    told = words(staff.get(page(move)))
    assert all(text in told for text in ("Applied", "3 of 3", "0.411", world.staff.email))
    again = staff.post(MOVE, asked())
    assert again.status_code == 409
    assert "There is nothing to move" in words(again)
    assert "There is nothing to move" in words(staff.get(MOVE, asked()))
    assert page(move, "undo") in staff.get(page(move)).content.decode()
    assert "go back to where they were first billed" in words(staff.get(page(move, "undo")))
    assert staff.post(page(move, "undo")).status_code == 302
    assert billed(world.default, world.research) == [2 * COST, 0]
    assert "3 of 3 moved back" in words(staff.get(page(move)))
    assert staff.post(page(move, "undo")).status_code == 409
    assert page(move, "undo") not in staff.get(page(move)).content.decode()


def test_a_form_sent_twice_moves_once(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    staff = signed_in(world.staff)
    answers = [staff.post(MOVE, asked()).status_code for _ in range(2)]
    assert answers == [302, 409]
    assert Reattribution.objects.count() == 1


def test_much_usage_is_moved_by_the_worker(world: World) -> None:
    many(world, MAX_IMMEDIATE_EVENTS + 1)
    flip(world)
    staff = signed_in(world.staff)
    assert staff.post(MOVE, asked()).status_code == 302
    move = Reattribution.objects.get()
    assert move.state == "applying"
    told = words(staff.get(page(move)))
    assert all(text in told for text in ("Being applied", f"0 of {MAX_IMMEDIATE_EVENTS + 1:,}"))
    move_usage.call(move.pk)
    move.refresh_from_db()
    assert (move.state, move.moved_records) == ("applied", MAX_IMMEDIATE_EVENTS + 1)
    assert billed(world.default, world.research) == [0, (MAX_IMMEDIATE_EVENTS + 1) * 1_370_000]


def test_one_that_has_stopped_is_resumed(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move, staff = begun(world), signed_in(world.staff)
    assert page(move, "resume") in staff.get(page(move)).content.decode()
    assert "continues where it stopped" in words(staff.get(page(move, "resume")))
    assert staff.post(page(move, "resume")).status_code == 302
    assert billed(world.default, world.research) == [0, COST]
    assert staff.post(page(move, "resume")).status_code == 409
    resumed = AuditEvent.objects.filter(act=Action.USAGE_MOVED, organization=None).latest("pk")
    assert (resumed.actor, resumed.after["resumed_after"]) == (world.staff, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("product", value) for value in ("", "files", "mainframes", "playground")),
        *(("first_day", value) for value in ("", "soon", "2026-02-30")),
        *(("last_day", value) for value in ("", "9999-12-31", "0001-01-01")),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(
    world: World, secret: str, field: str, value: str
) -> None:
    results(secret, of_key(world))
    flip(world)
    for method in ("get", "post"):
        answer = getattr(signed_in(world.staff), method)(MOVE, asked(**{field: value}))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Reattribution.objects.exists()


def test_a_day_that_is_to_come_is_refused(world: World) -> None:
    flip(world)
    answer = signed_in(world.staff).get(MOVE, asked(last_day=recent().end + DAY))
    assert list(answer.context["form"].errors) == ["last_day"]


def test_each_act_takes_its_own_permission(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move, viewer = begun(world), signed_in(allowed("view_reattribution", "add_product"))
    assert viewer.get(page(move)).status_code == 200
    assert MOVE not in viewer.get(LIST).content.decode()
    assert page(move, "undo") not in viewer.get(page(move)).content.decode()
    for path in (MOVE, page(move, "undo"), page(move, "resume")):
        assert viewer.get(path).status_code == 403
        assert viewer.post(path, asked()).status_code == 403
    assert billed(world.default, world.research) == [COST, 0]


def test_more_rows_cost_no_more_queries(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move, staff = moved(world), signed_in(world.staff)
    staff.get(LIST)
    with queries() as few:
        staff.get(LIST)
    rows = [Reattribution(**copy(move)) for _ in range(29)]
    Reattribution.objects.bulk_create(rows)
    with queries() as more:
        staff.get(LIST)
    assert len(own_queries(more)) == len(own_queries(few))


def copy(move: Reattribution) -> dict[str, Any]:
    names = ("product", "starts_at", "ends_at", "state", "made_by")
    return {name: getattr(move, name) for name in names}
