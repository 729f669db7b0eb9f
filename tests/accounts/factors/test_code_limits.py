"""Wrong codes: how long they have to wait, what is recorded, and when they are forgotten."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from allauth.core import context
from allauth.core.internal import ratelimit
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.actors import Actor
from accounts.errors import TooMany
from accounts.factors.code_limits import count_attempt, forget_attempts, format_wait
from accounts.factors.services import create_recovery_codes
from accounts.models import AuditEvent
from tests.support.factors import code_of, enter_password, with_app
from tests.support.mail import mailed_to
from tests.support.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND_FACTOR = reverse("second_factor")
SUBJECT = "Too many wrong codes for your account"


class Clock:
    """The clock of the limits."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(ratelimit.time, "time", clock)
    return clock


@pytest.fixture
def request_context(world: World) -> Iterator[None]:
    with context.request_context(RequestFactory().post("/")):
        yield


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize(
    ("number", "pace", "wait", "text"),
    [
        (5, 1, 60 - 5, "1 minute"),
        (30, 60, 3600 - 30 * 60, "30 minutes"),
        (100, 121, 86_400 - 100 * 121, "21 hours"),
    ],
)
def test_the_message_names_the_real_wait(
    world: World, clock: Clock, number: int, pace: int, wait: int, text: str
) -> None:
    """After that many attempts, `pace` seconds apart."""
    for _ in range(number):
        count_attempt(world.member)
        clock.now += pace
    with pytest.raises(TooMany, match=f"Wait {text}, or use a passkey") as refusal:
        count_attempt(world.member)
    assert refusal.value.retry_after == wait
    clock.now += wait - 1
    with pytest.raises(TooMany):
        count_attempt(world.member)
    clock.now += 1
    count_attempt(world.member)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 minute"), (60, "1 minute"), (61, "2 minutes"), (3601, "2 hours"), (86_400, "1 day")],
)
def test_a_wait_is_rounded_up(seconds: int, text: str) -> None:
    assert format_wait(seconds) == text


@pytest.mark.usefixtures("request_context")
def test_a_new_password_forgets_them_once_a_day(world: World) -> None:
    """Whoever reads the person's mail resets the password again and again."""
    for number in range(3):
        made = 0
        with suppress(TooMany):
            for _ in range(6):
                count_attempt(world.member)
                made += 1
        assert made == (5 if number < 2 else 0)
        forget_attempts(world.member)


@pytest.mark.parametrize("code", ["", " ", "1" * 21, "\x00", "1234\x00"])
def test_what_is_no_code_is_neither_counted_nor_recorded(world: World, code: str) -> None:
    with_app(world.member)
    client = Client()
    enter_password(client, world.member)
    for _ in range(10):
        assert client.post(SECOND_FACTOR, {"code": code}).status_code == 422
    assert not AuditEvent.objects.filter(act="factor.failed").exists()
    assert client.post(SECOND_FACTOR, {"code": "000000"}).status_code == 422
    assert AuditEvent.objects.filter(act="factor.failed").count() == 1


def test_codes_that_cannot_be_decrypted_are_not_counted(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    secret, recovery_codes = with_app(world.member)
    settings.ENCRYPTION_KEY = "the key of somebody else " * 2
    client = Client()
    enter_password(client, world.member)
    for code in (code_of(secret), recovery_codes[0]) * 4:
        answer = client.post(SECOND_FACTOR, {"code": code})
        assert answer.status_code == 422
        assert "We can't check codes right now" in words(answer)
    assert "ENCRYPTION_KEY" in caplog.text
    assert SUBJECT not in [mail.subject for mail in mailed_to(world.member.email)]
    assert not AuditEvent.objects.filter(act="factor.failed").exists()


def test_guesses_are_counted_while_one_factor_can_be_decrypted(
    world: World, settings: Settings
) -> None:
    """The app is of the old key, the recovery codes are of the new one."""
    with_app(world.member)
    settings.ENCRYPTION_KEY = "the key of somebody else " * 2
    create_recovery_codes(actor=Actor.of_user(world.member))
    client = Client()
    enter_password(client, world.member)
    for _ in range(5):
        answer = client.post(SECOND_FACTOR, {"code": "00000 00000"})
        assert "We can't check codes right now" in words(answer)
    assert client.post(SECOND_FACTOR, {"code": "00000 00000"}).status_code == 429
    assert AuditEvent.objects.filter(act="factor.failed").count() == 5


def test_the_person_is_notified_once_a_day(world: World, clock: Clock) -> None:
    with_app(world.member)
    mailed_to(world.member.email)
    client = Client(REMOTE_ADDR="203.0.113.24")
    enter_password(client, world.member)
    for _ in range(5):
        client.post(SECOND_FACTOR, {"code": "000000"})
    assert not [mail for mail in mailed_to(world.member.email) if mail.subject == SUBJECT]
    for _ in range(3):
        client.post(SECOND_FACTOR, {"code": "000000"})
    clock.now += 61
    for _ in range(6):
        client.post(SECOND_FACTOR, {"code": "000000"})
    (mail,) = [mail for mail in mailed_to(world.member.email) if mail.subject == SUBJECT]
    assert "IP address: 203.0.113.24" in mail.body
    assert reverse("account_reset_password") in mail.body


def test_the_page_says_how_long_to_wait(world: World, clock: Clock) -> None:
    with_app(world.member)
    client = Client()
    enter_password(client, world.member)
    for _ in range(5):
        client.post(SECOND_FACTOR, {"code": "000000"})
    answer = client.post(SECOND_FACTOR, {"code": "000000"})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert "Wait 1 minute" in words(answer)
