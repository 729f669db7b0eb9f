"""The authenticator app: setting it up, signing in with its codes, and what a code is good for."""

import json
import re
import time
from contextlib import suppress

import pytest
from allauth.core import context
from allauth.core.internal import ratelimit
from django.contrib.sessions.models import Session
from django.core import serializers
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.crypto.encryption import UndecryptableError
from accounts.errors import TooMany
from accounts.factors.code_limits import count_attempt
from accounts.models import AuditEvent, User
from tests.support.factors import (
    code_of,
    enter_password,
    forget_used_codes,
    secret_of,
    shown_codes,
    sign_in_with_app,
    with_app,
)
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND_FACTOR = "/accounts/login/second-factor/"
SUBJECT = "How you sign in has changed"


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def set_up(client: Client, **form: str) -> list[str]:
    """Sets up an app from what the page displays; the recovery codes."""
    page = client.get(reverse("app_set_up"))
    key = re.search(r'class="secret">([A-Z2-7 ]+)<', page.content.decode())
    assert key
    code = code_of(key[1].replace(" ", ""))
    answer = client.post(reverse("app_set_up"), {"code": code, "name": "Phone", **form})
    return shown_codes(answer)


def test_the_key_is_displayed_as_inline_svg_and_as_text(world: World) -> None:
    page = freshly_signed_in(world.member).get(reverse("app_set_up")).content.decode()
    assert '<svg class="qr"' in page
    assert "data:image" not in page
    assert re.search(r'class="secret">([A-Z2-7]{4} ){7}[A-Z2-7]{4}<', page)


def test_setting_up_needs_a_fresh_sign_in_and_the_first_code(world: World) -> None:
    assert signed_in(world.member).get(reverse("app_set_up")).status_code == 302
    client = freshly_signed_in(world.member)
    client.get(reverse("app_set_up"))
    answer = client.post(reverse("app_set_up"), {"code": "000000", "name": "Phone"})
    assert answer.status_code == 422
    assert not world.member.authenticator_set.exists()
    codes = set_up(client)
    assert len(set(codes)) == 10
    assert world.member.has_second_factor
    (event,) = AuditEvent.objects.filter(act="factor.added")
    assert (event.actor, event.organization) == (world.member, world.organization)
    (mail,) = [m for m in mailed_to(world.member.email) if m.subject == SUBJECT]
    assert "authenticator app “Phone” was added" in str(mail.body)


def test_signing_in_asks_for_a_code_after_the_password(world: World) -> None:
    secret, _ = with_app(world.member)
    client = Client()
    answer = enter_password(client, world.member)
    assert (answer.status_code, answer["Location"]) == (302, SECOND_FACTOR)
    assert not is_in(client)
    assert client.get(SECOND_FACTOR).status_code == 200
    assert client.post(SECOND_FACTOR, {"code": "000000"}).status_code == 422
    assert not is_in(client)
    assert client.post(SECOND_FACTOR, {"code": code_of(secret)})["Location"] == "/"
    assert is_in(client)


