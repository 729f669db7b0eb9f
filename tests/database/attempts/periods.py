"""Attempts to write periods of access that cannot be."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.models import MembershipPeriod
from projects.models import CollaborationPeriod
from tests.database.writes import changed, copied
from tests.world import World

Attempt = Callable[[World], Any]
SECOND = dt.timedelta(seconds=1)


def of_member(world: World) -> MembershipPeriod:
    return MembershipPeriod.objects.get(organization=world.organization, user=world.member)


def of_external(world: World) -> CollaborationPeriod:
    return CollaborationPeriod.objects.get(project=world.research, user=world.external)


def attempts(
    name: str, place: str, period: Callable[[World], Any]
) -> dict[str, tuple[str, Attempt]]:
    """By the name of the constraint: what SQLite says, and the write. `place` is the column of the place."""
    table = f"{'accounts' if place == 'organization_id' else 'projects'}_{name}"
    return {
        f"{name}_one_open": (
            f"{table}.user_id, {table}.{place}",
            lambda world: copied(period(world)),
        ),
        f"{name}_ends_after_start": (
            f"{name}_ends_after_start",
            lambda world: changed(period(world), ended_at=period(world).started_at - SECOND),
        ),
        f"{name}_role_known": (
            f"{name}_role_known",
            lambda world: changed(period(world), role="guest"),
        ),
    }


PERIOD_ATTEMPTS = {
    **attempts("membershipperiod", "organization_id", of_member),
    **attempts("collaborationperiod", "project_id", of_external),
}
