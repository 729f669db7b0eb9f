"""How many rounds a race is run; a world that is committed, because threads share it."""

import pytest
from pytest_django import Settings

from tests.world import World, build_world


@pytest.fixture
def rounds(long_run: bool) -> range:
    return range(500 if long_run else 6)


@pytest.fixture
def fewer_rounds(long_run: bool) -> range:
    """For races of twenty, or of whole pages, where opening the connections costs most of the time."""
    return range(100 if long_run else 3)


@pytest.fixture
def without_throttles(settings: Settings) -> None:
    """So that many can sign up from the one address the tests have."""
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()
