"""The official OpenAI client, unmodified, with an admin API key."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import openai
import pytest

from tests.keys.helpers.admin_keys import issue_admin_key
from tests.load.server import Server
from tests.world import World

OpenAiFor = Callable[[str], openai.OpenAI]


@pytest.fixture
def connect(server: Server) -> Iterator[OpenAiFor]:
    """Returns a client with that credential."""
    with ExitStack() as clients:
        yield lambda credential: clients.enter_context(
            openai.OpenAI(admin_api_key=credential, base_url=f"{server.url}/v1")
        )


@pytest.fixture
def client(world: World, connect: OpenAiFor) -> openai.OpenAI:
    """With an admin API key of Northwind."""
    return connect(issue_admin_key(world.owner, world.organization).secret)
