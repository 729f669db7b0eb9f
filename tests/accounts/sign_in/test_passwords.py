"""Which passwords are refused, and that a password is the same however a keyboard writes its letters."""

import unicodedata

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.support.pages import signed_in, words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
WEAK = (
    "password1234567",
    " " * 15,
    "a" * 15,
    "qwertyuiopasdfgh",
    "123456789012345",
    "letmeinletmein123",
    "owner@northwind.example",
    "Maya Okafor maya",
)


@pytest.mark.parametrize("password", WEAK)
def test_passwords_that_are_easy_to_guess_are_refused(password: str) -> None:
    owner = User(email="owner@northwind.example", name="Maya Okafor")
    with pytest.raises(ValidationError):
        validate_password(password, owner)


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "x7!kQz..w9Lm2#pV", "ü" * 3 + "berraschend blau"]
)
def test_passwords_that_are_hard_to_guess_are_taken(password: str) -> None:
    validate_password(password, User(email="owner@northwind.example", name="Maya Okafor"))


def test_the_published_password_is_for_the_demo_alone(settings: Settings) -> None:
    settings.DEMO = True
    validate_password("demo-console-2026")
    settings.DEMO = False
    with pytest.raises(ValidationError):
        validate_password("demo-console-2026")


def test_a_weak_password_is_refused_where_it_is_changed(world: World) -> None:
    form = {"oldpassword": PASSWORD, "password1": WEAK[0], "password2": WEAK[0]}
    answer = signed_in(world.member).post(reverse("account_change_password"), form)
    assert answer.status_code == 422
    assert "easy to guess" in words(answer)


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_both_unicode_forms_sign_in(world: World, stored: str, typed: str) -> None:
    password = "größere Äpfel für Zoë"
    world.member.set_password(unicodedata.normalize(stored, password))
    world.member.save(update_fields=["password"])
    form = {"login": world.member.email, "password": unicodedata.normalize(typed, password)}
    assert Client().post(reverse("account_login"), form).status_code == 302


def test_a_password_stored_before_in_another_form_still_signs_in(world: World) -> None:
    decomposed = unicodedata.normalize("NFD", "größere Äpfel für Zoë")
    super(User, world.member).set_password(decomposed)
    assert world.member.check_password(decomposed)
    assert not world.member.check_password("something else")


def test_a_throttled_sign_in_is_429_and_says_when_to_try_again(world: World) -> None:
    client, form = Client(), {"login": world.member.email, "password": "wrong"}
    answers = [client.post(reverse("account_login"), form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1]["Retry-After"] == "60"
