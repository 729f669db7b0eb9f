"""Every acknowledged event is stored once, whoever sends it how often, and whatever the server dies of."""

import io
import random
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.load.pipes import FORK, at_once, posted
from tests.load.server import Server, serving
from tests.usage.helpers.event_client import event, pipe
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db(transaction=True)
CONNECTIONS, EVENTS = 8, 300


def lot(world: World, name: str, number: int = EVENTS) -> list[dict[str, Any]]:
    return [event(world, id=f"{name}-{n}", quantity=str(n + 1)) for n in range(number)]


def test_eight_connections_that_send_the_same_events_store_them_once(
    world: World, server: Server
) -> None:
    secret, events = pipe(world), lot(world, "same")
    shuffled = [random.sample(events, len(events)) for _ in range(CONNECTIONS)]
    answers = at_once(server, secret, shuffled)
    statuses = Counter(one["status"] for answer in answers for one in answer["results"])
    assert statuses == {"accepted": EVENTS, "duplicate": EVENTS * (CONNECTIONS - 1)}
    assert UsageRecord.objects.count() == EVENTS
    assert_totals_are_the_records()


def test_what_was_acknowledged_outlives_a_killed_server(
    world: World, tmp_path: Path, long_run: bool
) -> None:
    secret = pipe(world)
    for kill in range(30 if long_run else 3):
        lots = [lot(world, f"k{kill}-{n}", 100) for n in range(12)]
        with serving(tmp_path, workers=2) as server:
            killer = threading.Timer(random.uniform(0.05, 0.4), server.kill)
            killer.start()
            acknowledged = sent_once(server, secret, lots)
            killer.join()
        assert stored_of(acknowledged) == {one["id"]: 1 for one in acknowledged}
        with serving(tmp_path, workers=2) as server:
            at_once(server, secret, lots)
        everything = [one for found in lots for one in found]
        assert stored_of(everything) == {one["id"]: 1 for one in everything}
    assert_totals_are_the_records()
    call_command("reconcile", stdout=io.StringIO())


def sent_once(
    server: Server, secret: str, lots: list[list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """The events of the lots that were acknowledged at the first try; three processes send them."""
    with FORK.Pool(3) as pool:
        answers = pool.starmap(posted, [(server.port, secret, one) for one in lots])
    return [one for found, answer in zip(lots, answers, strict=True) if answer for one in found]


def stored_of(events: list[dict[str, Any]]) -> dict[str, int]:
    ids = [one["id"] for one in events]
    return dict(
        Counter(UsageRecord.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    )
