"""Passkeys under attack: replays, challenges of others, other pages, copies, and swapped people."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.support.factors import code_of, enter_password, with_app
from tests.support.pages import freshly_signed_in
from tests.support.soft_passkeys import SoftPasskey
from tests.world import World

pytestmark = pytest.mark.django_db
Change = Callable[[SoftPasskey], SoftPasskey]


@pytest.fixture(autouse=True)
def host(settings: Settings) -> None:
    settings.BASE_URL = "https://console.example.com"


def add(user: User, passkey: SoftPasskey) -> SoftPasskey:
    client = freshly_signed_in(user)
    options = client.post(reverse("passkey_add_options")).json()
    form = {"name": "Laptop", "credential": passkey.register(options)}
    assert client.post(reverse("passkey_add"), form).status_code == 200  # the recovery codes
    return passkey


def get_options(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.post(reverse("passkey_sign_in_options")).json()
    return options


def send(client: Client, credential: str) -> bool:
    client.post(reverse("passkey_sign_in"), {"credential": credential})
    return is_in(client)


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def with_session(key: str | None) -> Client:
    """A browser with the session of that key."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key or ""
    return client


def test_a_passkey_signs_in_alone(world: World) -> None:
    passkey, client = add(world.member, SoftPasskey()), Client()
    assert send(client, passkey.sign(get_options(client)))
    assert client.session["_auth_user_id"] == str(world.member.pk)


def test_an_answer_works_once_and_for_its_own_challenge(world: World) -> None:
    passkey, victim = add(world.member, SoftPasskey()), Client()
    answer = passkey.sign(get_options(victim))
    thief = Client()
    assert not send(thief, answer), "without a challenge"
    get_options(thief)
    assert not send(thief, answer), "with a challenge of their own"
    assert send(victim, answer)
    victim.post(reverse("account_logout"))
    assert not send(victim, answer), "again in the same browser"
    get_options(victim)
    assert not send(victim, answer), "for the next challenge"


@pytest.mark.parametrize(
    "change",
    [
        lambda passkey: replace(passkey, origin="https://evil.example"),
        lambda passkey: replace(passkey, origin="https://evil.console.example.com"),
        lambda passkey: replace(passkey, origin="http://console.example.com"),
        lambda passkey: replace(passkey, host="evil.example"),
        lambda passkey: replace(passkey, verifies=False),
        lambda passkey: replace(passkey, key=SoftPasskey().key),
        lambda passkey: replace(passkey, id=b"another one"),
    ],
    ids=["page", "subdomain", "http", "host", "unverified", "signature", "unknown"],
)
def test_an_answer_that_is_not_right_is_refused(world: World, change: Change) -> None:
    passkey, client = add(world.member, SoftPasskey()), Client()
    assert not send(client, change(passkey).sign(get_options(client)))
    assert send(client, passkey.sign(get_options(client)))


def test_one_s_own_passkey_does_not_sign_in_somebody_else(world: World) -> None:
    own, theirs = add(world.member, SoftPasskey()), add(world.admin, SoftPasskey())
    client = Client()
    assert not send(client, replace(own, handle=theirs.handle).sign(get_options(client)))
    enter_password(client, world.admin)
    options = client.post(reverse("second_factor_options")).json()
    form = {"credential": own.sign(options)}
    assert client.post(reverse("second_factor_passkey"), form).status_code == 422
    assert not is_in(client)


def test_a_copy_is_noticed(world: World) -> None:
    passkey = add(world.member, SoftPasskey(count=5))
    copy, client = replace(passkey), Client()
    assert send(client, passkey.sign(get_options(client)))
    thief = Client()
    assert not send(thief, copy.sign(get_options(thief)))


def test_a_removed_passkey_and_a_deactivated_person_stay_out(world: World) -> None:
    passkey = add(world.member, SoftPasskey())
    User.objects.filter(pk=world.member.pk).update(is_active=False)
    client = Client()
    assert not send(client, passkey.sign(get_options(client)))
    User.objects.filter(pk=world.member.pk).update(is_active=True)
    world.member.authenticator_set.all().delete()
    assert not send(client, passkey.sign(get_options(client)))


def test_a_registration_is_not_replayed(world: World) -> None:
    client, passkey = freshly_signed_in(world.member), SoftPasskey()
    answer = passkey.register(client.post(reverse("passkey_add_options")).json())
    form = {"name": "Laptop", "credential": answer}
    thief = freshly_signed_in(world.admin)
    assert thief.post(reverse("passkey_add"), form).status_code == 422
    thief.post(reverse("passkey_add_options"))
    assert thief.post(reverse("passkey_add"), form).status_code == 422
    assert client.post(reverse("passkey_add"), form).status_code == 200
    assert client.post(reverse("passkey_add"), form).status_code == 422
    assert not world.admin.has_passkey


def test_every_refusal_looks_the_same(world: World) -> None:
    """Of unknown people and passkeys, of wrong signatures and challenges."""
    passkey = add(world.member, SoftPasskey())
    wrong = [
        replace(passkey, id=b"unknown"),
        replace(passkey, handle="eA"),
        replace(passkey, key=SoftPasskey().key),
    ]
    answers = set()
    for attempt in wrong:
        client = Client()
        answer = client.post(
            reverse("passkey_sign_in"),
            {"credential": attempt.sign(get_options(client))},
            follow=True,
        )
        answers.add((answer.status_code, *(str(m) for m in answer.context["messages"])))
    assert len(answers) == 1


def test_nobody_is_signed_in_by_a_form_of_another_site(world: World) -> None:
    passkey, secret = add(world.member, SoftPasskey()), with_app(world.admin)[0]
    client = Client(enforce_csrf_checks=True)
    for name in ("passkey_sign_in_options", "second_factor_options", "passkey_sign_in"):
        assert client.post(reverse(name)).status_code == 403, name
    signing = Client()
    form = {"credential": passkey.sign(get_options(signing))}
    client.cookies = signing.cookies
    assert client.post(reverse("passkey_sign_in"), form).status_code == 403
    waiting = Client()
    enter_password(waiting, world.admin)
    client.cookies = waiting.cookies
    code = {"code": code_of(secret)}
    assert client.post(reverse("second_factor"), code).status_code == 403
    assert not is_in(client)


def test_a_session_prepared_by_someone_else_is_left_behind_at_each_step(world: World) -> None:
    """Session fixation: who knows the cookie before or between the steps is not signed in after."""
    secret, _ = with_app(world.admin)
    client = Client()
    get_options(client)  # so that there is a session to prepare
    keys = [client.session.session_key]
    enter_password(client, world.admin)
    keys.append(client.session.session_key)
    client.post(reverse("second_factor"), {"code": code_of(secret)})
    assert is_in(client)
    keys.append(client.session.session_key)
    assert [is_in(with_session(key)) for key in keys] == [False, False, True]


def test_a_passkey_session_is_left_behind_too(world: World) -> None:
    passkey, client = add(world.member, SoftPasskey()), Client()
    options = get_options(client)
    before = client.session.session_key
    assert send(client, passkey.sign(options))
    assert is_in(with_session(client.session.session_key))
    assert not is_in(with_session(before))
