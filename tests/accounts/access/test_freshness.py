"""What counts as a fresh sign-in, and that ten acts ask again after five minutes."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access.freshness import FRESH
from accounts.models import User
from tests.support.factors import sign_in_with_app, with_app
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
CONFIRM = "/accounts/reauthenticate/"


def acts(world: World) -> list[str]:
    slug = world.organization.slug
    return [
        reverse("ownership_transfer", args=[slug]),
        reverse("organization_close", args=[slug]),
        reverse("default_key_reveal", args=[slug]),
        reverse("default_key_regenerate", args=[slug]),
        reverse("access_token_create"),
        reverse("account_delete"),
        reverse("passkey_add"),
        reverse("app_set_up"),
        reverse("recovery_codes"),
        reverse("password_remove"),
        reverse("device_approve"),
    ]


def with_proof(user: User, proof: str, seconds_ago: float = 0) -> Client:
    client = signed_in(user)
    session = client.session
    session[FRESH] = [user.pk, {proof: time.time() - seconds_ago}]
    session.save()
    return client


def asks(client: Client, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 302 and answer["Location"].startswith(CONFIRM)


def add_passkey(user: User) -> None:
    user.authenticator_set.create(type="webauthn", data={"name": "Laptop"})


def test_ten_acts_ask_again_after_five_minutes(world: World) -> None:
    fresh, stale = (
        with_proof(world.owner, "password", 200),
        with_proof(world.owner, "password", 301),
    )
    assert len(acts(world)) >= 10
    assert [path for path in acts(world) if asks(fresh, path)] == []
    assert [path for path in acts(world) if not asks(stale, path)] == []


def test_a_passkey_alone_opens_every_act(world: World) -> None:
    world.owner.set_unusable_password()
    world.owner.save(update_fields=["password"])
    add_passkey(world.owner)
    client = with_proof(world.owner, "passkey")
    assert [path for path in acts(world) if asks(client, path)] == []
    stale = with_proof(world.owner, "passkey", 301)
    assert [path for path in acts(world) if not asks(stale, path)] == []


@pytest.mark.parametrize("proof", ["password", "passkey"])
def test_whoever_has_neither_password_nor_passkey_is_never_fresh(world: World, proof: str) -> None:
    world.owner.set_unusable_password()
    world.owner.save(update_fields=["password"])
    client = with_proof(world.owner, proof)
    assert [path for path in acts(world) if not asks(client, path)] == []
    page = client.get(CONFIRM)
    assert "neither a password nor a passkey" in words(page)
    # Not with the empty password either, nor with the answer of the library.
    assert client.post(CONFIRM, {"password": ""}).status_code == 200
    assert client.post(reverse("account_email"), {"action_add": "", "email": "n@x.example"})[
        "Location"
    ].startswith(CONFIRM)


def test_a_code_alone_is_no_proof(world: World) -> None:
    secret, _ = with_app(world.owner)
    client = Client()
    sign_in_with_app(client, world.owner, secret)
    session = client.session
    session[FRESH] = [world.owner.pk, {"password": time.time() - 301}]
    session.save()
    assert asks(client, acts(world)[0])


def test_the_proof_of_another_account_does_not_count(world: World) -> None:
    client = signed_in(world.owner)
    session = client.session
    session[FRESH] = [world.admin.pk, {"password": time.time()}]
    session.save()
    assert asks(client, acts(world)[0])


def test_the_password_leads_on_to_the_act(world: World) -> None:
    client = signed_in(world.owner)
    path = acts(world)[0]
    asked = client.get(path)["Location"]
    assert client.get(asked).status_code == 200
    wrong = client.post(asked, {"password": "wrong"})
    assert wrong.status_code == 422
    answer = client.post(CONFIRM, {"password": PASSWORD, "next": path})
    assert answer["Location"] == path
    assert not asks(client, path)


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_it_never_leads_to_another_site(world: World, next_url: str) -> None:
    answer: Any = freshly_signed_in(world.owner).post(
        CONFIRM, {"password": PASSWORD, "next": next_url}
    )
    assert answer["Location"] == "/"


def test_a_person_with_passkeys_alone_sets_a_password_when_fresh(world: World) -> None:
    world.member.set_unusable_password()
    world.member.save(update_fields=["password"])
    add_passkey(world.member)
    new = {
        "password1": "a new and rather long password",
        "password2": "a new and rather long password",
    }
    path = reverse("account_set_password")
    assert asks(signed_in(world.member), path)
    stale = signed_in(world.member).post(path, new)
    assert stale["Location"].startswith(CONFIRM)
    assert with_proof(world.member, "passkey").post(path, new).status_code == 302
    world.member.refresh_from_db()
    assert world.member.has_usable_password()
