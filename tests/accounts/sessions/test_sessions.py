"""Sessions: listed with where and when, last seen in steps, ended one by one or all others at once."""

import datetime as dt
import time

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import TRACKED
from accounts.models import AuditEvent, UserSession
from accounts.models.sessions import delete_past_sign_ins
from accounts.sessions.agents import name_browser
from tests.support.factors import enter_password
from tests.support.pages import words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
NEW = "a new and rather long password"


def browser(world: World, agent: str = FIREFOX, ip: str = "203.0.113.24") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=ip)
    enter_password(client, world.member)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Ubuntu"),
        (SAFARI, "Safari on iPhone"),
        ("", "Unknown browser"),
        ("curl/8.1", "curl/8.1"),
    ],
)
def test_a_browser_has_a_name_that_people_know(agent: str, name: str) -> None:
    assert name_browser(agent) == name


def test_the_page_lists_each_session_with_browser_address_and_this_one(world: World) -> None:
    this = browser(world)
    browser(world, SAFARI, "2001:db8::1")
    page = words(this.get(reverse("sessions")))
    assert "Firefox on Ubuntu This one with a password" in page
    assert "203.0.113.24" in page
    assert "Safari on iPhone" in page
    assert "2001:db8::1" in page


def test_this_one_is_signed_out_and_the_others_are_ended(world: World) -> None:
    this, other = browser(world), browser(world, SAFARI)
    page = this.get(reverse("sessions")).content.decode()
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count(f'action="{reverse("account_logout")}"') == 1
    assert reverse("session_end", args=[row_of(this).public_id]) not in table
    assert reverse("session_end", args=[row_of(other).public_id]) in table
    assert this.post(reverse("account_logout")).status_code == 302
    assert (is_in(this), is_in(other)) == (False, True)


def test_one_is_ended_and_the_others_live(world: World) -> None:
    this, other, third = browser(world), browser(world), browser(world)
    reference = row_of(other).public_id
    assert this.post(reverse("session_end", args=[reference])).status_code == 302
    assert (is_in(this), is_in(other), is_in(third)) == (True, False, True)
    assert AuditEvent.objects.filter(act="session.ended", target_id=reference).exists()


def test_ending_the_current_session_signs_out(world: World) -> None:
    this = browser(world)
    answer = this.post(reverse("session_end", args=[row_of(this).public_id]))
    assert answer.status_code == 302
    assert not is_in(this)


def test_all_others_are_ended_at_once(world: World) -> None:
    this, *others = [browser(world) for _ in range(4)]
    this.post(reverse("sessions_end_others"))
    assert [is_in(one) for one in (this, *others)] == [True, False, False, False]


def test_a_strangers_session_is_not_there(world: World) -> None:
    this = browser(world)
    stranger = Client()
    enter_password(stranger, world.stranger)
    path = reverse("session_end", args=[row_of(this).public_id])
    unknown = stranger.get(reverse("session_end", args=["session_unknown"]))
    assert stranger.get(path).content == unknown.content
    assert stranger.post(path).status_code == 404
    assert is_in(this)


def test_the_last_use_is_written_at_most_every_five_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    this = browser(world)
    row = row_of(this)
    for _ in range(5):
        is_in(this)
    row.refresh_from_db()
    first = row.last_seen_at
    session = this.session
    session[TRACKED] = [row.pk, session.session_key, time.time() - 301]
    session.save()
    is_in(this)
    row.refresh_from_db()
    assert row.last_seen_at > first


def test_signing_out_deletes_the_row(world: World) -> None:
    this = browser(world)
    this.post(reverse("account_logout"))
    assert not UserSession.objects.exists()


def test_a_new_password_ends_all_others_and_keeps_this_one(world: World) -> None:
    this, other = browser(world), browser(world)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    this.post(reverse("account_change_password"), form)
    assert (is_in(this), is_in(other)) == (True, False)
    assert list(UserSession.objects.values_list("pk", flat=True)) == [row_of(this).pk]


def test_a_session_ended_while_its_password_changes_does_not_come_back(world: World) -> None:
    """The password change renews the session's key; the row that is gone says that it was ended."""
    this = browser(world)
    UserSession.objects.all().delete()
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    this.post(reverse("account_change_password"), form)
    assert not is_in(this)


def test_the_id_changes_at_each_step_of_signing_in(world: World) -> None:
    client = Client()
    client.get(reverse("account_login"))
    client.session.save()
    before = client.session.session_key
    enter_password(client, world.member)
    assert client.session.session_key != before


def test_past_sessions_are_forgotten(world: World) -> None:
    this = browser(world)
    old = timezone.now() - dt.timedelta(days=20)
    UserSession.objects.update(started_at=old)
    assert delete_past_sign_ins() == 0
    Session.objects.update(expire_date=old)
    assert delete_past_sign_ins() == 1
    assert not is_in(this)
