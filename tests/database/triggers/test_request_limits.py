"""What the database refuses of limits: they stay with their project or key."""

import pytest

from keys.models import RequestLimits
from tests.database.attempts.request_limits import key_limits, project_limits
from tests.database.refusals import refused
from tests.database.writes import changed
from tests.world import World

pytestmark = pytest.mark.django_db


def test_limits_stay_with_their_project_or_key(world: World) -> None:
    for row, values in [
        (project_limits(world), {"project_id": world.production.pk}),
        (project_limits(world), {"project_id": None, "api_key_id": world.other_key.pk}),
        (key_limits(world), {"api_key_id": world.other_key.pk}),
    ]:
        with refused("limits stay with their project or key"):
            changed(row, **values)


def test_the_default_key_has_no_limits_of_its_own(world: World) -> None:
    with refused("the Default Key has no limits of its own"):
        RequestLimits.objects.create(
            api_key=world.default.api_keys.default_key(), requests_per_day=1
        )
