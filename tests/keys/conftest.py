"""The shared world, for every test of this folder that asks for it; no uses left over from another test."""

import pytest

from accounts.actors import Actor
from keys.credentials.services import create_credential
from keys.verification.last_used import CREDENTIAL_USES, KEY_USES, PERSONAL_USES, TOKEN_USES
from tests.world import World, build_world


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture(autouse=True)
def nothing_used() -> None:
    for uses in (KEY_USES, CREDENTIAL_USES, TOKEN_USES, PERSONAL_USES):
        uses.pending.clear()
        uses.moves.clear()


@pytest.fixture
def credential(world: World) -> str:
    """The secret of a service credential called `gateway`."""
    return create_credential(actor=Actor.of_user(world.staff), name="gateway").secret
