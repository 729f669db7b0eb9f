"""What the database refuses of admin API keys."""

import pytest
from django.utils import timezone

from tests.database.attempts.admin_keys import admin_key
from tests.database.refusals import refused, run
from tests.database.writes import changed
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_key_does_not_change(world: World) -> None:
    key = admin_key(world)
    for values in (
        {"organization": world.other_organization},
        {"name": "another"},
        {"created_by": world.admin},
        {"expires_at": key.expires_at + DAY},
        {"created_at": key.created_at - DAY},
    ):
        with refused("an admin API key does not change"):
            changed(key, **values)


def test_a_revoked_key_stays_revoked(world: World) -> None:
    key = admin_key(world)
    changed(key, revoked_at=timezone.now())
    for moment in (None, timezone.now() + DAY):
        with refused("a revoked admin API key stays revoked"):
            changed(key, revoked_at=moment)


def test_keys_are_kept(world: World) -> None:
    with refused("admin API keys are kept"):
        run("DELETE FROM keys_adminkey WHERE id = %s", admin_key(world).pk)
