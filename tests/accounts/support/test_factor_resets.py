"""Support resets lost second factors: after a day that the person can use to cancel it."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models import AuditEvent, FactorReset
from accounts.support.services.factor_resets import (
    cancel_factor_reset,
    request_factor_reset,
    reset_due_factors,
)
from tests.support.factors import let_reset_wait_pass, with_app
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World, staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reset(world: World) -> FactorReset:
    with_app(world.member)
    return request_factor_reset(
        actor=Actor.of_user(world.staff), user=world.member, note="Seen on a video call."
    )


def cancel_path(world: World) -> str:
    mail = next(m for m in mailed_to(world.member.email) if "will be reset" in m.subject)
    link = re.search(r"http://\S+?(/accounts/factor-reset/\S+)", str(mail.body))
    assert link
    return link[1]


def test_nothing_happens_for_a_day(world: World, reset: FactorReset) -> None:
    assert reset_due_factors() == 0
    assert world.member.has_second_factor
    (event,) = AuditEvent.objects.filter(act="factor.reset_requested")
    assert event.organization == world.organization
    assert event.after == {"note": "Seen on a video call."}


def test_then_all_factors_go_and_all_sessions_end(world: World, reset: FactorReset) -> None:
    client = signed_in(world.member)
    assert client.get(reverse("profile")).status_code == 200
    world.member.trusted_browsers.create(mac="x" * 43)
    let_reset_wait_pass(reset)
    assert reset_due_factors() == 1
    assert reset_due_factors() == 0
    assert not world.member.authenticator_set.exists()
    assert not world.member.trusted_browsers.exists()
    assert client.get(reverse("profile")).status_code == 302
    assert world.member.has_usable_password()
    assert AuditEvent.objects.filter(act="factor.reset").exists()
    assert "Your second factors were reset" in [m.subject for m in mailed_to(world.member.email)]


def test_the_mailed_link_cancels_without_signing_in(world: World, reset: FactorReset) -> None:
    path = cancel_path(world)
    browser = Client()
    assert browser.get(path).status_code == 200
    assert FactorReset.objects.get().is_pending
    assert browser.post(path).status_code == 302
    assert FactorReset.objects.get().state == "canceled"
    again = browser.post(path)
    assert again.status_code == 409
    let_reset_wait_pass(reset)
    assert reset_due_factors() == 0
    assert world.member.has_second_factor


def test_a_link_that_is_not_ours_is_not_there(world: World, reset: FactorReset) -> None:
    path = reverse("factor_reset_cancel", args=[reset.public_id, "x" * 43])
    assert Client().post(path).status_code == 404
    assert FactorReset.objects.get().is_pending


def test_the_person_cancels_it_on_the_security_page(world: World, reset: FactorReset) -> None:
    client = signed_in(world.member)
    assert "cancel the reset" in words(client.get(reverse("security")))
    assert client.post(reverse("factor_reset_cancel_own")).status_code == 302
    assert FactorReset.objects.get().state == "canceled"
    assert client.get(reverse("factor_reset_cancel_own")).status_code == 404


def test_one_waits_at_a_time_and_only_for_people_with_a_factor(
    world: World, reset: FactorReset
) -> None:
    staff = Actor.of_user(world.staff)
    with pytest.raises(Conflict):
        request_factor_reset(actor=staff, user=world.member, note="Again.")
    with pytest.raises(Conflict):
        request_factor_reset(actor=staff, user=world.admin, note="None.")
    with pytest.raises(Conflict):
        request_factor_reset(actor=staff, user=world.staff, note="My own.")


def test_a_done_reset_cannot_be_canceled(world: World, reset: FactorReset) -> None:
    let_reset_wait_pass(reset)
    reset_due_factors()
    with pytest.raises(Conflict):
        cancel_factor_reset(actor=Actor.of_user(world.member), reset=reset)


def test_staff_request_it_in_django_admin(world: World) -> None:
    with_app(world.member)
    path = reverse("admin:accounts_user_reset_factors", args=[world.member.pk])
    client = freshly_signed_in(world.staff)
    assert client.post(path, {"note": ""}).status_code == 422
    assert client.post(path, {"note": "Seen."}).status_code == 302
    assert FactorReset.objects.get().requested_by == world.staff


def test_staff_without_a_second_factor_do_not_get_into_django_admin(world: World) -> None:
    colleague = staff_member("colleague@console.example")
    client = signed_in(colleague)
    assert client.get(reverse("admin:index")).status_code == 200
    colleague.authenticator_set.all().delete()
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403
    assert "need a second factor" in words(answer)
    assert client.post(reverse("staff_factor_put_off")).status_code == 403
    with_app(colleague)
    assert client.get(reverse("admin:index")).status_code in (200, 302)


def test_staff_of_the_demo_can_put_it_off(world: World, settings: Settings) -> None:
    colleague = staff_member("colleague@console.example")
    colleague.authenticator_set.all().delete()
    settings.STAFF_SECOND_FACTOR_OPTIONAL = True
    client = signed_in(colleague)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403
    assert client.post(reverse("staff_factor_put_off")).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_waiting_reset_says_when(world: World, reset: FactorReset) -> None:
    assert reset.due_at - timezone.now() > dt.timedelta(hours=23)
