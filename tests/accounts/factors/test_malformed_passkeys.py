"""What passkeys send that no browser would write: refused, never an error of ours."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode
from pytest_django import Settings

from accounts.models import User
from tests.support.factors import enter_password
from tests.support.pages import freshly_signed_in
from tests.support.soft_passkeys import FLAG, Answer, Change, SoftPasskey, nest, register_changed
from tests.world import World

pytestmark = pytest.mark.django_db
DEEP_LIST = b"\x81" * 4000 + b"\x00"


@pytest.fixture(autouse=True)
def host(settings: Settings) -> None:
    settings.BASE_URL = "https://console.example.com"


def replace_page(make: Callable[[bytes], bytes]) -> Change:
    """Replaces the browser's description of its page."""

    def change(credential: Answer) -> None:
        response = credential["response"]
        page = make(websafe_decode(response["clientDataJSON"]))
        response["clientDataJSON"] = websafe_encode(page)

    return change


def page_of(text: bytes) -> Change:
    return replace_page(lambda page: text)


def page_with(**values: Any) -> Change:
    return replace_page(lambda page: json.dumps(json.loads(page) | values).encode())


def replace_data(make: Callable[[bytes], bytes]) -> Change:
    """Replaces the authenticator data, which is in the attestation of a new passkey."""

    def change(credential: Answer) -> None:
        response = credential["response"]
        if "authenticatorData" in response:
            data = make(websafe_decode(response["authenticatorData"]))
            response["authenticatorData"] = websafe_encode(data)
        else:
            attestation: Any = cbor.decode(websafe_decode(response["attestationObject"]))
            attestation["authData"] = make(attestation["authData"])
            response["attestationObject"] = websafe_encode(cbor.encode(attestation))

    return change


def extensions_of(extensions: bytes) -> Change:
    return replace_data(
        lambda data: data[:32] + bytes([data[32] | FLAG.ED]) + data[33:] + extensions
    )


def key_of(key: bytes) -> Change:
    identity = b"a" * 16 + b"\x00\x01i"
    return replace_data(
        lambda data: data[:32] + bytes([data[32] | FLAG.AT]) + data[33:37] + identity + key
    )


def response_of(**values: Any) -> Change:
    return lambda credential: credential["response"].update(values)


def attestation_of(attestation: bytes) -> Change:
    return response_of(attestationObject=websafe_encode(attestation))


MALFORMED: dict[str, Change] = {
    "deep extensions": extensions_of(DEEP_LIST),
    "deep key": key_of(DEEP_LIST),
    "cut off number": extensions_of(b"\x19\x01"),
    "cut off head": replace_data(lambda data: data[:9]),
    "a float": extensions_of(b"\xfb" + b"\x00" * 8),
    "a tag": extensions_of(b"\xc0\x00"),
    "endless list": extensions_of(b"\x9b" + b"\xff" * 8),
    "a list as a key": extensions_of(b"\xa1\x80\x00"),
    "no algorithm": key_of(b"\xa0"),
    "key that is no map": key_of(b"\x05"),
    "deep page": page_of(b"[" * 4000),
    "deep object": page_of(b'{"a":' * 1000),
    "page of NaN": page_with(type=float("nan")),
    "page that is a list": page_of(b"[]"),
    "page that is no text": page_of(b"\xff\xfe"),
    # The library would make that many bytes of it.
    "challenge that is a number": page_with(challenge=10**12),
    "challenge twice": replace_page(lambda page: page[:-1] + b',"\\u0063hallenge":1000000000000}'),
    "origin that is a list": page_with(origin=[]),
    "long origin": page_with(origin="x" * 3000),
    "NaN": lambda credential: credential.update(id=float("nan")),
    "Infinity": response_of(extra=float("inf")),
    "deep": lambda credential: credential.update(id=nest(60)),
}
# The library ignores these where they are not needed.
SIGNATURES = {
    "padding": response_of(signature="e==="),
    "lone surrogate": response_of(signature="\ud800"),
}
HANDLES = {
    "handle with NUL": response_of(userHandle=websafe_encode(b"user_\x00" + b"a" * 19)),
    "handle that is no text": response_of(userHandle=websafe_encode(b"\xff")),
}
ATTESTATIONS = {
    "attestation of a number": attestation_of(cbor.encode(5)),
    "attestation without data": attestation_of(cbor.encode({"fmt": "none"})),
    "deep attestation": attestation_of(DEEP_LIST),
}


def change_nothing(credential: Answer) -> None:
    """What the others change is accepted without the change."""


def add_passkey(user: User) -> SoftPasskey:
    client, passkey = freshly_signed_in(user), SoftPasskey()
    options = client.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    assert client.post(reverse("passkey_add"), form).status_code == 200
    return passkey


def sign(passkey: SoftPasskey, options: Any, change: Change) -> dict[str, str]:
    """Returns the form of an answer that was changed; a changed page or changed data is signed."""
    credential: Answer = json.loads(passkey.sign(options.json()))
    response = credential["response"]
    signature = response["signature"]
    change(credential)
    if response["signature"] == signature:
        page, data = response["clientDataJSON"], response["authenticatorData"]
        signed = passkey.sign_data(websafe_decode(page), websafe_decode(data))
        response["signature"] = websafe_encode(signed)
    return {"credential": json.dumps(credential)}


def sign_in(user: User, change: Change) -> bool:
    """Whether a changed answer signs `user` in, without a password."""
    passkey, client = add_passkey(user), Client()
    options = client.post(reverse("passkey_sign_in_options"))
    answer = client.post(reverse("passkey_sign_in"), sign(passkey, options, change))
    assert answer.status_code == 302
    return client.get(reverse("profile")).status_code == 200


def sign_in_after_password(user: User, change: Change) -> int:
    """The status of a changed answer."""
    passkey, client = add_passkey(user), Client()
    enter_password(client, user)
    options = client.post(reverse("second_factor_options"))
    path = reverse("second_factor_passkey")
    return int(client.post(path, sign(passkey, options, change)).status_code)


def test_without_a_change_they_are_accepted(world: World) -> None:
    assert sign_in(world.member, change_nothing)
    assert sign_in_after_password(world.admin, change_nothing) == 302
    assert register_changed(world.owner, change_nothing) == 200


SIGN_IN = MALFORMED | SIGNATURES | HANDLES


@pytest.mark.parametrize("change", SIGN_IN.values(), ids=SIGN_IN)
def test_it_is_refused_at_sign_in(world: World, change: Change) -> None:
    assert not sign_in(world.member, change)


SECOND_FACTOR = MALFORMED | SIGNATURES


@pytest.mark.parametrize("change", SECOND_FACTOR.values(), ids=SECOND_FACTOR)
def test_it_is_refused_after_the_password(world: World, change: Change) -> None:
    assert sign_in_after_password(world.member, change) == 422


NEW = MALFORMED | ATTESTATIONS


@pytest.mark.parametrize("change", NEW.values(), ids=NEW)
def test_it_is_refused_as_a_new_passkey(world: World, change: Change) -> None:
    assert register_changed(world.member, change) == 422
    assert not world.member.has_passkey
