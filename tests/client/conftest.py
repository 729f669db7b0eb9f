"""A console with four workers, and the official client in a home of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import together

from tests.client.tg.command import Tg
from tests.load.server import Server, serving
from tests.world import World, build_world

Sdk = Callable[[str], together.Together]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


@pytest.fixture(scope="session")
def shared_server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """For all tests of this folder, except those that end the server or its database."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(world: World, shared_server: Server) -> Server:
    return shared_server


@pytest.fixture
def sdk(server: Server) -> Iterator[Sdk]:
    """A client with that credential."""
    with ExitStack() as clients:
        yield lambda credential: clients.enter_context(
            together.Together(api_key=credential, base_url=server.url)
        )


@pytest.fixture
def terminal(server: Server, tmp_path: Path) -> Callable[[str], Tg]:
    """A new terminal of that name."""

    def made(name: str) -> Tg:
        home = tmp_path / name
        home.mkdir()
        return Tg(server, home)

    return made


@pytest.fixture
def tg(terminal: Callable[[str], Tg]) -> Tg:
    return terminal("home")
