"""Keys that nobody uses are revoked by the console itself, where the key policy says after how long."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, Notification
from accounts.members.services import remove_member
from accounts.models import AuditEvent
from accounts.notifications.services import change_notifications
from accounts.support.services.support import reopen_organization, suspend_organization
from keys.api_keys.services import rotate_key, set_expiration
from keys.models import ApiKey, KeyPolicy, KeySecret
from keys.policy.services.unused import (
    BATCH,
    LATE,
    find_unused_keys,
    revoke_in_organization,
    revoke_unused_keys,
)
from keys.verification.last_used import flush_uses
from projects.services.archive import archive_project, restore_project
from tests.keys.helpers.factories import hoard, one
from tests.keys.helpers.gateway_client import code_of
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed, mailed_to
from tests.world import World, issued

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def rule(world: World) -> KeyPolicy:
    """Northwind has keys revoked that nobody used for 30 days; `notebooks` was made just now."""
    return KeyPolicy.objects.create(organization=world.organization, unused_days=30)


def is_revoked(key: ApiKey) -> bool:
    return ApiKey.objects.get(pk=key.pk).revoked_at is not None


def old(world: World, name: str = "old", **given: Any) -> ApiKey:
    """A key made 40 days ago, never used unless `given` says otherwise."""
    return one(world.research, given.pop("user", world.project_member), name, days=40, **given)


def test_a_key_is_revoked_once_it_is_unused_for_so_long_and_not_before(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = world.key.created_at + 30 * DAY + LATE
    set_clock(monkeypatch, moment - SECOND)
    assert revoke_unused_keys() == 0
    set_clock(monkeypatch, moment)
    assert revoke_unused_keys() == 1
    assert code_of(credential, world.key_secret) == "revoked"
    key = ApiKey.objects.get(pk=world.key.pk)
    assert (key.revoked_because, key.revoked_by) == ("Unused for 30 days", None)
    assert revoke_unused_keys() == 0


def test_the_worker_does_it_every_minute(world: World) -> None:
    key = old(world)
    call_command("tend")
    assert is_revoked(key)


def test_it_is_written_down_as_done_by_the_console_itself(world: World) -> None:
    key = old(world)
    revoke_unused_keys()
    event = AuditEvent.objects.get(act=Action.KEY_REVOKED)
    assert (event.actor, event.actor_name) == (None, "Console")
    assert (event.organization, event.target_id) == (world.organization, key.public_id)
    assert event.values_after == {"reason": "Unused for 30 days"}


def test_the_use_of_either_secret_keeps_a_key(world: World) -> None:
    key = old(world, "rotated")
    rotate_key(actor=Actor.of_user(world.owner), key=key, overlap=DAY)
    first, second = key.secrets.order_by("pk")
    for used, unused in ((first, second), (second, first)):
        KeySecret.objects.filter(pk=used.pk).update(last_used_at=timezone.now() - 29 * DAY)
        KeySecret.objects.filter(pk=unused.pk).update(last_used_at=timezone.now() - 35 * DAY)
        assert revoke_unused_keys() == 0
    assert not is_revoked(key)


def test_a_use_written_a_minute_late_still_counts(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = timezone.now()
    assert code_of(credential, world.key_secret) == "valid"
    flush_uses()
    # Used again within a minute of that: nothing is written for it.
    set_clock(monkeypatch, start + 59 * SECOND)
    assert code_of(credential, world.key_secret) == "valid"
    flush_uses()
    set_clock(monkeypatch, start + 59 * SECOND + 30 * DAY)
    assert revoke_unused_keys() == 0


def test_a_use_that_is_written_after_a_key_was_found_keeps_it(world: World) -> None:
    key = old(world)
    assert find_unused_keys(30).get() == key
    key.secrets.update(last_used_at=timezone.now())
    assert revoke_in_organization(world.organization.pk) == 0
    assert not is_revoked(key)


def test_other_keys_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = old(world, "ended", expires_at=timezone.now() - DAY)
    used = old(world, "used", used=29)
    theirs = one(world.other_project, world.stranger, "theirs", days=400)
    default = world.default.api_keys.default_key()
    set_clock(monkeypatch, timezone.now() + DAY / 2)
    assert revoke_unused_keys() == 0
    for key in (ended, used, theirs, default):
        assert not is_revoked(key)
    set_clock(monkeypatch, timezone.now() + 400 * DAY)
    revoke_unused_keys()
    assert is_revoked(used)
    assert not is_revoked(default)


def test_each_organization_has_its_own_number_of_days(world: World) -> None:
    KeyPolicy.objects.create(organization=world.other_organization, unused_days=100)
    theirs = [
        one(world.other_project, world.stranger, "mid", days=60),
        one(world.other_project, world.stranger, "long", days=101),
    ]
    ours = old(world)
    assert revoke_unused_keys() == 2
    assert [is_revoked(key) for key in (ours, *theirs)] == [True, False, True]
    assert ApiKey.objects.get(pk=theirs[1].pk).revoked_because == "Unused for 100 days"


def test_a_rule_that_was_taken_back_meanwhile_revokes_nothing(
    world: World, rule: KeyPolicy
) -> None:
    key = old(world)
    KeyPolicy.objects.filter(pk=rule.pk).update(unused_days=None)
    assert revoke_in_organization(world.organization.pk) == 0
    assert not is_revoked(key)


def test_keys_that_could_not_be_used_are_given_the_days_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, owner, staff = timezone.now(), Actor.of_user(world.owner), Actor.of_user(world.staff)
    archive_project(actor=owner, project=world.research)
    set_clock(monkeypatch, start + 50 * DAY)
    assert revoke_unused_keys() == 0
    restore_project(actor=owner, project=world.research)
    assert revoke_unused_keys() == 0
    set_clock(monkeypatch, start + 79 * DAY)
    suspend_organization(actor=staff, organization=world.organization, reason="Unpaid.")
    set_clock(monkeypatch, start + 120 * DAY)
    assert revoke_unused_keys() == 0
    reopen_organization(actor=staff, organization=world.organization, reason="Paid.")
    set_clock(monkeypatch, start + 149 * DAY)
    assert revoke_unused_keys() == 0
    set_clock(monkeypatch, start + 151 * DAY)
    assert revoke_unused_keys() == 1


def test_an_expired_key_is_revoked_once_it_has_been_revived_unused(world: World) -> None:
    key = old(world, expires_at=timezone.now() - DAY)
    assert revoke_unused_keys() == 0
    set_expiration(actor=Actor.of_user(world.owner), key=key, expires_at=timezone.now() + DAY)
    assert revoke_unused_keys() == 1


def test_who_made_them_and_who_is_in_charge_get_one_mail_each(world: World) -> None:
    old(world, "first")
    old(world, "second", used=35)
    old(world, "third", user=world.admin)
    before = len(mailed())
    revoke_unused_keys()
    for person, named in (
        (world.project_member, {"first", "second"}),
        (world.owner, {"first", "second", "third"}),
        (world.admin, {"first", "second", "third"}),
    ):
        (message,) = mailed_to(person.email)
        body = str(message.body)
        assert {name for name in ("first", "second", "third") if name in body} == named
        assert "unused API keys of Northwind were revoked" in message.subject
        assert "for 30 days" in body
        assert "Research" in body
        assert "pk_" not in body
    assert len(mailed()) == before + 3
    revoke_unused_keys()
    assert len(mailed()) == before + 3


def test_a_single_key_is_named_in_the_subject(world: World) -> None:
    key = old(world, "nightly", used=33)
    revoke_unused_keys()
    (message,) = mailed_to(world.owner.email)
    assert message.subject == "The unused API key nightly of Northwind was revoked"
    assert f"last used on {timezone.now() - 33 * DAY:%-d %b %Y}" in str(message.body)
    assert key.secrets.get().hint not in str(message.body)


def test_someone_who_is_gone_or_wants_no_such_mail_gets_none(world: World) -> None:
    old(world, user=world.former)
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    old(world, "left")
    wanted = {kind.value: kind != Notification.KEY_ENDING for kind in Notification}
    change_notifications(actor=Actor.of_user(world.admin), **wanted)
    sent = len(mailed())
    assert revoke_unused_keys() == 2
    assert [message.to for message in mailed()[sent:]] == [[world.owner.email]]


def test_very_many_are_done_a_part_a_turn(world: World) -> None:
    hoard(world.research, world.owner, BATCH + 5, days=40)
    assert [revoke_unused_keys(), revoke_unused_keys(), revoke_unused_keys()] == [BATCH, 5, 0]
    assert not is_revoked(issued(world.research, world.owner, "new").key)