@pytest.mark.parametrize(
    ("steps", "works"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(world: World, steps: int, works: bool) -> None:
    secret, _ = with_app(world.member)
    client = Client()
    enter_password(client, world.member)
    answer = client.post(SECOND_FACTOR, {"code": code_of(secret, steps)})
    # The window moves on once in 30 seconds; a code of its edge may fall out in between.
    assert answer.status_code == (302 if works else 422)


def test_a_code_works_once_anywhere(world: World) -> None:
    secret, _ = with_app(world.member)
    assert sign_in_with_app(Client(), world.member, secret).status_code == 302
    again = sign_in_with_app(Client(), world.member, secret)
    assert again.status_code == 422
    assert "already used" in words(again)
    forget_used_codes()


def test_the_code_that_set_it_up_does_not_sign_in(world: World) -> None:
    client = freshly_signed_in(world.member)
    set_up(client)
    assert sign_in_with_app(Client(), world.member, secret_of(world.member)).status_code == 422


def test_nothing_in_the_database_gives_a_code(world: World) -> None:
    """Neither the rows nor the session in which it was set up hold the secret or the seed as text."""
    client = freshly_signed_in(world.member)
    client.get(reverse("app_set_up"))
    stored = [row.get_decoded() for row in Session.objects.all()]
    key = re.search(
        r'class="secret">([A-Z2-7 ]+)<', client.get(reverse("app_set_up")).content.decode()
    )
    assert key
    secret = key[1].replace(" ", "")
    assert secret not in json.dumps(stored)
    set_up(client)
    rows = serializers.serialize("json", world.member.authenticator_set.all())
    assert secret not in rows
    for row in world.member.authenticator_set.all():
        sealed = row.data.get("secret") or row.data.get("seed")
        assert sealed.startswith("1:")


def test_wrong_codes_are_held_up_per_account_and_recorded(world: World) -> None:
    with_app(world.member)
    answers = []
    for number in range(7):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        enter_password(client, world.member)
        answers.append(client.post(SECOND_FACTOR, {"code": "000000"}).status_code)
    assert answers == [422] * 5 + [429] * 2
    assert AuditEvent.objects.filter(act="factor.failed").count() == 5


def test_guesses_from_everywhere_at_every_hour_are_a_hundred_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password being known, with three right codes of a million: one day in 3,300 finds one."""
    clock, made = time.time(), 0
    monkeypatch.setattr(ratelimit.time, "time", lambda: clock)
    with context.request_context(RequestFactory().post("/")):
        for _ in range(24 * 60):
            clock += 60
            with suppress(TooMany):
                for _ in range(6):
                    count_attempt(world.member)
                    made += 1
    assert 100 <= made <= 105  # the first ones are a day old at the end


def test_without_the_password_the_page_leads_back(world: World) -> None:
    with_app(world.member)
    assert Client().get(SECOND_FACTOR)["Location"] == "/accounts/login/"
    assert Client().post(SECOND_FACTOR, {"code": "000000"})["Location"] == "/accounts/login/"


def test_removing_the_last_factor_takes_codes_and_trust_along(world: World) -> None:
    with_app(world.member)
    world.member.trusted_browsers.create(mac="x" * 43)
    client = freshly_signed_in(world.member)
    assert client.post(reverse("app_remove")).status_code == 302
    assert not world.member.authenticator_set.exists()
    assert not world.member.trusted_browsers.exists()
    assert AuditEvent.objects.filter(act="factor.removed").exists()


def test_the_first_factor_ends_sessions_begun_without_a_factor(world: World) -> None:
    other, this = Client(), Client()
    for client in (other, this):
        enter_password(client, world.member)
    assert is_in(other)
    set_up(this)
    assert is_in(this)
    assert not is_in(other)


def test_a_factor_added_while_the_password_is_entered_is_requested_after_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the step that looks for factors and the session."""
    from accounts.sign_in import adapter

    needs = adapter.needs_second_factor
    asked: list[User] = []

    def add_first(request: object, user: User) -> bool:
        if not asked:
            asked.append(user)
            with_app(user)
        return needs(request, user)

    monkeypatch.setattr(adapter, "needs_second_factor", add_first)
    client = Client()
    assert enter_password(client, world.member)["Location"] == "/accounts/login/"
    assert asked
    assert not is_in(client)


def test_codes_of_both_kinds_work_after_a_change_of_the_pepper(
    world: World, settings: Settings
) -> None:
    secret, recovery_codes = with_app(world.member)
    settings.PEPPER_PREVIOUS = [settings.PEPPER]
    settings.PEPPER = "another pepper " * 3
    assert sign_in_with_app(Client(), world.member, secret).status_code == 302
    client = Client()
    enter_password(client, world.member)
    assert client.post(SECOND_FACTOR, {"code": recovery_codes[0]}).status_code == 302


def test_a_dump_without_the_key_gives_no_code(world: World, settings: Settings) -> None:
    """Under another ENCRYPTION_KEY the rows are of no use, and nobody is let in."""
    secret, recovery_codes = with_app(world.member)
    settings.ENCRYPTION_KEY = "the key of somebody else " * 2
    with pytest.raises(UndecryptableError):
        secret_of(world.member)
    client = Client()
    enter_password(client, world.member)
    for code in (code_of(secret), recovery_codes[0]):
        answer = client.post(SECOND_FACTOR, {"code": code})
        assert answer.status_code == 422
        assert "We can't check codes right now" in words(answer)
        assert not is_in(client)
    assert not AuditEvent.objects.filter(act="factor.failed").exists()
