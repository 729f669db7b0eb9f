"""A prepared console on a PostgreSQL of its own, for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.faults.console import Console
from tests.faults.postgres import Postgres
from tests.support.smtp import Server, serving


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    postgres = Postgres()
    yield postgres
    postgres.remove()


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def console(
    postgres: Postgres, mail_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Console:
    console = Console(
        tmp_path_factory.mktemp("console"),
        DATABASE_URL=postgres.url,
        EMAIL_URL=f"smtp://127.0.0.1:{mail_server.port}",
    )
    console.manage("prepare")
    return console
