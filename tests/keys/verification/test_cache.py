"""KEY_CACHE_SECONDS: off, every answer is the database's; on, one is remembered for a bounded time."""

import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.credentials.services import revoke_credential
from keys.formats import Prefix, new_secret
from keys.models import ServiceCredential
from keys.verification.verdicts import CALLERS, VERDICTS
from tests.keys.helpers.gateway_client import auth, code_of, queries_of, verify
from tests.world import World

pytestmark = pytest.mark.django_db
SECONDS = 30


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    yield
    for memory in (CALLERS, VERDICTS.keys, VERDICTS.misses):
        memory.clear()


@pytest.fixture
def remembering(settings: Settings) -> None:
    settings.KEY_CACHE_SECONDS = SECONDS


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + seconds)


def test_by_default_nothing_is_remembered(world: World, credential: str) -> None:
    assert [queries_of(lambda: auth(world.key_secret)) for _ in range(2)] == [1, 1]
    assert [queries_of(lambda: verify(credential, world.key_secret)) for _ in range(2)] == [1, 1]


def test_an_answer_is_given_again_without_a_query(
    world: World, credential: str, remembering: None
) -> None:
    unknown = new_secret(Prefix.PROJECT_KEY)
    for key, code in ((world.key_secret, "valid"), (unknown, "not_found"), ("x", "malformed")):
        assert code_of(credential, key) == code
        assert queries_of(lambda key=key: verify(credential, key)) == 0
        assert code_of(credential, key) == code
    assert queries_of(lambda: auth(world.key_secret)) == 0


def test_revoking_reaches_a_worker_that_remembers_within_the_bound(
    world: World, credential: str, remembering: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_of(credential, world.key_secret) == "valid"
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    assert code_of(credential, world.key_secret) == "valid"
    later(monkeypatch, SECONDS)
    assert code_of(credential, world.key_secret) == "revoked"
    assert auth(world.key_secret).status_code == 401


def test_a_revoked_credential_is_refused_within_the_bound(
    world: World, credential: str, remembering: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code_of(credential, world.key_secret) == "valid"
    revoke_credential(actor=Actor.of_user(world.staff), credential=ServiceCredential.objects.get())
    later(monkeypatch, SECONDS)
    assert verify(credential, world.key_secret).status_code == 401


def test_what_is_remembered_says_nothing_to_a_stranger(world: World, remembering: None) -> None:
    assert auth(world.key_secret).status_code == 200
    assert verify(new_secret(Prefix.CREDENTIAL), world.key_secret).status_code == 401


def test_junk_keys_evict_no_good_one(
    world: World, remembering: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VERDICTS.misses, "size", 20)
    auth(world.key_secret)
    for _ in range(50):
        auth(new_secret(Prefix.PROJECT_KEY))
    assert len(VERDICTS.misses.entries) == 20
    assert queries_of(lambda: auth(world.key_secret)) == 0


def test_the_oldest_answers_make_room(world: World, remembering: None) -> None:
    memory = type(CALLERS)(size=2)
    for mac in (b"a", b"b", b"a", b"c"):
        memory.put(mac, result=True)
    assert [memory.get(mac) for mac in (b"a", b"b", b"c")] == [True, None, True]
