"""What gateways send and are answered is written by hand and equals the structs of the document."""

import json
from typing import Any

import msgspec
import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.verification.api import Unreadable, read_question
from keys.verification.payloads import REFUSALS, InvalidKey, KeyHeaders, KeyQuestion, ValidKey
from tests.keys.helpers.gateway_client import AUTH, auth, verify
from tests.support.clock import DAY
from tests.world import World, issued

BODIES: list[Any] = [
    {"key": "pk_x"},
    {"key": ""},
    {"key": "é\u0000\\"},
    {"key": "pk_x", "model": {"name": [1, None, "x"]}},
    {"key": "pk_x", "model": "a", "client_ip": None, "more": [1]},
    {"key": "pk_x", "model": None, "client_ip": "192.0.2.7"},
    {"key": "pk_x", "model": 7},
    {"key": "pk_x", "client_ip": 7},
    {"key": None},
    {"key": 1},
    {"key": ["pk_x"]},
    {"Key": "pk_x"},
    {},
    [],
    "pk_x",
    None,
    7,
]
RAW = [
    b"{",
    b'{"key": "pk_x"} x',
    b'{"key": "\xff"}',
    b"{'key': 'x'}",
]


def read_by_hand(body: bytes) -> str | int:
    """The key, or the status of the refusal."""
    request = RequestFactory().post("/v1/keys/verify", body, content_type="application/json")
    try:
        return read_question(request).key
    except Unreadable as error:
        return error.response.status_code


def read_by_struct(body: bytes) -> str | int:
    try:
        return msgspec.json.decode(body, type=KeyQuestion).key
    except msgspec.ValidationError:
        return 422
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 400


@pytest.mark.parametrize("body", [*(json.dumps(body).encode() for body in BODIES), *RAW])
def test_the_view_reads_what_the_struct_reads(body: bytes) -> None:
    assert read_by_hand(body) == read_by_struct(body)


def test_two_equal_names_are_refused_although_the_struct_takes_the_last() -> None:
    body = b'{"key": "a", "key": "b"}'
    assert (read_by_hand(body), read_by_struct(body)) == (400, "b")


def same_as_struct(answer: Any, kind: Any) -> bool:
    """Whether the struct takes the answer strictly, and says the same when written again."""
    struct = msgspec.json.decode(answer.content, type=kind)
    return bool(msgspec.to_builtins(struct) == answer.json())


@pytest.mark.django_db
def test_a_valid_key_is_answered_as_its_struct_says(world: World, credential: str) -> None:
    ending = issued(world.research, world.owner, "ending", expires_at=timezone.now() + DAY)
    for secret in (world.key_secret, ending.secret):
        assert same_as_struct(verify(credential, secret), ValidKey)


@pytest.mark.django_db
def test_an_invalid_key_is_answered_as_its_struct_says(world: World, credential: str) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    for secret in (world.key_secret, "malformed"):
        answer = verify(credential, secret)
        assert same_as_struct(answer, InvalidKey)
        assert answer.json()["code"] in REFUSALS


@pytest.mark.django_db
def test_the_headers_of_a_good_key_are_those_of_their_struct(world: World) -> None:
    answer = auth(world.key_secret)
    names = [field.encode_name for field in msgspec.structs.fields(KeyHeaders)]
    headers = msgspec.convert({name: answer[name] for name in names}, KeyHeaders)
    assert headers.x_api_key_id == world.key.public_id
    own = {name for name in answer.headers if name.startswith("X-") and name.endswith("-Id")}
    assert own - {"X-Request-Id"} == set(names), AUTH
