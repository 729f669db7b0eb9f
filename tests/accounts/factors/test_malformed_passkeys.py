"""What passkeys send that no browser would write: refused, never an error of ours."""

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
from accounts.factors.credentials import read_credential
from tests.support.factors import enter_password, with_app
from tests.support.pages import freshly_signed_in
from tests.support.soft_passkeys import SoftPasskey
from tests.world import World

pytestmark = pytest.mark.django_db
Answer = dict[str, Any]
DEEP_LIST = b"\x81" * 4000 + b"\x00"
HASH = b"h" * 32


@pytest.fixture(autouse=True)
def host(settings: Settings) -> None:
    settings.BASE_URL = "https://console.example.com"


def encode_page(**values: Any) -> str:
    page = {"type": "webauthn.get", "challenge": "eA", "origin": "https://console.example.com"}
    return websafe_encode(json.dumps({**page, **values}).encode())


def answer(**response: Any) -> str:
    """What a browser could have sent, with other values in the response."""
    data = websafe_encode(HASH + b"\x05\x00\x00\x00\x00")
    good = {"clientDataJSON": encode_page(), "authenticatorData": data, "signature": "eA"}
    credential = {"id": "eA", "rawId": "eA", "type": "public-key", "response": good | response}
    return json.dumps(credential)


def of_data(data: bytes) -> str:
    return answer(authenticatorData=websafe_encode(data))


def of_page(text: bytes) -> str:
    return answer(clientDataJSON=websafe_encode(text))


