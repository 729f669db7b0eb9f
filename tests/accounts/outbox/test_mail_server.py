"""When the mail server is dead, hangs or refuses: nobody waits, nothing is lost, and states are true."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from accounts.enums import Delivery
from accounts.models import Invitation, OutgoingMail, User
from accounts.models.mail import RETRIES
from accounts.outbox import queue_overdue, queue_text
from accounts.tasks import deliver_mail
from tests.support.pages import signed_in, words
from tests.support.smtp import Server, dead_port, serving
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
TROUBLES = ("dead", "hanging", "refusing")
NEW = "somebody.new@elsewhere.example"


def use(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 0.3


@pytest.fixture(params=TROUBLES)
def trouble(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Server | None]:
    """The mail server in one of its bad states; None when there is none at all."""
    if request.param == "dead":
        use(settings, dead_port())
        yield None
        return
    refuses = "550 no such mailbox here" if request.param == "refusing" else ""
    with serving(refuses=refuses, hangs=request.param == "hanging") as server:
        use(settings, server.port)
        yield server


def invite(world: World) -> Invitation:
    """An outsider is invited to research, in the browser."""
    address = reverse("collaborator_add", args=[world.research.slug])
    response = signed_in(world.owner).post(address, {"email": NEW, "role": "member"})
    assert response.status_code == 302
    return Invitation.objects.get(email=NEW)


def its_mail(invitation: Invitation) -> OutgoingMail:
    return OutgoingMail.objects.get(invitation=invitation, generation=invitation.generation)


def attempted(mail: OutgoingMail) -> OutgoingMail:
    """The worker comes to it when it is due."""
    OutgoingMail.objects.filter(pk=mail.pk).update(next_attempt_at=timezone.now())
    deliver_mail.call(mail.pk)
    mail.refresh_from_db()
    return mail


def test_no_request_talks_to_the_mail_server(world: World, trouble: Server | None) -> None:
    OutgoingMail.objects.all().delete()  # what the world itself mailed
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    invite(world)
    Client().post(
        reverse("account_signup"), {"name": "New", "email": "a@b.example", "password1": PASSWORD}
    )
    for email in (world.owner.email, "nobody@elsewhere.example"):
        Client().post(reverse("account_reset_password"), {"email": email})
    assert trouble is None or trouble.connections == 0
    waiting = OutgoingMail.objects.filter(state=Delivery.QUEUED).exclude(pk__in=before)
    assert sorted(mail.to for mail in waiting) == sorted(
        [NEW, "a@b.example", world.owner.email, "nobody@elsewhere.example"]
    )


def test_a_mail_is_tried_again_until_it_has_failed_and_the_page_says_so(
    world: World, trouble: Server | None
) -> None:
    invitation = invite(world)
    mail = its_mail(invitation)
    for number in range(1, len(RETRIES) + 1):
        attempted(mail)
        assert (mail.state, mail.attempts) == (Delivery.QUEUED, number)
        assert mail.next_attempt_at > timezone.now()
        assert mail.error
        assert DBTaskResult.objects.filter(run_after=mail.next_attempt_at).exists()
    attempted(mail)
    assert mail.state == Delivery.FAILED
    invitation.refresh_from_db()
    assert invitation.delivery == Delivery.FAILED
    page = signed_in(world.owner).get(reverse("collaborators", args=[world.research.slug]))
    assert "Email failed" in words(page)
    attempted(mail)
    assert mail.attempts == len(RETRIES) + 1


def test_what_could_not_be_sent_is_sent_once_the_server_is_back(
    world: World, trouble: Server | None, settings: Settings
) -> None:
    invitation = invite(world)
    mail = attempted(its_mail(invitation))
    with serving() as server:
        use(settings, server.port)
        attempted(mail)
        attempted(mail)
    ((address, text),) = server.received
    assert address == NEW
    assert "invited you" in text
    invitation.refresh_from_db()
    assert (mail.state, invitation.delivery) == (Delivery.SENT, Delivery.SENT)


def test_after_a_failure_the_invitation_can_be_sent_again(world: World, settings: Settings) -> None:
    use(settings, dead_port())
    invitation = invite(world)
    for _ in range(len(RETRIES) + 1):
        attempted(its_mail(invitation))
    again = reverse("project_invitation_resend", args=[world.research.slug, invitation.public_id])
    assert signed_in(world.owner).post(again).status_code == 302
    invitation.refresh_from_db()
    assert invitation.delivery == Delivery.QUEUED
    with serving() as server:
        use(settings, server.port)
        attempted(its_mail(invitation))
    invitation.refresh_from_db()
    assert (len(server.received), invitation.delivery) == (1, Delivery.SENT)


def test_a_mail_of_an_invitation_that_was_withdrawn_meanwhile_is_not_sent(
    world: World, settings: Settings
) -> None:
    mail = its_mail(world.invitation)
    address = reverse(
        "project_invitation_withdraw", args=[world.research.slug, world.invitation.public_id]
    )
    signed_in(world.owner).post(address)
    with serving() as server:
        use(settings, server.port)
        attempted(mail)
    assert (server.received, mail.state) == ([], Delivery.FAILED)


def test_a_mail_whose_worker_died_is_asked_for_again(world: World) -> None:
    queue_text("somebody@elsewhere.example", "Hello", "Hello.")
    mail = OutgoingMail.objects.latest("pk")
    assert OutgoingMail.objects.claim(mail.pk) is not None
    OutgoingMail.objects.exclude(pk=mail.pk).update(state=Delivery.SENT)
    DBTaskResult.objects.all().delete()
    assert queue_overdue() == 0
    long_ago = timezone.now() - dt.timedelta(minutes=10)
    OutgoingMail.objects.filter(pk=mail.pk).update(next_attempt_at=long_ago)
    assert queue_overdue() == 1
    assert DBTaskResult.objects.count() == 1


def test_two_workers_send_a_mail_once(world: World) -> None:
    queue_text("somebody@elsewhere.example", "Hello", "Hello.")
    pk = OutgoingMail.objects.latest("pk").pk
    assert [OutgoingMail.objects.claim(pk) is not None for _ in range(2)] == [True, False]


def test_what_a_mail_says_is_unreadable_in_the_database_and_gone_when_sent(world: World) -> None:
    user: User = world.owner
    Client().post(reverse("account_reset_password"), {"email": user.email})
    mail = OutgoingMail.objects.latest("pk")
    assert "/accounts/password/reset/key/" in mail.body
    assert "/accounts/password/reset/key/" not in mail.sealed_body
    attempted(mail)
    assert (mail.state, mail.sealed_body) == (Delivery.SENT, "")


def test_nothing_is_mailed_for_what_did_not_happen(world: World) -> None:
    """The row is in the transaction of its act: a refused act leaves none."""
    before = OutgoingMail.objects.count()
    address = reverse("collaborator_add", args=[world.production.slug])
    response = signed_in(world.owner).post(address, {"email": NEW, "role": "member"})
    assert response.status_code == 422
    assert OutgoingMail.objects.count() == before


def test_an_address_no_mail_can_be_written_to_is_refused(world: World) -> None:
    label = "ü" * 63  # a name of the right length, whose form in the DNS is too long
    response = signed_in(world.owner).post(
        reverse("member_invite", args=[world.organization.slug]),
        {"emails": f"somebody@{label}.example", "role": "member"},
    )
    assert response.status_code == 422
    assert not Invitation.objects.filter(email__endswith=label).exists()


def test_a_stored_address_no_mail_can_be_written_to_fails_at_once(world: World) -> None:
    invitation = invite(world)
    mail = its_mail(invitation)
    OutgoingMail.objects.filter(pk=mail.pk).update(to="a@b.example\nBcc: c@d.example")
    mail = attempted(its_mail(invitation))
    invitation.refresh_from_db()
    assert (mail.state, invitation.delivery) == (Delivery.FAILED, Delivery.FAILED)
    assert not OutgoingMail.objects.due().filter(pk=mail.pk).exists()
