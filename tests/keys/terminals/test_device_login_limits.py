"""How often codes are guessed and logins begun: by an account, and by an IP address."""

import datetime as dt

import pytest
from django.utils import timezone

from keys.models import DeviceLogin
from keys.terminals import device_views, oauth_api
from tests.keys.helpers.terminal_client import (
    ask,
    post,
)
from tests.support.clock import set_clock
from tests.support.pages import freshly_signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def test_wrong_codes_are_throttled_for_an_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    set_clock(monkeypatch, now)
    asking, browser = ask(), freshly_signed_in(world.stranger)
    for _ in range(10):
        assert browser.get("/device/approve/?user_code=BCDFBCDF").status_code == 422
    answer = browser.get("/device/approve/?user_code=BCDFBCDF")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "Too many attempts" in words(answer)
    assert browser.post(asking.address).status_code == 429
    # Nobody else is locked out, and the login goes on waiting for its own person.
    assert asking.answer(world.member).status_code == 302
    set_clock(monkeypatch, now + dt.timedelta(minutes=5))
    assert browser.get("/device/approve/?user_code=BCDFBCDF").status_code == 422


def test_wrong_codes_are_throttled_for_an_ip_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, timezone.now())
    monkeypatch.setattr(
        device_views, "ADDRESS_GUESSES", device_views.ADDRESS_GUESSES._replace(fixed_quota=2)
    )
    for person in (world.stranger, world.member):
        freshly_signed_in(person).get("/device/approve/?user_code=BCDFBCDF")
    assert ask().answer(world.owner).status_code == 429


def test_logins_are_throttled_for_an_ip_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    set_clock(monkeypatch, now)
    monkeypatch.setattr(oauth_api, "LOGINS", oauth_api.LOGINS._replace(fixed_quota=2))
    ask()
    ask()
    answer = post("/oauth/device")
    assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
    assert DeviceLogin.objects.count() == 2
    set_clock(monkeypatch, now + dt.timedelta(minutes=1))
    ask()
