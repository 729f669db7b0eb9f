"""Passkeys without a browser: what is refused, and that every refusal looks the same."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.factors.passkeys import advance_counter, check_origin
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.support.soft_passkeys import SoftPasskey
from tests.world import World

pytestmark = pytest.mark.django_db
MALFORMED: list[Any] = [
    {},
    {"id": 5},
    {"response": None},
    {"id": "x", "rawId": "x", "type": "public-key", "response": {}},
    {"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "///"}},
    [],
    "text",
    None,
]
DEEP = "[" * 5000


@pytest.mark.parametrize("credential", MALFORMED)
def test_a_malformed_answer_is_refused_everywhere(world: World, credential: Any) -> None:
    text = json.dumps(credential)
    client = Client()
    client.post(reverse("passkey_sign_in_options"))
    answer = client.post(reverse("passkey_sign_in"), {"credential": text})
    assert answer["Location"] == reverse("account_login")
    member = freshly_signed_in(world.member)
    member.post(reverse("confirm_options"))
    assert member.post(reverse("confirm_passkey"), {"credential": text}).status_code == 422
    member.post(reverse("passkey_add_options"))
    form = {"name": "Laptop", "credential": text}
    assert member.post(reverse("passkey_add"), form).status_code == 422
    assert not world.member.has_passkey


@pytest.mark.parametrize("text", ["", "{", DEEP, "x" * 30_000, "\x00"])
def test_what_is_no_json_is_refused(world: World, text: str) -> None:
    answer = Client().post(reverse("passkey_sign_in"), {"credential": text})
    assert answer["Location"] == reverse("account_login")


def test_adding_a_passkey_needs_a_fresh_sign_in(world: World) -> None:
    client = signed_in(world.member)
    for name in ("passkey_add", "passkey_add_options"):
        answer = client.post(reverse(name))
        assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_the_options_bind_the_passkey_to_the_host_and_hold_no_primary_key(world: World) -> None:
    options = freshly_signed_in(world.member).post(reverse("passkey_add_options")).json()
    public_key = options["publicKey"]
    assert public_key["rp"]["id"] == "127.0.0.1"
    assert public_key["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    anonymous = Client().post(reverse("passkey_sign_in_options")).json()["publicKey"]
    assert not anonymous.get("allowCredentials")
    assert anonymous["userVerification"] == "required"


def test_only_pages_of_ours_may_use_one(settings: Settings) -> None:
    settings.BASE_URL = "https://console.example.com"
    check_origin("https://console.example.com")
    for origin in (
        "https://evil.console.example.com",
        "https://console.example.com:8443",
        "http://console.example.com",
        "https://console.example.com.evil.example",
        "",
    ):
        with pytest.raises(ValueError, match="origin"):
            check_origin(origin)
    settings.BASE_URL, settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = "http://localhost:8000", True
    check_origin("http://localhost:8000")
    with pytest.raises(ValueError, match="origin"):
        check_origin("http://evil.example:8000")


def test_insecure_origins_are_for_the_loopback_demo_alone(settings: Settings) -> None:
    assert settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN is False


def test_a_copied_key_is_noticed_by_its_counter(world: World) -> None:
    passkey = world.member.authenticator_set.create(type="webauthn", data={"name": "Key"})
    assert [advance_counter(passkey, count) for count in (1, 2, 2, 1, 5)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    synced = world.member.authenticator_set.create(type="webauthn", data={"name": "Synced"})
    assert advance_counter(synced, 0)
    assert advance_counter(synced, 0)


def test_errors_of_ours_are_not_taken_for_malformed_passkeys(
    world: World, settings: Settings
) -> None:
    settings.BASE_URL = "https://console.example.com"
    passkey, adding, client = SoftPasskey(), freshly_signed_in(world.member), Client()
    options = adding.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    assert adding.post(reverse("passkey_add"), form).status_code == 200
    row = world.member.authenticator_set.get(type="webauthn")
    row.data["sign_count"] = "damaged"
    row.save(update_fields=["data"])
    options = client.post(reverse("passkey_sign_in_options")).json()
    with pytest.raises(TypeError):
        client.post(reverse("passkey_sign_in"), {"credential": passkey.sign(options)})


def test_anothers_passkey_is_not_there(world: World) -> None:
    data = {"name": "Laptop", "public_id": "passkey_ofTheOwner"}
    world.owner.authenticator_set.create(type="webauthn", data=data)
    own = dict(data, public_id="passkey_ofTheMember")
    world.member.authenticator_set.create(type="webauthn", data=own)
    client = freshly_signed_in(world.member)
    for name in ("passkey_rename", "passkey_remove"):
        theirs = client.post(reverse(name, args=[data["public_id"]]), {"name": "Mine"})
        unknown = client.post(reverse(name, args=["passkey_unknown"]), {"name": "Mine"})
        assert (theirs.status_code, theirs.content) == (404, unknown.content)
    answer = client.post(reverse("passkey_rename", args=[own["public_id"]]), {"name": "Desk"})
    assert answer.status_code == 302
    assert "Desk" in words(client.get(reverse("security")))


def test_the_last_way_to_sign_in_stays(world: World) -> None:
    data = {"name": "Laptop", "public_id": "passkey_only"}
    world.member.authenticator_set.create(type="webauthn", data=data)
    world.member.set_unusable_password()
    world.member.save(update_fields=["password"])
    client = freshly_signed_in(world.member)
    answer = client.post(reverse("passkey_remove", args=["passkey_only"]))
    assert answer.status_code == 409
    assert "Set a password first" in words(answer)
