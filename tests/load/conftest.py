"""The shared world, committed, and a console with four workers that serves it to all tests of this folder.

A test that ends the server or its database makes one of its own: it leaves threads with lost connections.
"""

from collections.abc import Iterator

import pytest

from tests.load.server import Server, serving
from tests.world import World, build_world


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture(scope="session")
def shared_server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(world: World, shared_server: Server) -> Server:
    return shared_server


@pytest.fixture
def trials(long_run: bool) -> range:
    return range(20 if long_run else 1)
