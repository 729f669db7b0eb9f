"""A reset of second factors that waits: for its email, for staff who cancel it, for an account that goes."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.enums import Delivery, StaffRole
from accounts.errors import Conflict, Withheld
from accounts.models import AuditEvent, FactorReset, OutgoingMail, User
from accounts.people.services.deletion import delete_account
from accounts.support.services.factor_resets import (
    cancel_reset_of_person,
    request_factor_reset,
    reset_due_factors,
)
from accounts.support.services.staff_users import add_staff_user
from tests.support.factors import let_reset_wait_pass, with_app
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
LONG_AGO = dt.timedelta(days=3)


@pytest.fixture
def reset(world: World) -> FactorReset:
    with_app(world.member)
    return request(world, world.member)


def request(world: World, user: User) -> FactorReset:
    return request_factor_reset(actor=Actor.of_user(world.staff), user=user, note="Seen.")


def age(reset: FactorReset) -> None:
    """As if it had been requested three days ago; its email is as it was."""
    times = {"requested_at": reset.requested_at - LONG_AGO, "due_at": reset.due_at - LONG_AGO}
    FactorReset.objects.filter(pk=reset.pk).update(**times)


def set_mail(reset: FactorReset, state: Delivery, sent_ago: dt.timedelta) -> None:
    ended = {"state": state, "sealed_body": "", "done_at": timezone.now() - sent_ago}
    OutgoingMail.objects.filter(pk=reset.mail_id).update(**ended)


@pytest.mark.parametrize("state", [Delivery.QUEUED, Delivery.FAILED])
def test_it_does_not_happen_while_its_email_was_not_sent(
    world: World, reset: FactorReset, state: Delivery
) -> None:
    age(reset)
    if state == Delivery.FAILED:
        set_mail(reset, state, LONG_AGO)
    assert reset_due_factors() == 0
    assert world.member.has_second_factor
    reset.refresh_from_db()
    assert timezone.now() < reset.due_at < timezone.now() + dt.timedelta(hours=2)


def test_the_log_warns_once_that_it_is_postponed(
    world: World, reset: FactorReset, caplog: pytest.LogCaptureFixture
) -> None:
    age(reset)
    for _ in range(3):
        assert reset_due_factors() == 0
        FactorReset.objects.filter(pk=reset.pk).update(due_at=timezone.now())
    levels = [row.levelname for row in caplog.records if "postponed" in row.getMessage()]
    assert levels.count("WARNING") == 1


def test_the_day_begins_when_its_email_is_sent(world: World, reset: FactorReset) -> None:
    age(reset)
    set_mail(reset, Delivery.SENT, dt.timedelta(hours=20))
    assert reset_due_factors() == 0
    reset.refresh_from_db()
    in_four_hours = timezone.now() + dt.timedelta(hours=4)
    assert abs(reset.due_at - in_four_hours) < dt.timedelta(minutes=1)
    let_reset_wait_pass(reset)
    assert reset_due_factors() == 1


def test_without_a_mail_server_it_begins_at_once(
    world: World, reset: FactorReset, settings: Settings
) -> None:
    age(reset)
    settings.NO_MAIL = True
    assert reset_due_factors() == 1


def test_one_of_the_version_before_needs_no_email(world: World, reset: FactorReset) -> None:
    age(reset)
    FactorReset.objects.update(mail=None)
    assert reset_due_factors() == 1


def test_staff_cancel_it_in_django_admin(world: World, reset: FactorReset) -> None:
    client = freshly_signed_in(world.staff)
    path = reverse("admin:accounts_user_cancel_reset", args=[world.member.pk])
    overview = reverse("admin:accounts_user_change", args=[world.member.pk])
    reset_path = reverse("admin:accounts_user_reset_factors", args=[world.member.pk])
    assert path in client.get(overview).content.decode()
    assert reset_path not in client.get(overview).content.decode()
    assert "Seen." in words(client.get(path))
    assert client.post(path).status_code == 302
    assert FactorReset.objects.get().state == "canceled"
    event = AuditEvent.objects.filter(act="factor.reset_canceled").latest("pk")
    assert event.actor == world.staff
    assert "was canceled" in mailed_to(world.member.email)[-1].subject
    assert path not in client.get(overview).content.decode()
    assert reset_path in client.get(overview).content.decode()
    with pytest.raises(Conflict):
        cancel_reset_of_person(actor=Actor.of_user(world.staff), user=world.member)


def test_customers_and_catalogue_staff_do_not(world: World, reset: FactorReset) -> None:
    role, email = StaffRole.CATALOGUE, "catalogue@console.example"
    catalogue = add_staff_user(
        actor=Actor.of_user(world.staff), email=email, name="Catalogue", role=role
    )
    for user in (catalogue, world.owner, world.stranger):
        with pytest.raises(PermissionDenied):
            cancel_reset_of_person(actor=Actor.of_user(user), user=world.member)
    assert FactorReset.objects.get().is_pending


def test_it_goes_with_the_account(world: World, reset: FactorReset) -> None:
    delete_account(actor=Actor.of_user(User.objects.get(pk=world.member.pk)))
    kept = FactorReset.objects.get()
    assert (kept.state, kept.note) == ("canceled", "")
    age(reset)
    assert reset_due_factors() == 0


def test_none_begins_for_an_account_that_is_not_active(world: World) -> None:
    with_app(world.member)
    User.objects.filter(pk=world.member.pk).update(is_active=False)
    with pytest.raises(Conflict):
        request(world, world.member)


def test_staff_who_share_a_project_with_an_external_do_not_reset_them(world: World) -> None:
    with_app(world.external_admin)
    world.research.collaborators.create(user=world.staff, role="member")
    with pytest.raises(Withheld):
        request(world, world.external_admin)
    assert not FactorReset.objects.exists()
