"""What becomes of other secrets found in public: Default Keys, service credentials, links of invitations."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import AuditEvent, Invitation, User
from accounts.models.invitation import Link
from accounts.organizations.services.closing import close_organization
from accounts.web.mail_text import WORD_JOINER
from keys.credentials.services import revoke_credential
from keys.formats import is_credential
from keys.models import ApiKey, KeyPolicy, LeakReport, ServiceCredential
from projects.services.invitations import resend_invitation
from tests.database.refusals import all_rows
from tests.keys.helpers.gateway_client import auth, code_of
from tests.keys.helpers.leak_reporter import URL, report
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed, mailed_to
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_mailed_before(world: World, mailoutbox: list[Any]) -> None:
    mailed()
    mailoutbox.clear()


def default_key(world: World) -> ApiKey:
    return world.default.api_keys.default_key()


def test_a_leaked_default_key_gets_another_secret_and_only_the_owner_is_mailed(
    world: World,
) -> None:
    old = default_key(world).secret_text
    assert report(old) == [True]
    new = default_key(world).secret_text
    assert [auth(secret).status_code for secret in (old, new)] == [401, 200]
    assert [message.to for message in mailed()] == [[world.owner.email]]
    (message,) = mailed_to(world.owner.email)
    assert message.subject == (
        "Replaced: the Organization Default Key of Northwind was found in public"
    )
    assert URL in message.body.replace(WORD_JOINER, "")
    assert new not in message.body
    events = world.organization.audit_events.filter(actor_label="Leak report (scanner)")
    assert set(events.values_list("act", flat=True)) == {
        "key.leak_reported",
        "default_key.regenerated",
    }
    assert report(old) == [True]
    assert default_key(world).secret_text == new
    assert len(mailed()) == 1


def test_a_default_key_stays_where_the_policy_asks_only_to_tell(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak="notify")
    secret = default_key(world).secret_text
    report(secret)
    assert default_key(world).secret_text == secret
    (message,) = mailed_to(world.owner.email)
    assert message.subject.startswith("Still valid: the Organization Default Key of Northwind")
    assert "1. Regenerate it." in message.body


def test_a_default_key_of_a_closed_organization_ends_too(world: World) -> None:
    secret = default_key(world).secret_text
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)
    report(secret)
    assert default_key(world).secret_text != secret


def test_staff_are_notified_of_a_leaked_service_credential_that_is_not_revoked(
    world: World, credential: str
) -> None:
    second = User.objects.create_superuser("second@console.example", "x" * 20)
    User.objects.filter(pk=second.pk).update(is_active=False)
    assert report(credential) == [True]
    assert code_of(credential, world.key_secret) == "valid"
    assert [message.to for message in mailed()] == [[world.staff.email]]
    (message,) = mailed_to(world.staff.email)
    assert message.subject == "Still valid: the service credential gateway was found in public"
    assert URL in message.body.replace(WORD_JOINER, "")
    assert not [word for word in message.body.split() if is_credential(word)]
    event = AuditEvent.objects.get(act="key.leak_reported")
    assert (event.organization, event.target_name) == (None, "service credential gateway")
    assert event.actor_name == "Leak report (scanner)"
    leak = LeakReport.objects.get()
    assert (leak.credential, leak.secret) == (ServiceCredential.objects.get(), None)


def test_a_credential_reported_again_or_revoked_already_changes_nothing(
    world: World, credential: str
) -> None:
    report(credential)
    before = all_rows()
    assert report(credential) == [True]
    assert all_rows() == before
    revoke_credential(actor=Actor.of_user(world.staff), credential=ServiceCredential.objects.get())
    before = all_rows()
    assert report(credential, url=f"{URL}#elsewhere") == [True]
    assert all_rows() == before


@pytest.mark.parametrize("link", Link)
def test_an_invitation_whose_link_leaked_is_withdrawn_and_its_sender_mailed(
    world: World, link: Link
) -> None:
    assert report(world.invitation.token(link)) == [True]
    assert Invitation.objects.get(pk=world.invitation.pk).state == "withdrawn"
    assert [message.to for message in mailed()] == [[world.owner.email]]
    (message,) = mailed_to(world.owner.email)
    assert message.subject == "Withdrawn: your invitation to Northwind was found in public"
    assert URL in message.body.replace(WORD_JOINER, "")
    assert world.invitation.token(link) not in message.body
    event = world.organization.audit_events.get(act="invitation.withdrawn")
    assert (event.actor_name, event.values_after["found_at"]) == ("Leak report (scanner)", [URL])
    before = all_rows()
    assert report(world.invitation.token(link)) == [True]
    assert all_rows() == before


def test_both_links_of_an_invitation_in_one_report_withdraw_it_once(world: World) -> None:
    assert report(*[world.invitation.token(link) for link in Link]) == [True, True]
    assert world.organization.audit_events.filter(act="invitation.withdrawn").count() == 1
    assert len(mailed()) == 1


def test_links_that_have_ended_change_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = world.invitation.token(Link.MAILED)
    resend_invitation(
        actor=Actor.of_user(world.owner), project=world.research, invitation=world.invitation
    )
    before = all_rows()
    report(old)
    set_clock(monkeypatch, world.member_invitation.expires_at + DAY)
    assert report(world.member_invitation.token(Link.MAILED)) == [True]
    assert all_rows() == before


def test_the_owner_is_mailed_when_who_sent_the_invitation_is_gone(world: World) -> None:
    Invitation.objects.filter(pk=world.member_invitation.pk).update(invited_by=world.former)
    report(world.member_invitation.token(Link.MAILED))
    assert [message.to for message in mailed()] == [[world.owner.email]]


def test_a_secret_kept_under_an_earlier_pepper_is_found(
    world: World, credential: str, settings: Settings
) -> None:
    settings.PEPPER, settings.PEPPER_PREVIOUS = "a new pepper, " + "y" * 32, [settings.PEPPER]
    assert report(world.key_secret, credential) == [True, True]
    assert ApiKey.objects.get(pk=world.key.pk).revoked_at
    assert LeakReport.objects.count() == 2
