"""When a key expires, as forms take it: never, in some days, at the end of a day in UTC."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from keys.api_keys.expiry import OVER, TOO_FAR, UNREADABLE, WHICH_DAY
from keys.api_keys.forms import ExpiresForm
from keys.models import KeyPolicy
from tests.support.clock import DAY, last_second_of, set_clock

NOW = dt.datetime(2026, 11, 25, 22, 30, tzinfo=dt.UTC)
FREE = KeyPolicy()


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOW)


def given(policy: KeyPolicy = FREE, **data: str) -> ExpiresForm:
    return ExpiresForm(data, policy=policy)


def midnight(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}T00:00:00+00:00")


@pytest.mark.parametrize(
    ("data", "end"),
    [
        ({}, None),
        ({"expires": ""}, None),
        ({"expires": " "}, None),
        ({"expires": "", "expires_on": "2027-01-30"}, None),
        ({"expires": "30"}, NOW + 30 * DAY),
        ({"expires": "30d"}, NOW + 30 * DAY),
        ({"expires": "3650d"}, NOW + 3650 * DAY),
        ({"expires": "7d", "expires_on": "2027-01-30"}, NOW + 7 * DAY),
        ({"expires": "2027-01-30"}, midnight("2027-01-31")),
        ({"expires": "2026-11-25"}, midnight("2026-11-26")),
        ({"expires": "day", "expires_on": "2027-01-30"}, midnight("2027-01-31")),
        ({"expires": "day", "expires_on": " 2026-12-31 "}, midnight("2027-01-01")),
        # A day without the choice beside it is no "never".
        ({"expires_on": "2027-01-30"}, midnight("2027-01-31")),
    ],
)
def test_what_is_taken(data: dict[str, str], end: dt.datetime | None) -> None:
    form = given(**data)
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"expires_at": end}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"expires": "0"}, OVER),
        ({"expires": "0d"}, OVER),
        ({"expires": "2026-11-24"}, OVER),
        ({"expires": "0001-01-01"}, OVER),
        ({"expires": "3651"}, TOO_FAR),
        ({"expires": "999999d"}, TOO_FAR),
        ({"expires": "9999-12-31"}, TOO_FAR),
        ({"expires": "day"}, WHICH_DAY),
        ({"expires": "day", "expires_on": "tomorrow"}, WHICH_DAY),
        ({"expires": "day", "expires_on": "2027-02-30"}, WHICH_DAY),
        ({"expires": "day", "expires_on": "2020-01-01"}, OVER),
        ({"expires": "-3"}, UNREADABLE),
        ({"expires": "1.5"}, UNREADABLE),
        ({"expires": "٣٠"}, UNREADABLE),
        ({"expires": "9" * 5000}, UNREADABLE),
        ({"expires": "20270130"}, UNREADABLE),
        ({"expires": "2027-W01-1"}, UNREADABLE),
        ({"expires": "30 days"}, UNREADABLE),
        ({"expires": "never"}, UNREADABLE),
        ({"expires": "\x00"}, UNREADABLE),
        ({"expires": "2027-01-30\x00"}, UNREADABLE),
    ],
)
def test_what_is_refused_at_the_field(data: dict[str, str], error: str) -> None:
    form = given(**data)
    assert form.errors == {"expires": [error]}
    assert form.status == 422
    assert error in str(form)


def test_a_day_lasts_until_its_very_end(monkeypatch: pytest.MonkeyPatch) -> None:
    last = last_second_of(NOW.date())
    set_clock(monkeypatch, last)
    form = given(expires="2026-11-25")
    assert form.is_valid()
    assert form.cleaned_data["expires_at"] - last == dt.timedelta(seconds=1)
    set_clock(monkeypatch, last + dt.timedelta(seconds=1))
    assert given(expires="2026-11-25").errors == {"expires": [OVER]}


def chosen(form: ExpiresForm) -> Any:
    """The choice and the day that the page shows."""
    length, day = form["expires"].subwidgets[0].data["subwidgets"]
    return length["value"], day["value"]


def test_what_was_sent_is_shown_again() -> None:
    for sent, shown in {
        ("45", ""): (["45d"], ""),
        ("2020-01-01", ""): (["day"], "2020-01-01"),
        ("day", "2020-01-01"): (["day"], "2020-01-01"),
        ("0d", ""): (["0d"], ""),
    }.items():
        form = given(expires=sent[0], expires_on=sent[1])
        assert chosen(form) == shown
        assert f'value="{shown[0][0]}" selected' in str(form)


def test_the_end_a_key_has_is_shown_as_its_last_day() -> None:
    for end in (midnight("2027-01-31"), midnight("2027-01-30") + dt.timedelta(hours=3)):
        form = ExpiresForm(None, policy=FREE, expires_at=end)
        assert chosen(form) == (["day"], "2027-01-30")
    assert chosen(ExpiresForm(None, policy=FREE)) == ([""], "")


def test_a_length_is_chosen_at_first_where_keys_have_to_end() -> None:
    assert chosen(ExpiresForm(None, policy=KeyPolicy(expiry_required=True))) == (["30d"], "")
    assert chosen(ExpiresForm(None, policy=KeyPolicy(longest_days=9))) == (["7d"], "")
    assert chosen(ExpiresForm(None, policy=KeyPolicy(longest_days=5))) == (["5d"], "")


def test_a_policy_counts_from_when_the_secret_was_made() -> None:
    policy = KeyPolicy(longest_days=90)
    old = ExpiresForm(None, policy=policy, secret_made_at=NOW - 80 * DAY)
    offered = [label for _, label in old.fields["expires"].widget.widgets[0].choices]  # type: ignore[attr-defined]
    assert offered == ["7 days", "10 days", "On a day…"]
    assert "this one can last until 2026-12-04" in str(old)
    for sent, valid in (("10d", True), ("2026-12-04", True), ("2026-12-05", False), ("11", False)):
        form = ExpiresForm({"expires": sent}, policy=policy, secret_made_at=NOW - 80 * DAY)
        assert form.is_valid() == valid, sent
        assert form.status == 422
    past = ExpiresForm(None, policy=policy, secret_made_at=NOW - 100 * DAY)
    assert "On a day…" in str(past)
    assert timezone.now() == NOW
