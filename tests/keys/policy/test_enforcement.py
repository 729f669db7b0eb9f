"""What an organization's key policy asks of the ends of its keys, whatever is done with them."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import Conflict
from keys.api_keys.services import (
    cancel_expiration,
    create_key,
    rotate_key,
    set_expiration,
    undo_rotation,
)
from keys.models import ApiKey, KeyPolicy, KeySecret
from tests.support.clock import DAY, set_clock
from tests.world import World, issued

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def policy(world: World, **rules: Any) -> None:
    KeyPolicy.objects.update_or_create(organization=world.organization, defaults=rules)


def end_of(key: ApiKey) -> dt.datetime | None:
    return ApiKey.objects.get(pk=key.pk).expires_at


def refused_end(world: World, days: int | None) -> list[str]:
    """What is said at `expires` of a key that would end after so many days; nothing when it may."""
    end = None if days is None else timezone.now() + days * DAY
    try:
        create_key(
            actor=Actor.of_user(world.owner), project=world.research, name=f"{days}", expires_at=end
        )
    except ValidationError as error:
        return list(error.message_dict["expires"])
    return []


def test_a_key_has_to_end_where_the_policy_asks_for_it(world: World) -> None:
    end = timezone.now() + 900 * DAY
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=end)
    policy(world, expiry_required=True)
    assert refused_end(world, None) == ["The key policy requires an expiration. Choose one."]
    assert refused_end(world, 999) == []
    with pytest.raises(Conflict, match="requires an expiration"):
        cancel_expiration(actor=Actor.of_user(world.owner), key=world.key)
    assert end_of(world.key) == end


def test_a_secret_lives_no_longer_than_the_policy_lets_it(world: World) -> None:
    policy(world, longest_days=30)
    assert refused_end(world, None)
    latest = (timezone.now() + 29 * DAY).astimezone(dt.UTC).date()
    (said,) = refused_end(world, 31)
    assert f"Choose {latest} or earlier" in said
    assert refused_end(world, 29) == []


def test_days_are_counted_from_the_current_secret(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, start = Actor.of_user(world.owner), timezone.now()
    policy(world, longest_days=30)
    key = issued(world.research, world.owner, "counted", expires_at=start + 29 * DAY).key
    set_clock(monkeypatch, start + 20 * DAY)
    with pytest.raises(ValidationError):
        set_expiration(actor=actor, key=key, expires_at=start + 40 * DAY)
    rotate_key(actor=actor, key=key, overlap=DAY)
    assert end_of(key) == start + 29 * DAY, "an end that is early enough stays"
    set_expiration(actor=actor, key=key, expires_at=start + 40 * DAY)


@pytest.mark.parametrize("days", [None, 900])
def test_a_key_from_before_the_policy_ends_in_time_once_it_is_rotated(
    world: World, days: int | None
) -> None:
    end = days and timezone.now() + days * DAY
    key = issued(world.research, world.owner, "from before", expires_at=end).key
    policy(world, longest_days=30)
    before = timezone.now() + 30 * DAY
    rotate_key(actor=Actor.of_user(world.owner), key=key, overlap=DAY)
    assert before <= (end_of(key) or before - DAY) <= before + MINUTE
    event = world.organization.audit_events.latest("pk")
    assert (event.act, event.target_id) == ("key.expiration_changed", key.public_id)


def test_an_old_secret_is_rotated_before_the_key_can_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the form would ask for a day that is over."""
    actor, start = Actor.of_user(world.owner), timezone.now()
    policy(world, longest_days=30)
    set_clock(monkeypatch, start + 100 * DAY)
    with pytest.raises(ValidationError, match="this one is older"):
        set_expiration(actor=actor, key=world.key, expires_at=start + 101 * DAY)
    rotate_key(actor=actor, key=world.key, overlap=DAY)
    set_expiration(actor=actor, key=world.key, expires_at=start + 101 * DAY)


def test_a_key_without_expiration_gets_one_before_rotation(world: World) -> None:
    actor, before = Actor.of_user(world.owner), KeySecret.objects.count()
    policy(world, expiry_required=True)
    with pytest.raises(Conflict, match="Set one for notebooks first"):
        rotate_key(actor=actor, key=world.key, overlap=DAY)
    assert KeySecret.objects.count() == before
    set_expiration(actor=actor, key=world.key, expires_at=timezone.now() + 900 * DAY)
    rotate_key(actor=actor, key=world.key, overlap=DAY)


def test_going_back_to_an_old_secret_does_not_lengthen_its_life(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later end that rotating allows is for the new secret, also while the old one still works."""
    actor, start = Actor.of_user(world.owner), timezone.now()
    policy(world, longest_days=30)
    key = issued(world.research, world.owner, "renewed", expires_at=start + 29 * DAY).key
    oldest = key.current_secret().created_at + 30 * DAY
    for day in (28, 28.5):
        set_clock(monkeypatch, start + day * DAY)
        rotate_key(actor=actor, key=key, overlap=7 * DAY)
        set_expiration(actor=actor, key=key, expires_at=start + 50 * DAY)
        assert ApiKey.objects.get(pk=key.pk).outgoing_until <= oldest
        undo_rotation(actor=actor, key=key)
        assert start + 29 * DAY <= (end_of(key) or start) <= oldest


def test_an_undone_rotation_ends_no_secret_from_before_the_policy_early(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works for as long as the rotation let it work; going back again gives it no more."""
    actor, start = Actor.of_user(world.owner), timezone.now()
    policy(world, longest_days=30)
    promised = start + 107 * DAY
    for day in (100, 101):
        set_clock(monkeypatch, start + day * DAY)
        rotate_key(actor=actor, key=world.key, overlap=7 * DAY)
        set_expiration(actor=actor, key=world.key, expires_at=start + 120 * DAY)
        undo_rotation(actor=actor, key=world.key)
        assert end_of(world.key) == promised


def test_without_a_bound_an_undone_rotation_leaves_the_end_alone(world: World) -> None:
    actor, end = Actor.of_user(world.owner), timezone.now() + 900 * DAY
    rotate_key(actor=actor, key=world.key, overlap=DAY)
    set_expiration(actor=actor, key=world.key, expires_at=end)
    undo_rotation(actor=actor, key=world.key)
    assert end_of(world.key) == end
