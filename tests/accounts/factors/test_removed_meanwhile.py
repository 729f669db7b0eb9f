"""A second factor that is removed while it is used or renamed: refused, never an error of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.factors import forms
from accounts.factors.passkeys import advance_counter
from accounts.models import User
from accounts.sign_in import second_factor_views
from tests.support.factors import code_of, enter_password, with_app
from tests.support.pages import freshly_signed_in, words
from tests.support.soft_passkeys import SoftPasskey
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND_FACTOR = reverse("second_factor")


def remove_all(user: User) -> None:
    user.authenticator_set.all().delete()


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_a_code_whose_factor_goes_after_it_was_checked(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, codes = with_app(world.member)
    find_code = forms.find_code

    def find_then_remove(user: User, code: str) -> Any:
        found = find_code(user, code)
        remove_all(user)
        return found

    monkeypatch.setattr(forms, "find_code", find_then_remove)
    client = Client()
    enter_password(client, world.member)
    code = code_of(secret) if kind == "app" else codes[0]
    answer = client.post(SECOND_FACTOR, {"code": code})
    assert answer.status_code == 302
    assert not is_in(client)


def test_recovery_codes_that_go_as_one_is_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, codes = with_app(world.member)
    is_right = forms.is_right

    def remove_first(factor: Authenticator, code: str) -> bool:
        Authenticator.objects.filter(pk=factor.pk).delete()
        return is_right(factor, code)

    monkeypatch.setattr(forms, "is_right", remove_first)
    client = Client()
    enter_password(client, world.member)
    assert client.post(SECOND_FACTOR, {"code": codes[0]}).status_code == 422


def test_a_passkey_that_goes_as_it_counts(world: World) -> None:
    passkey = world.member.authenticator_set.create(type="webauthn", data={"name": "Key"})
    remove_all(world.member)
    passkey.pk = passkey.pk or 1
    assert not advance_counter(passkey, 5)


def with_passkey(user: User) -> SoftPasskey:
    passkey, client = SoftPasskey(), freshly_signed_in(user)
    options = client.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    assert client.post(reverse("passkey_add"), form).status_code == 200
    return passkey


def sign_in_alone(client: Client, passkey: SoftPasskey, user: User) -> Any:
    options = client.post(reverse("passkey_sign_in_options")).json()
    return client.post(reverse("passkey_sign_in"), {"credential": passkey.sign(options)})


def sign_in_second(client: Client, passkey: SoftPasskey, user: User) -> Any:
    enter_password(client, user)
    options = client.post(reverse("second_factor_options")).json()
    return client.post(reverse("second_factor_passkey"), {"credential": passkey.sign(options)})


@pytest.mark.parametrize("sign_in", [sign_in_alone, sign_in_second])
def test_a_passkey_that_goes_after_it_was_checked(
    world: World,
    settings: Settings,
    sign_in: Callable[[Client, SoftPasskey, User], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.BASE_URL = "https://console.example.com"
    passkey, client = with_passkey(world.member), Client()
    remember = second_factor_views.remember_use

    def remove_first(request: Any, user: User, factor: Authenticator, **how: bool) -> bool:
        Authenticator.objects.filter(user=user).delete()
        return remember(request, user, factor, **how)

    monkeypatch.setattr(second_factor_views, "remember_use", remove_first)
    assert sign_in(client, passkey, world.member).status_code in (302, 422)
    assert not is_in(client)


def test_a_passkey_that_goes_as_it_is_renamed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.factors import factor_views

    data = {"name": "Laptop", "public_id": "passkey_own"}
    world.member.authenticator_set.create(type="webauthn", data=data)
    find = factor_views.find_passkey

    def find_then_remove(user: User, reference: str) -> Authenticator:
        passkey = find(user, reference)
        Authenticator.objects.filter(pk=passkey.pk).delete()
        return passkey

    monkeypatch.setattr(factor_views, "find_passkey", find_then_remove)
    client = freshly_signed_in(world.member)
    for name in ("passkey_rename", "passkey_remove"):
        answer = client.post(reverse(name, args=["passkey_own"]), {"name": "Desk"})
        assert answer.status_code in (302, 409)
        world.member.authenticator_set.create(type="webauthn", data=data)
    assert "has just been removed" in words(
        client.post(reverse("passkey_rename", args=["passkey_own"]), {"name": "Desk"})
    )
