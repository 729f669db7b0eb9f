"""When a secret was last used: written later, seldom, and never in the request that used it."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.crypto.peppers import peppers
from keys.api_keys.services import revoke_key
from keys.models import KeySecret, ServiceCredential
from keys.verification.last_used import KEY_USES, flush_uses
from tests.keys.helpers.gateway_client import code_of, queries_of, verify
from tests.support.clock import set_clock
from tests.world import World

pytestmark = pytest.mark.django_db


def test_an_use_is_written_later_and_at_most_once_a_minute(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()

    def used_at(moment: dt.datetime) -> Any:
        set_clock(monkeypatch, moment)
        assert queries_of(lambda: verify(credential, world.key_secret)) == 1
        flush_uses()
        return KeySecret.objects.get(api_key=world.key).last_used_at

    assert used_at(start) == start
    assert used_at(start + dt.timedelta(seconds=59)) == start
    assert used_at(start + dt.timedelta(seconds=61)) == start + dt.timedelta(seconds=61)
    assert ServiceCredential.objects.get().last_used_at == start + dt.timedelta(seconds=61)
    assert KeySecret.objects.get(api_key=world.other_key).last_used_at is None


@pytest.mark.django_db(transaction=True)
def test_a_serving_process_writes_uses_although_it_is_in_no_transaction(
    world: World, credential: str
) -> None:
    verify(credential, world.key_secret)
    flush_uses()
    assert KeySecret.objects.get(api_key=world.key).last_used_at is not None
    assert ServiceCredential.objects.get().last_used_at is not None


def test_a_refused_key_is_not_noted_as_used(world: World, credential: str) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    verify(credential, world.key_secret)
    flush_uses()
    assert KeySecret.objects.get(api_key=world.key).last_used_at is None


def test_a_new_pepper_takes_secrets_over_as_they_are_used(
    world: World, credential: str, settings: Settings
) -> None:
    settings.PEPPER, settings.PEPPER_PREVIOUS = "a new pepper, " + "y" * 32, [settings.PEPPER]
    assert code_of(credential, world.key_secret) == "valid"
    flush_uses()
    settings.PEPPER_PREVIOUS = []
    assert code_of(credential, world.key_secret) == "valid"
    assert code_of(credential, world.other_key_secret) == "not_found"


def test_an_use_that_cannot_be_written_keeps_no_later_one_from_it(
    world: World, credential: str
) -> None:
    unwritable: Any = "no primary key"
    KEY_USES.record(unwritable, peppers()[0].id, b"")
    flush_uses()
    verify(credential, world.key_secret)
    flush_uses()
    assert KeySecret.objects.get(api_key=world.key).last_used_at is not None
