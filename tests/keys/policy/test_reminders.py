"""Mails 14, 3 and 0 days before a key expires: to whom, once for each, and what they say."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Notification, OrganizationState
from accounts.models import User
from accounts.people.services.deletion import delete_account
from keys.api_keys.services import revoke_key, set_expiration
from keys.models import ApiKey
from keys.policy.services.reminders import send_expiry_reminders
from projects.models import Project
from projects.services.archive import archive_project
from projects.services.collaborators import remove_collaborator
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed, mailed_to
from tests.support.pages import queries
from tests.world import World, issued

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
Move = Callable[[dt.datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Move:
    return lambda moment: set_clock(monkeypatch, moment)


def ending(project: Project, user: User, days: float, name: str = "nightly") -> ApiKey:
    """A key that expires that many days from now."""
    end = timezone.now() + dt.timedelta(days=days)
    return issued(project, user, name=name, expires_at=end).key


def end_of(key: ApiKey) -> dt.datetime:
    assert key.expires_at is not None
    return key.expires_at


def subjects(user: User) -> list[str]:
    return [mail.subject for mail in mailed_to(user.email)]


def test_there_are_three_mails_and_each_is_sent_once(world: World, clock: Move) -> None:
    end = end_of(ending(world.research, world.project_admin, 30))
    moments = {
        14 * DAY + HOUR: 0,
        14 * DAY: 1,
        4 * DAY: 0,
        3 * DAY: 1,
        2 * DAY: 0,
        DAY + HOUR: 0,
        DAY: 1,
        HOUR: 0,
        dt.timedelta(0): 0,
        -DAY: 0,
    }
    for before, sent in moments.items():
        clock(end - before)
        assert (send_expiry_reminders(), send_expiry_reminders()) == (sent, 0), before
    assert len(subjects(world.project_admin)) == 3


def test_the_mail_says_which_key_it_is_and_leads_to_another_end(world: World) -> None:
    key = ending(world.research, world.project_member, 10)
    key.secrets.update(last_used_at=timezone.now())
    assert send_expiry_reminders() == 1
    (mail,) = mailed_to(world.project_member.email)
    day = f"{end_of(key).day} {end_of(key):%b %Y}"
    assert mail.subject == f"API key nightly of Research expires on {day}"
    assert key.current_secret().hint in mail.body
    assert "nightly, in Research of Northwind" in mail.body
    assert f"Expires: {day}, {end_of(key):%H:%M} UTC" in mail.body
    assert f"Last used: {timezone.now().day} {timezone.now():%b %Y}" in mail.body
    address = f"/settings/projects/research/api-keys/{key.public_id}/expiration/"
    assert f"http://127.0.0.1:8000{address}" in mail.body


@pytest.mark.parametrize(("days", "kept"), [(13.0, 14), (2.0, 3), (0.5, 0)])
def test_a_key_made_for_a_short_time_gets_one_mail_at_once(
    world: World, days: float, kept: int
) -> None:
    key = ending(world.research, world.project_admin, days)
    assert (send_expiry_reminders(), send_expiry_reminders()) == (1, 0)
    key.refresh_from_db()
    assert key.reminded_days == kept
    assert len(subjects(world.project_admin)) == 1


def test_another_expiration_is_reminded_of_anew(world: World) -> None:
    key, actor = ending(world.research, world.project_admin, 2), Actor.of_user(world.project_admin)
    assert send_expiry_reminders() == 1
    for days, sent in [(40, 0), (13, 1), (2, 1), (None, 0)]:
        end = timezone.now() + dt.timedelta(days=days) if days else None
        set_expiration(actor=actor, key=key, expires_at=end)
        assert send_expiry_reminders() == sent, days


def test_its_creator_and_the_listed_admins_are_notified(world: World) -> None:
    ending(world.research, world.project_member, 2)
    assert send_expiry_reminders() == 1
    for user in (world.project_member, world.project_admin, world.external_admin):
        assert len(subjects(user)) == 1
    for user in (world.owner, world.admin, world.member, world.external, world.stranger):
        assert [one for one in subjects(user) if "expires" in one] == []


def test_where_no_admin_is_listed_the_owner_is_notified(world: World) -> None:
    ending(world.production, world.project_member, 2)
    ending(world.default, world.member, 2)
    assert send_expiry_reminders() == 2
    assert len(subjects(world.project_member)) == len(subjects(world.member)) == 1
    (mail,) = mailed_to(world.owner.email)
    assert mail.subject.startswith("2 API keys expire soon, the first on ")


def test_its_creator_is_not_notified_when_they_cannot_open_the_project(world: World) -> None:
    ending(world.research, world.project_member, 2)
    ending(world.research, world.external, 2, name="from outside")
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)
    before = len(subjects(world.project_member))
    assert send_expiry_reminders() == 2
    assert len(subjects(world.project_member)) == before
    assert len(subjects(world.external)) == 1
    (mail,) = mailed_to(world.project_admin.email)
    assert "nightly" in mail.body
    assert "from outside" in mail.body


def test_a_deleted_creator_is_not_emailed(world: World) -> None:
    ending(world.research, world.project_member, 2)
    email = world.project_member.email
    delete_account(actor=Actor.of_user(world.project_member))
    before = len(mailed_to(email))
    assert send_expiry_reminders() == 1
    assert len(mailed_to(email)) == before
    assert not [mail for mail in mailed() if mail.to[0].endswith("@deleted.invalid")]
    assert len(subjects(world.project_admin)) == 1


def test_a_person_gets_one_mail_that_lists_all_soonest_first(world: World) -> None:
    for number, days in enumerate([9, 2, 5]):
        ending(world.research, world.project_admin, days, name=f"key {number}")
    ending(world.other_project, world.stranger, 2)
    assert send_expiry_reminders() == 4
    (mail,) = mailed_to(world.project_admin.email)
    places = [mail.body.index(f"key {number}") for number in (1, 2, 0)]
    assert places == sorted(places)
    assert "Rockets" not in mail.body
    assert "Never" not in mail.body
    assert "Last used: never" in mail.body
    (other,) = mailed_to(world.stranger.email)
    assert "Research" not in other.body


def test_someone_who_turned_these_mails_off_gets_none(world: World) -> None:
    world.project_admin.muted_notifications.create(kind=Notification.KEY_ENDING)
    ending(world.research, world.project_member, 2)
    assert send_expiry_reminders() == 1
    assert subjects(world.project_admin) == []
    assert len(subjects(world.project_member)) == 1


def test_what_is_refused_anyway_is_not_reminded_of(world: World) -> None:
    revoked = ending(world.research, world.project_admin, 2)
    revoke_key(actor=Actor.of_user(world.owner), key=revoked)
    ending(world.production, world.project_member, 2)
    archive_project(actor=Actor.of_user(world.owner), project=world.production)
    ending(world.other_project, world.stranger, 2)
    for state in (OrganizationState.SUSPENDED, OrganizationState.CLOSED):
        world.other_organization.change_state(state, "Unpaid.")
        assert send_expiry_reminders() == 0
    world.other_organization.change_state(OrganizationState.ACTIVE, "")
    assert send_expiry_reminders() == 1
    assert not any("nightly" in subject for subject in subjects(world.owner))


def test_tend_sends_them(world: World) -> None:
    ending(world.research, world.project_admin, 2)
    call_command("tend")
    assert len(subjects(world.project_admin)) == 1


def test_thirty_keys_of_a_project_take_the_recipient_queries_of_one(world: World) -> None:
    spent = []
    for number in (1, 30):
        for index in range(number):
            ending(world.research, world.project_admin, 2, name=f"{number} {index}")
        with queries() as captured:
            assert send_expiry_reminders() == number
        spent.append([q for q in captured.captured_queries if q["sql"].startswith("SELECT")])
    assert len(spent[0]) == len(spent[1])
