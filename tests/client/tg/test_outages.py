"""What `tg` says while the server or its database is away."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import together

from tests.client.conftest import Sdk
from tests.client.tg.command import SECONDS, Tg
from tests.client.tg.test_errors import COMMANDS, assert_told
from tests.load.server import Server, serving
from tests.load.test_database_away import database_away
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
BUSY = "The console is temporarily unavailable. Nothing was changed. Try again in a few seconds."


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[Server]:
    """One of its own for each test, which it may end."""
    with serving(tmp_path) as server:
        yield server


@pytest.mark.long
def test_a_server_that_is_away_is_said_to_be(
    world: World, server: Server, tg: Tg, sdk: Sdk
) -> None:
    tg.login(world.project_member)
    server.kill()
    for words in COMMANDS:
        assert_told(tg.run(*words, "--no-json"), "Connection error.")
        assert tg.run(*words, "--json").told == {"error": "Connection error."}
    for words in (["switch", world.research.public_id], ["login", "--no-browser"]):
        assert_told(tg.run(*words, "--non-interactive", "--no-json"), "Connection refused")
    with pytest.raises(together.APIConnectionError, match="Connection error"):
        sdk(world.key_secret).whoami()


@pytest.mark.long
@pytest.mark.postgresql
def test_a_database_that_is_away_is_said_to_be_and_waited_for(
    world: World, tg: Tg, sdk: Sdk
) -> None:
    tg.login(world.project_member)
    client = sdk(world.key_secret).with_options(max_retries=0)
    with database_away():
        for words in COMMANDS:
            assert_told(tg.run(*words, "--no-json"), BUSY)
        said = tg.run("switch", world.research.public_id, "--no-json")
        assert_told(said, BUSY)
        with pytest.raises(together.InternalServerError, match="Try again in a few sec") as refused:
            client.organization.usage.costs.list()
        assert refused.value.status_code == 503
        assert refused.value.response.headers["retry-after"] == "5"
        process = tg.start("whoami", "--json", "--max-retries", "2")
        time.sleep(4)
        assert process.poll() is None, "it tries again"
    text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, text
