"""Several keys revoked at the same moment as other acts on them: all of them or none, and for good."""

from functools import partial
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.api_keys.services import revoke_key, rotate_key
from keys.inventory.services import revoke_several
from keys.models import ApiKey, KeyPolicy, KeySecret
from keys.policy.services.policy import change_policy
from keys.policy.services.unused import revoke_unused_keys
from tests.keys.helpers.factories import hoard
from tests.races.at_once import at_once, outcomes_in_order
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def revocations() -> int:
    return AuditEvent.objects.filter(act=Action.KEY_REVOKED).count()


def unrevoked(keys: list[ApiKey]) -> int:
    return ApiKey.objects.unrevoked().filter(pk__in=[key.pk for key in keys]).count()


def several(world: World, keys: list[ApiKey]) -> partial[list[ApiKey]]:
    return partial(
        revoke_several, actor=Actor.of_user(world.owner), organization=world.organization, keys=keys
    )


def test_several_are_revoked_while_one_is_rotated(world: World, rounds: range) -> None:
    for number in rounds:
        keys = hoard(world.research, world.owner, 3, f"round {number}")
        rotating = partial(rotate_key, actor=Actor.of_user(world.admin), key=keys[1], overlap=DAY)
        revoked, rotated = outcomes_in_order(several(world, keys), rotating)
        assert revoked == "done"
        assert rotated in ("done", "conflict")
        assert unrevoked(keys) == 0
        secrets = KeySecret.objects.filter(api_key=keys[1]).count()
        assert secrets == (2 if rotated == "done" else 1)


def test_several_are_revoked_while_one_is_revoked_alone(world: World, rounds: range) -> None:
    for number in rounds:
        keys, before = hoard(world.research, world.owner, 3, f"round {number}"), revocations()
        alone = partial(revoke_key, actor=Actor.of_user(world.admin), key=keys[2])
        revoked, single = outcomes_in_order(several(world, keys), alone)
        assert (revoked, single) in (("done", "conflict"), ("conflict", "done"))
        assert unrevoked(keys) == (0 if revoked == "done" else 2)
        assert revocations() == before + 3 - unrevoked(keys)


def test_two_choices_that_overlap_are_never_half_done(world: World, rounds: range) -> None:
    for number in rounds:
        keys, before = hoard(world.research, world.owner, 4, f"round {number}"), revocations()
        ways = outcomes_in_order(several(world, keys[:3]), several(world, keys[:0:-1]))
        assert sorted(ways) == ["conflict", "done"]
        assert unrevoked(keys) == 1
        assert revocations() == before + 3


def test_the_first_policy_is_set_by_two_at_once(world: World, rounds: range) -> None:
    for number in rounds:
        KeyPolicy.objects.all().delete()
        given: Any = {**KeyPolicy().rules, "expiry_required": bool(number % 2)}
        acts = [
            partial(
                change_policy,
                actor=Actor.of_user(person),
                organization=world.organization,
                **{**given, "longest_days": days},
            )
            for person, days in ((world.owner, 30), (world.admin, 60))
        ]
        assert outcomes_in_order(*acts) == ["done", "done"]
        assert KeyPolicy.objects.get().longest_days in (30, 60)


def test_four_workers_revoke_unused_keys_once(world: World, rounds: range) -> None:
    KeyPolicy.objects.create(organization=world.organization, unused_days=30)
    for number in rounds:
        keys, before = (
            hoard(world.research, world.owner, 2, f"round {number}", days=40),
            revocations(),
        )
        assert sum(at_once([revoke_unused_keys] * 4)) == 2
        assert unrevoked(keys) == 0
        assert revocations() == before + 2
