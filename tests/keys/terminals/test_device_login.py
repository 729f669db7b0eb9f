"""Logging a terminal in: discovery, the codes, polling, approval and denial."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import Action
from accounts.models import AuditEvent
from keys.models import AccessToken, DeviceLogin, TerminalSession
from keys.terminals.services.sessions import delete_old_terminals
from tests.keys.helpers.api_client import call
from tests.keys.helpers.terminal_client import (
    AGENT,
    DEVICE_CODE,
    ask,
    grant,
    logged_in,
    of,
    post,
    refusal,
)
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def test_discovery_names_endpoints_on_the_consoles_own_host() -> None:
    answer = Client().get("/.well-known/openid-configuration")
    assert answer.status_code == 200
    told = answer.json()
    assert told["issuer"] == "http://127.0.0.1:8000"
    for name in ("token_endpoint", "device_authorization_endpoint", "revocation_endpoint"):
        assert told[name].startswith("http://127.0.0.1:8000/oauth/")
        assert not urlsplit(told[name]).query
    assert DEVICE_CODE in told["grant_types_supported"]


def test_the_address_to_open_carries_the_code(world: World) -> None:
    asking = ask()
    told = asking.told
    assert told["verification_uri"] == "http://127.0.0.1:8000/device/"
    assert told["verification_uri_complete"].endswith(f"?user_code={told['user_code']}")
    assert type(told["expires_in"]) is int
    assert type(told["interval"]) is int
    assert told["device_code"].startswith("dc_")
    assert len(told["user_code"]) == 9


def test_a_login_is_approved_and_gives_a_token_that_is_the_persons(world: World) -> None:
    asking = ask()
    assert refusal(asking.poll()) == "authorization_pending"
    page = freshly_signed_in(world.member).get(asking.address)
    for said in (
        "Together CLI",
        AGENT,
        asking.user_code,
        "127.0.0.1",
        "just now",
        world.member.email,
    ):
        assert said in words(page)
    assert "only if you just started this" in words(page)
    assert asking.answer(world.member)["Location"] == "/accounts/terminals/"
    terminal = of(asking.poll())
    assert terminal.access.startswith("at_")
    assert call("/v3/whoami", terminal.access).json() == {
        "type": "user_jwt",
        "user": {"id": world.member.public_id},
    }


def test_a_get_approves_nothing(world: World) -> None:
    asking = ask()
    freshly_signed_in(world.member).get(asking.address)
    assert refusal(asking.poll()) == "authorization_pending"


def test_a_code_gives_its_tokens_once(world: World) -> None:
    asking = ask()
    asking.answer(world.member)
    of(asking.poll())
    assert refusal(asking.poll()) == "invalid_grant"
    assert TerminalSession.objects.count() == 1


def test_a_denied_login_is_over(world: World) -> None:
    asking = ask()
    assert "Deny" in words(freshly_signed_in(world.member).get(asking.address))
    assert asking.answer(world.member, "deny").status_code == 302
    assert refusal(asking.poll()) == "access_denied"
    assert asking.answer(world.member).status_code == 422
    assert refusal(asking.poll()) == "access_denied"


def test_another_cannot_take_over_what_someone_answered(world: World) -> None:
    asking = ask()
    asking.answer(world.member)
    for act in ("approve", "deny"):
        assert asking.answer(world.stranger, act).status_code == 422
    assert call("/v3/whoami", of(asking.poll()).access).json()["user"]["id"] == (
        world.member.public_id
    )


def test_who_entered_their_password_long_ago_enters_it_again(world: World) -> None:
    asking = ask()
    browser = signed_in(world.member)
    for answer in (browser.get(asking.address), browser.post(asking.address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
        assert asking.user_code in answer["Location"]
    assert refusal(asking.poll()) == "authorization_pending"


def test_who_is_not_signed_in_signs_in_first(world: World) -> None:
    answer = Client().get(ask().address)
    assert answer["Location"].startswith("/accounts/login/?next=/device/approve/")


def test_approving_takes_the_form_token(world: World) -> None:
    asking, browser = ask(), freshly_signed_in(world.member)
    browser.handler.enforce_csrf_checks = True
    assert browser.post(asking.address).status_code == 403
    assert refusal(asking.poll()) == "authorization_pending"


def test_a_code_typed_in_small_letters_with_spaces_is_the_same(world: World) -> None:
    asking, browser = ask(), freshly_signed_in(world.member)
    typed = asking.user_code.lower().replace("-", " ")
    assert "Code" in words(browser.get("/device/"))
    assert "Approve" in words(browser.get("/device/approve/", {"user_code": typed}))


@pytest.mark.parametrize("code", ["", "x", "BCDF-BCDF", "é" * 8, "B" * 400, "AEIO-UAEI", "\x00"])
def test_a_code_that_no_terminal_waits_for_is_refused(world: World, code: str) -> None:
    browser = freshly_signed_in(world.member)
    for answer in (
        browser.get("/device/approve/", {"user_code": code}),
        browser.post("/device/approve/?user_code=" + code.replace("\x00", "%00")),
    ):
        assert answer.status_code == 422
        assert "Code" in words(answer)


def test_a_login_that_no_one_approves_expires(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = ask()
    set_clock(monkeypatch, timezone.now() + asking.told["expires_in"] * SECOND)
    assert refusal(asking.poll()) == "expired_token"
    assert asking.answer(world.member).status_code == 422


def test_an_approval_in_the_last_second_still_reaches_the_terminal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, now = ask(), timezone.now()
    set_clock(monkeypatch, now + (asking.told["expires_in"] - 1) * SECOND)
    asking.answer(world.member)
    set_clock(monkeypatch, now + (asking.told["expires_in"] + 5) * SECOND)
    of(asking.poll())


def test_polling_too_fast_is_asked_to_slow_down(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, now = ask(), timezone.now()
    set_clock(monkeypatch, now)
    assert refusal(asking.poll()) == "authorization_pending"
    answer = asking.poll()
    assert refusal(answer) == "slow_down"
    interval = answer.json()["interval"]
    assert interval == asking.told["interval"] + 5
    set_clock(monkeypatch, now + (interval - 1) * SECOND)
    assert refusal(asking.poll()) == "slow_down"
    set_clock(monkeypatch, now + 60 * SECOND)
    assert refusal(asking.poll()) == "authorization_pending"


def test_an_approved_login_is_given_to_someone_who_polls_fast_too(world: World) -> None:
    asking = ask()
    asking.poll()
    asking.poll()
    asking.answer(world.member)
    of(asking.poll())


def test_each_approval_is_mailed_and_in_the_audit_log(world: World) -> None:
    asking = ask()
    asking.answer(world.member)
    (mail,) = mailed_to(world.member.email)
    assert mail.subject == "A terminal was signed in to your account"
    for said in ("Together CLI", AGENT, "127.0.0.1", "http://127.0.0.1:8000/accounts/terminals/"):
        assert said in mail.body
    event = AuditEvent.objects.get(act=Action.TERMINAL_APPROVED)
    assert (event.organization, event.actor) == (world.organization, world.member)
    assert event.values_after["client"] == "Together CLI (tg)"


def test_nothing_of_a_secret_is_stored_or_mailed(world: World) -> None:
    terminal = logged_in(world.member)
    texts = [terminal.access[3:40], terminal.refresh[3:40]]
    kept = [
        *AccessToken.objects.values(),
        *TerminalSession.objects.values(),
        *DeviceLogin.objects.values(),
        *AuditEvent.objects.values(),
        *({"body": mail.body} for mail in mailed_to(world.member.email)),
    ]
    for text in texts:
        assert text not in str(kept)
        assert text.encode() not in b"".join(
            bytes(value)
            for row in kept
            for value in row.values()
            if isinstance(value, bytes | memoryview)
        )


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"client_id": ""}, "invalid_request"),
        ({"client_id": "app_unknown"}, "invalid_client"),
    ],
)
def test_a_program_that_is_not_registered_begins_nothing(
    world: World, form: dict[str, str], error: str
) -> None:
    assert refusal(post("/oauth/device", **form)) == error
    assert not DeviceLogin.objects.exists()


@pytest.mark.parametrize("code", ["x", "dc_" + "0" * 49, "eyJ", "\x00", "é"])
def test_a_device_code_that_is_none_is_refused(world: World, code: str) -> None:
    assert refusal(grant(DEVICE_CODE, device_code=code)) == "invalid_grant"


def test_logging_in_needs_no_form_token(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(
        "/oauth/device",
        "client_id=app_CfXyxzEgNqQmH1PJEr2Xw",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200


def test_a_person_whose_account_ended_after_approving_gets_no_tokens(world: World) -> None:
    asking = ask()
    asking.answer(world.member)
    world.member.is_active = False
    world.member.save(update_fields=["is_active"])
    assert refusal(asking.poll()) == "invalid_grant"
    assert not TerminalSession.objects.exists()


def test_old_logins_are_forgotten_and_sessions_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = logged_in(world.member)
    set_clock(monkeypatch, timezone.now() + 2 * DAY)
    assert delete_old_terminals() == 1
    assert not DeviceLogin.objects.exists()
    assert of(terminal.renew()).access
    set_clock(monkeypatch, timezone.now() + 125 * DAY)
    delete_old_terminals()
    assert not TerminalSession.objects.exists()
