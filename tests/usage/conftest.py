"""What tests of usage share."""

import pytest

from tests.usage.helpers.event_client import pipe
from tests.world import World, build_world


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def secret(world: World) -> str:
    """Of the metering pipe."""
    return pipe(world)
