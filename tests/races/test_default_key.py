"""The Default Key regenerated and revealed at the same moment: one new secret, one event."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.default_key.services import regenerate_default_key, reveal_default_key
from tests.races.at_once import outcomes_in_order
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_default_key_is_regenerated_once(world: World, rounds: range) -> None:
    owner, organization = Actor.of_user(world.owner), world.organization
    for _ in rounds:
        former = world.default.api_keys.default_key().generation
        act = partial(
            regenerate_default_key,
            actor=owner,
            organization=organization,
            replaces=former,
        )
        reveal = partial(reveal_default_key, actor=owner, organization=organization)
        before = AuditEvent.objects.filter(act=Action.DEFAULT_KEY_REGENERATED).count()
        *regenerated, revealed = outcomes_in_order(act, act, act, reveal)
        assert sorted(regenerated) == ["conflict", "conflict", "done"]
        assert revealed == "done"
        after = AuditEvent.objects.filter(act=Action.DEFAULT_KEY_REGENERATED).count()
        assert after == before + 1
        fresh = world.default.api_keys.default_key()
        assert fresh.generation == former + 1
        held = fresh.secrets.with_secret(fresh.secret_text).get()
        assert held == fresh.current_secret(), "what is sealed is the current secret"
