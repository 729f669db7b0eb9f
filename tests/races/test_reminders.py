"""Mails before a key expires, at the same moment as others or another end: one mail for each."""

from functools import partial

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import OutgoingMail
from keys.api_keys.services import set_expiration
from keys.models import ApiKey
from keys.policy.services.reminders import send_expiry_reminders
from tests.races.at_once import at_once, outcomes_in_order
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def mails(world: World) -> int:
    return OutgoingMail.objects.filter(to=world.project_admin.email).count()


def test_four_workers_remind_of_a_key_once(world: World, rounds: range) -> None:
    keys = ApiKey.objects.filter(pk=world.key.pk)
    for _ in rounds:
        keys.update(expires_at=timezone.now() + 2 * DAY, reminded_days=None)
        before = mails(world)
        assert sorted(at_once([send_expiry_reminders] * 4)) == [0, 0, 0, 1]
        assert mails(world) == before + 1


def test_a_reminder_and_another_end_leave_the_next_mail_due(world: World, rounds: range) -> None:
    for number in rounds:
        ApiKey.objects.filter(pk=world.key.pk).update(
            expires_at=timezone.now() + DAY / 2, reminded_days=None
        )
        later = timezone.now() + (13 + number / 1000) * DAY
        again = partial(
            set_expiration, actor=Actor.of_user(world.owner), key=world.key, expires_at=later
        )
        assert outcomes_in_order(send_expiry_reminders, again) == ["done", "done"]
        key = ApiKey.objects.get(pk=world.key.pk)
        assert key.expires_at == later
        assert key.reminded_days in (None, 14), "the mail about the former end stands for this one"
