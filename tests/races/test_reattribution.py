"""Usage is moved while it is corrected, posted, moved by another worker and undone: nothing is lost."""

from functools import partial

import pytest
from django.utils import timezone

from accounts.actors import Actor
from tests.races.at_once import at_once, outcomes
from tests.usage.helpers.reattribution_setup import (
    begun,
    billed,
    flip,
    flip_quietly,
    many,
    recent,
    volumes,
)
from tests.world import World
from usage.ingest.events import Correction
from usage.ingest.services.corrections import record_corrections
from usage.ledger.sources import get_source
from usage.models import Reattribution, UsageRecord
from usage.reattribution.services.batches import continue_move
from usage.reattribution.services.lifecycle import begin_move, begin_undo

pytestmark = pytest.mark.django_db(transaction=True)
EACH = 1_370_000  # 1 gb-hour, in 10⁻¹⁰ USD
EVENTS = 20


def correcting(prefix: str) -> object:
    """One by one takes every other event back, and doubles the others."""
    corrections = [
        Correction(id=f"{prefix}-v-{n}", event_id=f"{prefix}-{n}", kind="void", reason="Test.")
        if n % 2
        else Correction(
            id=f"{prefix}-a-{n}",
            event_id=f"{prefix}-{n}",
            kind="adjust",
            reason="Test.",
            quantity="2",
        )
        for n in range(EVENTS)
    ]
    source = get_source("test")
    return [record_corrections(source=source, corrections=[one]) for one in corrections]


def test_corrections_and_a_move_meet(
    world: World, fewer_rounds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage.reattribution.services.batches.BATCH", 2)
    get_source("test"), get_source("moves")
    for number in fewer_rounds:
        prefix = f"round{number}"
        flip_quietly(on=False)
        many(world, EVENTS, prefix)
        flip(world)
        move = begun(world)
        at_once([partial(continue_move, move=move), partial(correcting, prefix)])
        expected = (number + 1) * EVENTS * EACH
        assert billed(world.default, world.research) == [0, expected]


def test_two_workers_move_the_same_once(
    world: World, fewer_rounds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage.reattribution.services.batches.BATCH", 2)
    for number in fewer_rounds:
        flip_quietly(on=False)
        many(world, EVENTS, f"round{number}")
        flip(world)
        move = begun(world)
        at_once([partial(continue_move, move=move)] * 3)
        assert Reattribution.objects.get(pk=move.pk).steps == (EVENTS, EVENTS)
        assert UsageRecord.objects.count() == (number + 1) * 3 * EVENTS
        assert billed(world.default, world.research) == [0, (number + 1) * EVENTS * EACH]


def test_an_undo_meets_the_move(
    world: World, fewer_rounds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usage.reattribution.services.batches.BATCH", 2)
    many(world, EVENTS)
    flip(world)
    for _ in fewer_rounds:
        move = begun(world)

        def undoing(move: Reattribution = move) -> object:
            return continue_move(move=begin_undo(actor=Actor.of_user(world.staff), move=move))

        at_once([partial(continue_move, move=move), undoing])
        done = continue_move(move=move)
        assert done.state == "undone"
        assert done.undone_records == done.moved_records
        assert billed(world.default, world.research) == [EVENTS * EACH, 0]


def test_two_begin_at_once_and_one_does(world: World, fewer_rounds: range) -> None:
    many(world, EVENTS)
    flip(world)
    begin = partial(
        begin_move, actor=Actor.of_user(world.staff), product=volumes(), period=recent()
    )
    for _ in fewer_rounds:
        assert outcomes(begin, begin) == {"done": 1, "conflict": 1}
        Reattribution.objects.update(state="undone", finished_at=timezone.now())
