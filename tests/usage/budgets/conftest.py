"""The clock of tests of budgets."""

import datetime as dt

import pytest

from tests.support.clock import set_clock
from tests.world import World

NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def noon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands far from the ends of periods, once there is a world.

    Events may be five minutes ahead of the clock, so shortly before the end of a period the next one
    already counts.
    """
    set_clock(monkeypatch, NOON)
