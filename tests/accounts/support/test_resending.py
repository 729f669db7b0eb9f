"""Sending an email again that could not be delivered."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, Delivery, StaffRole
from accounts.errors import Conflict, Withheld
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import AuditEvent, OutgoingMail
from accounts.outbox import erase_failed_bodies, queue_text
from accounts.support.services.mail import can_be_resent, resend_mail
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
TO = "jon@elsewhere.example"


def fail(mail: OutgoingMail) -> OutgoingMail:
    mail.finish(Delivery.FAILED, "550 no such user")
    return mail


def failed_text() -> OutgoingMail:
    queue_text(TO, "Key expires", "In 7 days.")
    return fail(OutgoingMail.objects.latest("pk"))


def failed_invitation(world: World) -> OutgoingMail:
    queue_invitation(world.member_invitation)
    return fail(OutgoingMail.objects.filter(invitation=world.member_invitation).latest("pk"))


def test_it_is_sent_with_its_text(world: World) -> None:
    mail = failed_text()
    page = reverse("admin:accounts_outgoingmail_resend", args=[mail.pk])
    staff = signed_in(world.staff)
    assert "550 no such user" in words(staff.get(page))
    assert staff.post(page).status_code == 302
    assert "In 7 days." in mailed_to(TO)[-1].body
    mail.refresh_from_db()
    assert (mail.state, mail.sealed_body, mail.attempts) == (Delivery.SENT, "", 1)
    event = AuditEvent.objects.get(act=Action.EMAIL_RESENT)
    assert (event.organization, event.target_name) == (None, f"Key expires to {TO}")
    assert staff.post(page).status_code == 409
    assert len(mailed_to(TO)) == 1


def test_an_invitation_is_written_anew_and_its_organization_learns_of_it(world: World) -> None:
    mail = failed_invitation(world)
    resend_mail(actor=Actor.of_user(world.staff), mail=mail)
    world.member_invitation.refresh_from_db()
    assert world.member_invitation.delivery == Delivery.QUEUED
    assert world.organization.audit_events.filter(act=Action.EMAIL_RESENT).count() == 1
    assert mailed_to(world.member_invitation.email)


def test_an_invitation_that_was_answered_is_not_sent(world: World) -> None:
    mail = failed_invitation(world)
    world.member_invitation.state = "declined"
    world.member_invitation.save(update_fields=["state"])
    mail.refresh_from_db()
    assert not can_be_resent(mail)
    with pytest.raises(Conflict):
        resend_mail(actor=Actor.of_user(world.staff), mail=mail)


def test_after_a_week_its_text_is_gone(world: World) -> None:
    mail, recent = failed_text(), failed_text()
    old = timezone.now() - dt.timedelta(days=7, minutes=1)
    OutgoingMail.objects.filter(pk=mail.pk).update(done_at=old)
    assert (erase_failed_bodies(), erase_failed_bodies()) == (1, 0)
    mail.refresh_from_db()
    assert mail.sealed_body == ""
    with pytest.raises(Conflict):
        resend_mail(actor=Actor.of_user(world.staff), mail=mail)
    resend_mail(actor=Actor.of_user(world.staff), mail=recent)


def test_only_support_may_and_not_for_their_own_organization(world: World) -> None:
    save_staff_roles()
    superuser = Actor.of_user(world.staff)
    helen = add_staff_user(
        actor=superuser, email="h@console.example", name="H", role=StaffRole.SUPPORT
    )
    reader = add_staff_user(
        actor=superuser, email="r@console.example", name="R", role=StaffRole.READ_ONLY
    )
    mail = failed_invitation(world)
    for person in (reader, world.owner):
        with pytest.raises(PermissionDenied):
            resend_mail(actor=Actor.of_user(person), mail=mail)
    world.organization.memberships.create(user=helen, role="member")
    with pytest.raises(Withheld):
        resend_mail(actor=Actor.of_user(helen), mail=mail)
    world.organization.memberships.get(user=helen).delete()
    resend_mail(actor=Actor.of_user(helen), mail=mail)


@pytest.mark.parametrize("kind", ["text", "invitation"])
def test_the_history_of_an_email_says_that_it_was_sent_again(world: World, kind: str) -> None:
    mail = failed_text() if kind == "text" else failed_invitation(world)
    resend_mail(actor=Actor.of_user(world.staff), mail=mail)
    page = reverse("admin:accounts_outgoingmail_history", args=[mail.pk])
    text = words(signed_in(world.staff).get(page))
    assert "Email sent again by support" in text
    assert f"{mail.subject} to {mail.to}" in text
