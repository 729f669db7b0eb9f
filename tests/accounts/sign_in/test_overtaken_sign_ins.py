"""A sign-in that waits for the second factor ends with what it rests on: nobody finishes it later."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.factors.services import remove_password, replace_codes
from accounts.models import TrustedBrowser, User
from accounts.people.services.deletion import delete_account
from accounts.sessions.services import end_other_sessions
from accounts.sign_in.services import set_new_password
from accounts.support.services.factor_resets import reset_due_factors, start_factor_reset
from tests.support.factors import (
    code_of,
    enter_password,
    forget_used_codes,
    let_reset_wait_pass,
    with_app,
)
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
SECOND_FACTOR = reverse("second_factor")
SIGN_IN = reverse("account_login")
NEW = "a new and rather long password"


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def change_password(user: User) -> None:
    actor = Actor.of_user(user)
    set_new_password(actor=actor, user=user, password=NEW, revoke_tokens=False)


def end_others(user: User) -> None:
    end_other_sessions(actor=Actor.of_user(user))


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def reset_by_mail(user: User) -> None:
    browser = Client()
    browser.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"(/accounts/password/reset/key/\S+)", str(mailed_to(user.email)[-1].body))
    assert link
    page: Any = browser.get(link[1], follow=True)
    form = {"password1": NEW, "password2": NEW}
    assert browser.post(page.redirect_chain[-1][0], form).status_code == 302


def delete(user: User) -> None:
    delete_account(actor=Actor.of_user(User.objects.get(pk=user.pk)))


def have_factors_reset(user: User) -> None:
    let_reset_wait_pass(
        start_factor_reset(actor=Actor.without_account("command"), user=user, note="Seen.")
    )
    assert reset_due_factors() == 1


def remove_their_password(user: User) -> None:
    user.authenticator_set.create(type="webauthn", data={"name": "Laptop"})
    remove_password(actor=Actor.of_user(User.objects.get(pk=user.pk)))


ENDS = [
    change_password,
    reset_by_mail,
    end_others,
    remove_their_password,
    have_factors_reset,
    deactivate,
    delete,
]


@pytest.fixture
def waiting(world: World) -> tuple[Client, str]:
    """A browser in which the member's password was entered, and the secret of their app."""
    secret, _ = with_app(world.member)
    client = Client()
    assert enter_password(client, world.member)["Location"] == SECOND_FACTOR
    return client, secret


@pytest.mark.parametrize("end", ENDS)
def test_a_waiting_sign_in_ends(
    world: World, waiting: tuple[Client, str], end: Callable[[User], None]
) -> None:
    client, secret = waiting
    end(world.member)
    answer = client.post(SECOND_FACTOR, {"code": code_of(secret), "trust": "on"})
    assert answer["Location"] == SIGN_IN
    assert client.post(reverse("second_factor_options")).status_code == 409
    assert not is_in(client)
    assert not TrustedBrowser.objects.exists()


@pytest.mark.parametrize("end", ENDS)
def test_it_ends_also_at_the_very_last_moment(
    world: World,
    waiting: tuple[Client, str],
    end: Callable[[User], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the check of the code and the session."""
    from accounts.sign_in import second_factor_views as views

    remember = views.remember_use

    def end_first(*args: Any, **how: Any) -> bool:
        used = remember(*args, **how)
        end(world.member)
        return used

    monkeypatch.setattr(views, "remember_use", end_first)
    client, secret = waiting
    answer = client.post(SECOND_FACTOR, {"code": code_of(secret), "trust": "on"}, follow=True)
    assert answer.status_code == 403 if end is delete else "Sign in again." in words(answer)
    assert not is_in(client)
    assert not TrustedBrowser.objects.exists()


def test_one_without_a_second_factor_ends_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is changed while it is being checked."""
    from accounts.sign_in import stages

    needs = stages.needs_second_factor

    def change_first(request: object, user: User) -> bool:
        change_password(world.member)
        return needs(request, user)  # type: ignore[arg-type]

    monkeypatch.setattr(stages, "needs_second_factor", change_first)
    client = Client()
    assert enter_password(client, world.member)["Location"] == SIGN_IN
    assert not is_in(client)


def test_a_factor_that_was_removed_meanwhile_does_not_sign_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recovery code is entered while its person replaces all of them."""
    from accounts.sign_in import second_factor_views as views

    _, codes = with_app(world.member)
    client = Client()
    enter_password(client, world.member)
    record = views.record_recovery_code

    def replace_first(**data: Any) -> None:
        record(**data)
        replace_codes(world.member)

    monkeypatch.setattr(views, "record_recovery_code", replace_first)
    assert client.post(SECOND_FACTOR, {"code": codes[0]})["Location"] == SIGN_IN
    assert not is_in(client)


def test_nothing_is_in_the_way_of_the_next_sign_in(
    world: World, waiting: tuple[Client, str]
) -> None:
    client, secret = waiting
    end_others(world.member)
    client.post(SECOND_FACTOR, {"code": code_of(secret)})
    forget_used_codes()
    assert enter_password(client, world.member)["Location"] == SECOND_FACTOR
    assert client.post(SECOND_FACTOR, {"code": code_of(secret)})["Location"] == "/"
    assert is_in(client)


def test_the_codes_that_someone_with_the_old_password_used_up_do_not_lock_out(
    world: World, waiting: tuple[Client, str]
) -> None:
    client, secret = waiting
    for _ in range(5):
        client.post(SECOND_FACTOR, {"code": "000000"})
    assert client.post(SECOND_FACTOR, {"code": "000000"}).status_code == 429
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    freshly_signed_in(world.member).post(reverse("account_change_password"), form)
    own = Client()
    own.post(SIGN_IN, {"login": world.member.email, "password": NEW})
    assert own.post(SECOND_FACTOR, {"code": code_of(secret)})["Location"] == "/"
