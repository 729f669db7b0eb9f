"""Emails carry the headers that mail programs expect, and a link that turns their kind off."""

import re
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.enums import Action, Notification
from accounts.models import AuditEvent, OutgoingMail
from accounts.outbox import notify
from accounts.tasks import build_message, deliver_mail
from accounts.web.mail_text import defuse_links
from tests.support.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db


def message_of(user: Any, kind: Notification | None) -> Any:
    notify(user, "About you", "accounts/mail/account_deleted.txt", kind=kind, address="a@b.example")
    return build_message(OutgoingMail.objects.latest("pk")).message()


def link_of(message: Any) -> str:
    match = re.fullmatch(rf"<{re.escape(settings.BASE_URL)}(/\S+)>", message["List-Unsubscribe"])
    assert match
    return match[1]


def test_emails_say_that_a_machine_wrote_them_and_where(world: World) -> None:
    message = message_of(world.member, None)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith(f"@{urlsplit(settings.BASE_URL).hostname}>")
    assert "List-Unsubscribe" not in message
    again = build_message(OutgoingMail.objects.latest("pk")).message()
    assert again["Message-ID"] == message["Message-ID"]


def test_one_click_turns_the_kind_off(world: World) -> None:
    message = message_of(world.member, Notification.ROLE_CHANGED)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path, browser = link_of(message), Client(enforce_csrf_checks=True)
    page = browser.get(path)
    assert Notification.ROLE_CHANGED.label in words(page)
    assert not world.member.muted_notifications.exists()
    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 302
    assert [muted.kind for muted in world.member.muted_notifications.all()] == ["role_changed"]
    assert AuditEvent.objects.filter(act=Action.NOTIFICATIONS_CHANGED).count() == 1
    assert browser.post(path).status_code == 302
    assert AuditEvent.objects.filter(act=Action.NOTIFICATIONS_CHANGED).count() == 1


def test_a_link_is_for_its_person_and_kind_alone(world: World) -> None:
    path = link_of(message_of(world.member, Notification.ROLE_CHANGED))
    for wrong in (
        path.replace(world.member.public_id, world.owner.public_id),
        path.replace("role_changed", "new_sign_in"),
        path[:-2] + ("B/" if path.endswith("A/") else "A/"),
        path.replace("role_changed", "nothing"),
    ):
        assert Client().post(wrong).status_code == 404, wrong
    assert not world.owner.muted_notifications.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Booking.com invites you",
        "Pay at evil.example/now",
        "Welcome to http://evil.example",
        "(www.evil.example)",
        "xn--bcher-kva.example",
        "evil．example",
    ],
)
def test_no_name_becomes_a_link(text: str) -> None:
    defused = defuse_links(text)
    assert not re.search(r"[\w-]\.[a-z]{2,}", defused)
    assert "://" not in defused
    assert defused.replace("\u2060", "") == text


@pytest.mark.parametrize(
    "text",
    [
        f"Sign in at {settings.BASE_URL}/accounts/login/?next=/a.b/",
        "Ask owner@northwind.example.",
        "Version 2.31 costs 0.5 USD.",
        "<owner@northwind.example>",
        "It was found in public:\n  https://github.com/contoso/app/blob/main/.env\nRevoke it.",
    ],
)
def test_own_links_addresses_and_numbers_stay(text: str) -> None:
    assert defuse_links(text) == text


def test_an_invitation_cannot_carry_a_link_in_its_name(
    world: World, mailoutbox: list[EmailMessage]
) -> None:
    world.organization.name = "Win at evil.example"
    world.organization.save(update_fields=["name"])
    deliver_mail.call(OutgoingMail.objects.get(invitation=world.invitation).pk)
    message = mail.outbox[-1]
    assert "evil.example" not in f"{message.subject} {message.body}"
    assert f"{settings.BASE_URL}/invitations/" in message.body


def test_a_form_from_before_signing_in_leads_home(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.member)
    answer = browser.post(reverse("account_login"), {"login": "a", "password": "b"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Client(enforce_csrf_checks=True).post(reverse("account_login")).status_code == 403
