"""Past usage of a product that has become multi-project is moved to where it was meant to go, and back."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict, Withheld
from accounts.models import AuditEvent
from accounts.permissions import OrganizationRole
from tests.support.clock import DAY
from tests.usage.helpers.event_client import corrected, event, results, rfc_3339
from tests.usage.helpers.reattribution_setup import (
    begun,
    billed,
    flip,
    flip_quietly,
    many,
    moved,
    of_external,
    of_key,
    recent,
    undone,
    volumes,
)
from tests.usage.ingest.test_corrections import adjust, void
from tests.world import World
from usage.enums import RecordKind
from usage.models import Product, Reattribution, UsageRecord
from usage.periods import Period
from usage.reattribution.preview import PlannedMove, plan_moves
from usage.reattribution.services import lifecycle
from usage.reattribution.services.batches import continue_move, move_batch
from usage.reattribution.services.lifecycle import begin_move, begin_undo, enqueue_stalled, resume

pytestmark = pytest.mark.django_db
COST = 1_370_000_000  # 1,000 gb-hours, in 10⁻¹⁰ USD


def test_usage_moves_to_its_project_at_its_own_time_and_price(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    (line,) = plan_moves(volumes(), recent())
    assert (line.source.project, line.target.project) == (world.default.pk, world.research.pk)
    assert (line.records, line.cost) == (1, COST)
    move = moved(world)
    assert (move.state, move.moved_records, move.moved_cost) == ("applied", 1, COST)
    root, out, entered = UsageRecord.objects.order_by("series__kind")
    assert [one.series.kind for one in (out, entered)] == [
        RecordKind.MOVED_OUT,
        RecordKind.MOVED_IN,
    ]
    assert entered.event_id == f"{move.public_id}:{root.pk}:in"
    assert {one.original_id for one in (out, entered)} == {root.pk}
    assert {one.time for one in (root, out, entered)} == {root.time}
    assert entered.series.get_reason_display() == "key_project"
    assert billed(world.default, world.research) == [0, COST]
    assert plan_moves(volumes(), recent()) == []


def test_usage_of_an_external_moves_between_organizations(world: World, secret: str) -> None:
    home = world.external.home_organization
    assert home is not None
    results(secret, of_external(world))
    assert billed(home.projects.default(), world.research) == [COST, 0]
    flip(world)
    move = moved(world)
    assert billed(home.projects.default(), world.research) == [0, COST]
    entered = UsageRecord.objects.get(series__kind=RecordKind.MOVED_IN)
    assert entered.series.get_reason_display() == "token_project"
    events = AuditEvent.objects.filter(act=Action.USAGE_MOVED, target_id=move.public_id)
    assert [one.organization for one in events.order_by("pk")] == [
        *sorted([world.organization, home], key=lambda one: one.pk),
        None,
    ]
    theirs, ours = events.get(organization=home), events.get(organization=world.organization)
    assert theirs.after["out_of"] == [home.projects.default().slug]
    assert theirs.after["into"] == [world.research.slug]
    assert (ours.after["out_of"], ours.after["cost_usd"]) == (["another organization"], "0.137")
    undone(world, move)
    assert billed(home.projects.default(), world.research) == [COST, 0]
    back = AuditEvent.objects.filter(act=Action.USAGE_MOVED_BACK).order_by("pk")
    assert [one.organization for one in back] == [one.organization for one in events.order_by("pk")]


def test_an_undo_puts_everything_back_with_what_corrected_it_since(
    world: World, secret: str
) -> None:
    results(secret, of_key(world), of_key(world, id="second"))
    flip(world)
    move = moved(world)
    corrected(secret, adjust("500"), void(event_id="second"))
    assert billed(world.default, world.research) == [0, COST // 2]
    done = undone(world, move)
    assert (done.state, done.undone_records) == ("undone", 1)
    assert billed(world.default, world.research) == [COST // 2, 0]
    last = UsageRecord.objects.filter(series__kind=RecordKind.MOVED_IN).latest("pk")
    assert last.series.get_reason_display() == "product_not_multi_project"
    corrected(secret, adjust("1000", id="a-2"))
    assert billed(world.default, world.research) == [COST, 0]
    with pytest.raises(Conflict):
        begin_undo(actor=Actor.of_user(world.staff), move=move)
    assert moved(world).moved_records == 1
    assert billed(world.default, world.research) == [0, COST]


def test_void_usage_and_usage_without_a_project_stay(world: World, secret: str) -> None:
    owner = {"user_id": world.owner.public_id, "api_key_id": None}
    results(secret, of_key(world), of_key(world, id="session", **owner))
    corrected(secret, void())
    flip(world)
    assert plan_moves(volumes(), recent()) == []
    with pytest.raises(Conflict, match="There is nothing to move"):
        begun(world)


def test_a_period_is_whole_utc_days(world: World, secret: str) -> None:
    today = recent().end
    midnight = dt.datetime.combine(today - 3 * DAY, dt.time(), dt.UTC)
    moments = [midnight - dt.timedelta(microseconds=1), midnight, midnight + DAY]
    sent = [of_key(world, id=f"e-{n}", time=rfc_3339(time)) for n, time in enumerate(moments)]
    results(secret, *sent)
    flip(world)
    day = (today - 3 * DAY, today - 3 * DAY)
    assert moved(world, Period(*day)).moved_records == 1
    assert UsageRecord.objects.get(series__kind=RecordKind.MOVED_IN).time == midnight
    assert billed(world.default, world.research) == [2 * COST, COST]


def test_another_product_and_another_customer_are_left_alone(world: World, secret: str) -> None:
    files = {"product": "files", "dimensions": None, "line_item": "gb_hours", "unit": "gb-hour"}
    results(secret, of_key(world), event(world, id="file", **files))
    other = of_key(world, id="other", api_key_id=world.other_key.public_id)
    results(secret, other)
    flip(world)
    move = moved(world)
    assert move.moved_records == 2
    assert billed(world.other_default, world.other_project) == [0, COST]
    assert UsageRecord.objects.filter(series__line_item__product__code="files").count() == 1
    (own,) = AuditEvent.objects.filter(
        act=Action.USAGE_MOVED, organization=world.other_organization
    )
    assert (own.after["records"], own.after["into"]) == (1, [world.other_project.slug])


def test_only_products_that_are_multi_project_and_one_at_a_time(world: World, secret: str) -> None:
    results(secret, of_key(world))
    with pytest.raises(Conflict, match="not multi-project"):
        begun(world)
    flip(world)
    first = begun(world)
    with pytest.raises(Conflict, match="already being moved"):
        begun(world)
    with pytest.raises(Conflict, match="is being moved"):
        flip(world, on=False)
    continue_move(move=first)
    flip(world, on=False)


def test_staff_need_the_right(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move = begun(world)
    for person in (world.owner, world.admin, world.stranger):
        with pytest.raises(PermissionDenied):
            begin_move(actor=Actor.of_user(person), product=volumes(), period=recent())
        with pytest.raises(PermissionDenied):
            begin_undo(actor=Actor.of_user(person), move=move)


def test_staff_do_not_move_usage_of_an_organization_they_belong_to(
    world: World, secret: str
) -> None:
    results(secret, of_key(world))
    flip(world)
    actor, move = Actor.of_user(world.staff), begun(world)
    world.organization.memberships.create(user=world.staff, role=OrganizationRole.MEMBER)
    for action in (begin_undo, resume):
        with pytest.raises(Withheld):
            action(actor=actor, move=move)
    Reattribution.objects.all().delete()
    with pytest.raises(Withheld):
        begun(world)


def test_a_plan_from_before_another_move_is_not_recorded(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results(secret, of_key(world))
    flip(world)

    def plan_while_a_colleague_moves(product: Product, period: Period) -> list[PlannedMove]:
        monkeypatch.undo()
        plan = plan_moves(product, period)
        moved(world)
        return plan

    monkeypatch.setattr(lifecycle, "plan_moves", plan_while_a_colleague_moves)
    with pytest.raises(Conflict, match="moved a moment ago"):
        begun(world)
    assert Reattribution.objects.count() == 1
    moves = AuditEvent.objects.filter(act=Action.USAGE_MOVED, organization=world.organization)
    assert moves.count() == 1


def test_batches_are_resumed_where_they_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage.reattribution.services.batches.BATCH", 4)
    many(world, 10)
    flip(world)
    move = begun(world)
    move_batch(move)
    half = Reattribution.objects.get()
    assert (half.state, half.steps) == ("applying", (4, 10))
    # Whoever was at it with what they knew before does nothing twice.
    move_batch(move)
    assert Reattribution.objects.get().steps == (4, 10)
    assert billed(world.default, world.research) == [6 * 1_370_000, 4 * 1_370_000]
    assert continue_move(move=move).steps == (10, 10)
    assert billed(world.default, world.research) == [0, 13_700_000]
    assert UsageRecord.objects.count() == 30


def test_a_half_done_move_is_undone_and_an_undo_is_resumed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage.reattribution.services.batches.BATCH", 4)
    many(world, 10)
    flip(world)
    move = begun(world)
    for _ in range(2):
        move_batch(Reattribution.objects.get())
    begin_undo(actor=Actor.of_user(world.staff), move=move)
    move_batch(Reattribution.objects.get())
    assert billed(world.default, world.research) == [6 * 1_370_000, 4 * 1_370_000]
    done = continue_move(move=move)
    assert (done.state, done.steps) == ("undone", (8, 8))
    assert billed(world.default, world.research) == [13_700_000, 0]


def test_what_cannot_be_added_up_any_more_is_not_moved(world: World) -> None:
    many(world, 2)
    flip(world)
    move = begun(world)
    Reattribution.objects.update(moved_cost=2**63 - 1)
    with pytest.raises(Conflict, match="would not fit"):
        continue_move(move=move)
    assert billed(world.default, world.research) == [2 * 1_370_000, 0]


def test_usage_that_comes_late_is_moved_by_the_next(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move = begun(world)
    flip_quietly(on=False)
    results(secret, of_key(world, id="late", api_key_id=world.other_key.public_id))
    flip_quietly(on=True)
    assert continue_move(move=move).moved_records == 1
    assert [line.records for line in plan_moves(volumes(), recent())] == [1]
    assert moved(world).moved_records == 1
    assert billed(world.default, world.other_default) == [0, 0]


def test_an_abandoned_reattribution_is_continued(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move = begun(world)
    assert enqueue_stalled() == 0
    Reattribution.objects.update(touched_at=move.touched_at - dt.timedelta(minutes=3))
    assert [enqueue_stalled(), enqueue_stalled()] == [1, 0]