MALFORMED = {
    "deep extensions": of_data(HASH + b"\x85\x00\x00\x00\x00" + DEEP_LIST),
    "deep key": of_data(HASH + b"\x45\x00\x00\x00\x00" + b"a" * 16 + b"\x00\x01i" + DEEP_LIST),
    "cut off number": of_data(HASH + b"\x85\x00\x00\x00\x00\x19\x01"),
    "cut off head": of_data(HASH[:9]),
    "a float": of_data(HASH + b"\x85\x00\x00\x00\x00\xfb" + b"\x00" * 8),
    "a tag": of_data(HASH + b"\x85\x00\x00\x00\x00\xc0\x00"),
    "endless list": of_data(HASH + b"\x85\x00\x00\x00\x00\x9b" + b"\xff" * 8),
    "a list as a key": of_data(HASH + b"\x85\x00\x00\x00\x00\xa1\x80\x00"),
    "no algorithm": of_data(HASH + b"\x45\x00\x00\x00\x00" + b"a" * 16 + b"\x00\x01i\xa0"),
    "key that is no map": of_data(HASH + b"\x45\x00\x00\x00\x00" + b"a" * 16 + b"\x00\x01i\x05"),
    "deep page": of_page(b"[" * 4000),
    "deep object": of_page(b'{"a":' * 1000),
    "page of NaN": of_page(b'{"type":NaN,"challenge":"eA","origin":"x"}'),
    "page that is a list": of_page(b"[]"),
    "page that is no text": of_page(b"\xff\xfe"),
    # The library would make that many bytes of it.
    "challenge that is a number": answer(clientDataJSON=encode_page(challenge=10**12)),
    "challenge twice": of_page(
        b'{"type":"x","challenge":"eA","\\u0063hallenge":1000000000000,"origin":"x"}'
    ),
    "origin that is a list": answer(clientDataJSON=encode_page(origin=[])),
    "long origin": answer(clientDataJSON=encode_page(origin="x" * 3000)),
    "handle with NUL": answer(userHandle=websafe_encode(b"user_\x00" + b"a" * 19)),
    "handle that is no text": answer(userHandle=websafe_encode(b"\xff")),
    "padding": answer(signature="e==="),
    "attestation of a number": answer(attestationObject=websafe_encode(cbor.encode(5))),
    "attestation without data": answer(
        attestationObject=websafe_encode(cbor.encode({"fmt": "none"}))
    ),
    "deep attestation": answer(attestationObject=websafe_encode(DEEP_LIST)),
    "NaN": answer().replace('"eA"', "NaN", 1),
    "Infinity": answer(extra=float("inf")),
    "deep": '{"id":' + "[" * 60 + "]" * 60 + "}",
    "lone surrogate": answer(signature="\\ud800").replace("\\\\", "\\"),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_it_is_refused_at_each_door(world: World, text: str) -> None:
    anonymous = Client()
    anonymous.post(reverse("passkey_sign_in_options"))
    refused = anonymous.post(reverse("passkey_sign_in"), {"credential": text})
    assert refused["Location"] == reverse("account_login")
    with_app(world.admin)
    waiting = Client()
    enter_password(waiting, world.admin)
    waiting.post(reverse("second_factor_options"))
    path = reverse("second_factor_passkey")
    assert waiting.post(path, {"credential": text}).status_code == 422
    member = freshly_signed_in(world.member)
    member.post(reverse("passkey_add_options"))
    form = {"name": "Laptop", "credential": text}
    assert member.post(reverse("passkey_add"), form).status_code == 422
    assert not world.member.has_passkey


def register(world: World, change: Callable[[Answer], None]) -> int:
    """Sends a new passkey whose answer was changed; the status."""
    client = freshly_signed_in(world.member)
    options = client.post(reverse("passkey_add_options")).json()
    credential: Answer = json.loads(SoftPasskey().register(options))
    change(credential)
    form = {"name": "Laptop", "credential": json.dumps(credential)}
    return int(client.post(reverse("passkey_add"), form).status_code)


def with_key(key: dict[int, Any]) -> Callable[[Answer], None]:
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
    assert register(world, with_key(key)) == 422
    assert not world.member.has_passkey


def test_only_what_is_known_is_stored(world: World) -> None:
    """Whatever else a browser sends, or someone who writes it by hand."""

    def add_more(credential: Answer) -> None:
        credential["more"] = "\u0000"
        credential["response"]["transports"] = ["internal", "hybrid"]
        credential["clientExtensionResults"]["prf"] = {"enabled": True}

    assert register(world, add_more) == 200
    stored = world.member.authenticator_set.get(type="webauthn").data["credential"]
    assert set(stored) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert set(stored["response"]) == {"clientDataJSON", "attestationObject"}
    assert stored["clientExtensionResults"] == {"credProps": {"rk": True}}


def test_changed_bytes_are_refused_or_harmless(world: World) -> None:
    """Flips, cuts and repeats bytes of a real answer; none of it may be an error of ours."""
    random_ = random.Random(8)
    options = freshly_signed_in(world.member).post(reverse("passkey_add_options")).json()
    whole = json.loads(SoftPasskey().register(options))
    for _ in range(300):
        name = random_.choice(list(whole["response"]))
        data = bytearray(websafe_decode(whole["response"][name]))
        at = random_.randrange(len(data))
        data[at : at + random_.randrange(3)] = random_.randbytes(random_.randrange(4))
        changed = {**whole, "response": {**whole["response"], name: websafe_encode(bytes(data))}}
        try:
            read_credential(json.dumps(changed))
        except passkeys.MALFORMED:
            continue


def nest(levels: int) -> Any:
    return [nest(levels - 1)] if levels else 0


def put_into_statement(attestation: Answer, value: Any) -> None:
    attestation["attStmt"]["x5c"] = value


def put_into_extensions(attestation: Answer, value: Any) -> None:
    data = attestation["authData"]
    flags = bytes([data[32] | AuthenticatorData.FLAG.ED])
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

    def deepen(levels: int) -> Callable[[Answer], None]:
        def change(credential: Answer) -> None:
            response = credential["response"]
            attestation: Any = cbor.decode(websafe_decode(response["attestationObject"]))
            put(attestation, nest(levels))
            response["attestationObject"] = websafe_encode(cbor.encode(attestation))

        return change

    assert register(world, deepen(6)) == 422
    assert not world.member.has_passkey
    assert register(world, deepen(5)) == 200


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
