"""New passkeys: what of them is saved, and for how long they can be."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AuthenticatorData
from pytest_django import Settings

from accounts.factors import passkeys
from tests.support.pages import freshly_signed_in
from tests.support.soft_passkeys import FLAG, Answer, Change, SoftPasskey, nest, register_changed
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def host(settings: Settings) -> None:
    settings.BASE_URL = "https://console.example.com"


def with_key(key: dict[int, Any]) -> Change:
    """Puts another public key into the attestation."""

    def change(credential: Answer) -> None:
        data = HASH_OF_HOST + b"\x45\x00\x00\x00\x00" + b"a" * 16 + b"\x00\x01i" + cbor.encode(key)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        credential["response"]["attestationObject"] = websafe_encode(attestation)

    return change


HASH_OF_HOST = SoftPasskey().hash
GOOD_KEY = {1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32}
KEYS: dict[str, dict[int, Any]] = {
    "unknown algorithm": {**GOOD_KEY, 3: -9999},
    "algorithm that the library knows but does not offer": {**GOOD_KEY, 3: -9},
    "algorithm that is text": {**GOOD_KEY, 3: "ES256"},
    "not on the curve": GOOD_KEY,
    "another curve": {**GOOD_KEY, -1: 2},
    "coordinates of numbers": {**GOOD_KEY, -2: 5},
    "no coordinates": {1: 2, 3: -7, -1: 1},
    "short Ed25519": {1: 1, 3: -8, -1: 6, -2: b"x"},
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_that_cannot_check_signatures_is_not_saved(world: World, key: dict[int, Any]) -> None:
    assert register_changed(world.member, with_key(key)) == 422
    assert not world.member.has_passkey


def test_only_what_is_known_is_stored(world: World) -> None:
    """Whatever else a browser sends, or someone who writes it by hand."""

    def add_more(credential: Answer) -> None:
        credential["more"] = "\u0000"
        credential["response"]["transports"] = ["internal", "hybrid"]
        credential["clientExtensionResults"]["prf"] = {"enabled": True}

    assert register_changed(world.member, add_more) == 200
    stored = world.member.authenticator_set.get(type="webauthn").data["credential"]
    assert set(stored) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert set(stored["response"]) == {"clientDataJSON", "attestationObject"}
    assert stored["clientExtensionResults"] == {"credProps": {"rk": True}}


def test_changed_bytes_are_refused_or_harmless(world: World) -> None:
    """Flips, cuts and repeats bytes of real answers; the pages that need what was accepted still open."""
    random_, statuses = random.Random(8), set()
    client = freshly_signed_in(world.member)
    for _ in range(300):
        options = client.post(reverse("passkey_add_options")).json()
        credential: Answer = json.loads(SoftPasskey().register(options))
        name = random_.choice(list(credential["response"]))
        data = bytearray(websafe_decode(credential["response"][name]))
        at = random_.randrange(len(data))
        data[at : at + random_.randrange(3)] = random_.randbytes(random_.randrange(4))
        credential["response"][name] = websafe_encode(bytes(data))
        form = {"name": "Laptop", "credential": json.dumps(credential)}
        status = client.post(reverse("passkey_add"), form).status_code
        assert status in (200, 422)
        statuses.add(status)
        if status == 200:
            assert client.get(reverse("security")).status_code == 200
            assert client.post(reverse("passkey_add_options")).status_code == 200
            world.member.authenticator_set.all().delete()
    assert statuses == {200, 422}


def put_into_statement(attestation: Answer, value: Any) -> None:
    attestation["attStmt"]["x5c"] = value


def put_into_extensions(attestation: Answer, value: Any) -> None:
    data = attestation["authData"]
    flags = bytes([data[32] | FLAG.ED])
    extensions = cbor.encode({"credProtect": value})
    attestation["authData"] = data[:32] + flags + data[33:] + extensions


def put_into_key(attestation: Answer, value: Any) -> None:
    data = AuthenticatorData(attestation["authData"])
    assert data.credential_data
    start = bytes(data).removesuffix(cbor.encode(data.credential_data.public_key))
    key = cbor.encode({**data.credential_data.public_key, 100: value})
    attestation["authData"] = start + key


@pytest.mark.parametrize("put", [put_into_statement, put_into_extensions, put_into_key])
def test_deep_binary_data_is_not_stored(world: World, put: Callable[[Answer, Any], None]) -> None:
    """The library decodes it recursively on each page that needs the passkey."""

    def deepen(levels: int) -> Change:
        def change(credential: Answer) -> None:
            response = credential["response"]
            attestation: Any = cbor.decode(websafe_decode(response["attestationObject"]))
            put(attestation, nest(levels))
            response["attestationObject"] = websafe_encode(cbor.encode(attestation))

        return change

    assert register_changed(world.member, deepen(6)) == 422
    assert not world.member.has_passkey
    assert register_changed(world.member, deepen(5)) == 200


def test_a_challenge_counts_for_five_minutes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def sign(seconds: float) -> bool:
        client = Client()
        options = client.post(reverse("passkey_sign_in_options")).json()
        session = client.session
        session[passkeys.CHALLENGED] -= seconds
        session.save()
        client.post(reverse("passkey_sign_in"), {"credential": passkey.sign(options)})
        return bool(client.get(reverse("profile")).status_code == 200)

    passkey, adding = SoftPasskey(), freshly_signed_in(world.member)
    options = adding.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    assert adding.post(reverse("passkey_add"), form).status_code == 200
    assert sign(290)
    assert not sign(301)


def test_a_challenge_counts_once_even_for_an_answer_that_is_refused(world: World) -> None:
    passkey, adding = SoftPasskey(), freshly_signed_in(world.member)
    options = adding.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    other = {**form, "credential": SoftPasskey(host="evil.example").register(options)}
    assert adding.post(reverse("passkey_add"), other).status_code == 422
    assert adding.post(reverse("passkey_add"), form).status_code == 422
    assert not world.member.has_passkey
