"""Sign-ins in the audit log of one's organizations, and the mail for a browser not seen before."""

import pytest
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import AuditEvent, Organization, User
from accounts.sign_in.tasks import failed_sign_in
from tests.support.mail import mailed_to
from tests.support.pages import signed_in
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
SUBJECT = "New sign-in to your account"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> int:
    data = {"login": email, "password": password}
    return client.post("/accounts/login/", data, headers={"User-Agent": "Lynx/2.9"}).status_code


def work_off() -> int:
    """What the worker does with the failed ones; how many there were."""
    waiting = DBTaskResult.objects.filter(task_path__endswith="failed_sign_in")
    for one in waiting:
        failed_sign_in.call(*one.args_kwargs["args"])
    return waiting.count()


def events(act: str) -> list[tuple[Organization | None, str]]:
    found = AuditEvent.objects.filter(act=f"user.{act}").order_by("pk")
    return [(event.organization, event.actor_name) for event in found]


def new_sign_ins(user: User) -> list[str]:
    return [str(m.body) for m in mailed_to(user.email) if m.subject == SUBJECT]


def test_a_sign_in_is_in_the_audit_log_of_each_organization_of_the_person(world: World) -> None:
    world.other_organization.memberships.create(user=world.member, role="member")
    assert sign_in(Client(), world.member.email) == 302
    label = world.member.email
    assert events("signed_in") == [(world.organization, label), (world.other_organization, label)]


def test_not_in_the_audit_log_of_organizations_they_work_for(world: World) -> None:
    sign_in(Client(), world.external.email)
    assert events("signed_in") == [(world.external.home_organization, world.external.email)]


def test_an_event_of_someone_in_no_organization_is_in_the_consoles_own_log(world: World) -> None:
    world.staff.authenticator_set.all().delete()
    sign_in(Client(), world.staff.email)
    assert events("signed_in") == [(None, world.staff.email)]


def test_a_wrong_password_of_a_known_account_is_noted(world: World) -> None:
    assert sign_in(Client(), world.member.email, "wrong") == 422
    assert work_off() == 1
    assert events("sign_in_failed") == [(world.organization, world.member.email)]
    event = AuditEvent.objects.get(act="user.sign_in_failed")
    assert (event.actor, event.target_id, event.client_ip) == (
        None,
        world.member.public_id,
        "127.0.0.1",
    )


def test_an_unknown_address_costs_the_same_and_is_in_no_audit_log(world: World) -> None:
    assert sign_in(Client(), "nobody@nowhere.example", "wrong") == 422
    assert work_off() == 1
    assert events("sign_in_failed") == []
    assert "nobody@nowhere.example" not in str(
        list(DBTaskResult.objects.values_list("args_kwargs"))
    )


def test_past_the_throttle_nothing_more_is_noted(world: World) -> None:
    statuses = [sign_in(Client(), world.member.email, "wrong") for _ in range(8)]
    assert work_off() < 8, statuses


def test_a_new_browser_is_mailed_once(world: World) -> None:
    browser = Client()
    sign_in(browser, world.member.email)
    (body,) = new_sign_ins(world.member)
    assert "Browser: Lynx/2.9" in body
    assert "IP address: 127.0.0.1" in body
    browser.post(reverse("account_logout"))
    sign_in(browser, world.member.email)
    assert len(new_sign_ins(world.member)) == 1
    sign_in(Client(), world.member.email)
    assert len(new_sign_ins(world.member)) == 2


def test_a_browser_remembers_each_of_its_accounts(world: World) -> None:
    browser = Client()
    for user in (world.member, world.admin, world.member, world.admin):
        sign_in(browser, user.email)
        browser.post(reverse("account_logout"))
    assert len(new_sign_ins(world.member)) == len(new_sign_ins(world.admin)) == 1


@pytest.mark.parametrize("forged", ["x", ".....", "a" * 5000, "é", "\x00"])
def test_a_made_up_cookie_hides_nothing(world: World, forged: str) -> None:
    browser = Client()
    browser.cookies["accounts_seen"] = forged
    assert sign_in(browser, world.member.email) == 302
    assert len(new_sign_ins(world.member)) == 1


def test_who_turned_it_off_is_not_notified(world: World) -> None:
    world.member.muted_notifications.create(kind="new_sign_in")
    sign_in(Client(), world.member.email)
    assert new_sign_ins(world.member) == []


def test_a_changed_password_is_in_the_audit_log(world: World) -> None:
    new = "a new and rather long password"
    signed_in(world.member).post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert events("password_changed") == [(world.organization, world.member.email)]
