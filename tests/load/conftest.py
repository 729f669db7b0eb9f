"""The shared world, committed, and the console that serves it with four workers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.load.server import Server, serving
from tests.world import World, build_world


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def trials(long_run: bool) -> range:
    return range(20 if long_run else 1)
