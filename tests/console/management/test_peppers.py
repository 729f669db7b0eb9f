"""`bin/manage peppers`: how far a change of the pepper has come."""

import io

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.credentials.services import create_credential
from keys.verification.last_used import flush_uses
from keys.verification.verdicts import verify_key
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def said() -> list[str]:
    output = io.StringIO()
    call_command("peppers", stdout=output)
    return output.getvalue().splitlines()


def test_used_keys_move_to_the_new_pepper_and_the_command_counts_them(
    world: World, settings: Settings
) -> None:
    create_credential(actor=Actor.without_account("x"), name="gateway")
    [first] = said()
    number = int(first.split()[1])
    assert first == f"PEPPER: {number} API key secrets, 1 service credentials"

    old = settings.PEPPER
    settings.PEPPER, settings.PEPPER_PREVIOUS = "the new pepper, " + "z" * 32, [old]
    assert verify_key(world.key_secret).is_valid
    flush_uses()
    assert said() == [
        "PEPPER: 1 API key secrets, 0 service credentials",
        f"PEPPER_PREVIOUS, value 1: {number - 1} API key secrets, 1 service credentials",
    ]
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    settings.PEPPER_PREVIOUS = []
    assert said() == [
        "PEPPER: 0 API key secrets, 0 service credentials",
        f"unknown pepper: {number - 1} API key secrets, 1 service credentials",
    ]
