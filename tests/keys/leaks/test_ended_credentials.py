"""A credential that has ended before it is reported: who had it may have left something behind."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, OutgoingMail
from accounts.models.principals import Principal
from keys.api_keys.services import create_key
from keys.enums import LeakResponse
from keys.models import AccountToken, AdminKey, KeyPolicy, PersonalToken
from keys.service_accounts.services import create_account_token
from tests.keys.helpers.api_client import call
from tests.keys.helpers.service_accounts import create_account
from tests.keys.leaks.test_descendants import (
    report,
    use_account_token,
    use_admin_key,
    use_personal_token,
)
from tests.support.clock import DAY, set_clock
from tests.world import World

pytestmark = pytest.mark.django_db
USES = [use_admin_key, use_account_token, use_personal_token]
Use = Callable[[World], tuple[Principal, str]]


def revoke(monkeypatch: pytest.MonkeyPatch) -> None:
    for rows in (AccountToken.objects, PersonalToken.objects, AdminKey.objects):
        rows.update(revoked_at=timezone.now())


def expire(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, timezone.now() + 400 * DAY)


def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It still works when it is reported."""


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(subject__contains="found in public").order_by("pk"))


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("end", [revoke, expire, nothing])
def test_api_keys_that_stay_are_named_once(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    use: Use,
    end: Callable[[pytest.MonkeyPatch], None],
) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak=LeakResponse.NOTIFY)
    principal, secret = use(world)
    key = create_key(actor=Actor(principal), project=world.research, name="scripted")
    end(monkeypatch)
    report(secret)
    assert call("/v1/auth", key.secret).status_code == 200
    (mail,) = mails()
    assert "still work, because your key policy only reports" in mail.body
    assert "scripted, in Research" in mail.body
    event = AuditEvent.objects.get(act=Action.KEY_LEAK_REPORTED)
    assert event.target_id == principal.credential
    kinds = ("admin API key Terraform", "service account token deploy", "access token nightly")
    assert event.target_name == kinds[USES.index(use)]
    assert event.after == {"found_at": ["https://gists.example/1"], "ended": False}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(("end", "state"), [(revoke, "been revoked"), (expire, "expired")])
def test_the_email_says_that_it_had_ended(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    use: Use,
    end: Callable[[pytest.MonkeyPatch], None],
    state: str,
) -> None:
    principal, secret = use(world)
    key = create_key(actor=Actor(principal), project=world.research, name="scripted")
    end(monkeypatch)
    report(secret)
    assert call("/v1/auth", key.secret).status_code == 401
    (mail,) = mails()
    assert f"had already {state} when" in mail.body
    assert "lost access" not in mail.body
    assert "Create another" not in mail.body
    assert "scripted, in Research" in mail.body
    assert "Revoked:" not in mail.subject


@pytest.mark.parametrize("use", USES)
def test_the_email_names_tokens_that_outlived_it(
    world: World, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    principal, secret = use(world)
    account = create_account(world.owner, world.research, "Child")
    create_account_token(actor=Actor(principal), account=account, name="hidden")
    for rows in (AccountToken.objects.exclude(name="hidden"), PersonalToken.objects):
        rows.update(revoked_at=timezone.now())
    AdminKey.objects.update(revoked_at=timezone.now())
    report(secret)
    (mail,) = mails()
    assert "that still worked were revoked: hidden." in mail.body


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("end", [revoke, expire])
@pytest.mark.parametrize("policy", LeakResponse)
def test_one_that_left_nothing_is_not_reported(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    use: Use,
    end: Callable[[pytest.MonkeyPatch], None],
    policy: LeakResponse,
) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak=policy)
    _, secret = use(world)
    end(monkeypatch)
    report(secret)
    assert not mails()
    assert not AuditEvent.objects.filter(act=Action.KEY_LEAK_REPORTED).exists()
