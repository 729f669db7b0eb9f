"""A real gateway in front of a small service, and the console it asks, for the tests of this folder.

nginx always, Caddy with `--long`; GATEWAYS=envoy,traefik names others, whose programs are found as
tests/support/programs.py says.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.gateways import console as consoles
from tests.gateways import gateway as gateways
from tests.gateways.console import Console
from tests.gateways.servers import Answer, Seen, Server, served, welcome
from tests.world import World, build_world

BY_HAND = [name for name in os.environ.get("GATEWAYS", "").split(",") if name]
KINDS: list[Any] = list(BY_HAND) or ["nginx", pytest.param("caddy", marks=pytest.mark.long)]
Strange = Callable[[Callable[[Seen], Answer]], AbstractContextManager[tuple[int, Server]]]


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def console(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with consoles.running(tmp_path_factory.mktemp("console")) as console:
        yield console


@pytest.fixture(scope="session")
def common_service() -> Iterator[Server]:
    with served() as service:
        yield service


@pytest.fixture
def service(common_service: Server) -> Server:
    """What stands behind the gateway; it has seen nothing yet."""
    common_service.seen.clear()
    common_service.answer = welcome
    return common_service


@pytest.fixture(scope="session")
def gate(
    kind: str, console: Console, common_service: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """The port of the gateway."""
    place = {"console": console.port, "service": common_service.port}
    with gateways.running(kind, tmp_path_factory.mktemp(kind), **place) as gate:
        yield gate


@pytest.fixture
def gate_at(kind: str, tmp_path: Path, service: Server) -> Strange:
    """Makes a gateway that asks something else in place of the console: its port, and that server."""

    @contextmanager
    def made(answer: Callable[[Seen], Answer]) -> Iterator[tuple[int, Server]]:
        directory = tmp_path / kind
        directory.mkdir()
        with served(answer) as asked:
            place: dict[str, Any] = {"console": asked.port, "service": service.port}
            with gateways.running(kind, directory, **place) as gate:
                asked.seen.clear()
                service.seen.clear()
                yield gate, asked

    return made


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()
