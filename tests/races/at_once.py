"""Runs acts at the same moment, each in a thread with its own connection, and says what became of each."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.http import Http404

from accounts.errors import Conflict
from accounts.models import Membership, Organization
from accounts.permissions import OrganizationRole
from projects.models import Collaborator, Project

Result = TypeVar("Result")
SECONDS = 60
# Answers of a page that are an answer; 500 is always a defect, 503 would be a lost lock.
ANSWERS = {200, 302, 403, 404, 409, 422}


def at_once(acts: Sequence[Callable[[], Result]]) -> list[Result]:
    """Starts all acts together; what an act raises ends the test."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Result]) -> Result:
        try:
            connection.ensure_connection()
            barrier.wait(SECONDS)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(SECONDS) for future in [pool.submit(run, act) for act in acts]]


def outcome(act: Callable[[], object]) -> str:
    """What a service said. Anything but these four would be a 500 and is raised."""
    try:
        act()
    except Conflict:
        return "conflict"
    except PermissionDenied:
        return "denied"
    except Http404:
        return "gone"
    return "done"


def outcomes(*acts: Callable[[], object]) -> Counter[str]:
    """How often each came of the acts."""
    return Counter(outcomes_in_order(*acts))


def outcomes_in_order(*acts: Callable[[], object]) -> list[str]:
    return at_once([partial(outcome, act) for act in acts])


def assert_rules_hold() -> None:
    """What must be true of the whole database after whatever happened."""
    for organization in Organization.objects.all():
        owners = Membership.objects.filter(
            organization=organization, role=OrganizationRole.OWNER
        ).count()
        projects = Project.objects.filter(organization=organization)
        assert owners == 1, f"{organization} has {owners} Owners"
        assert projects.filter(is_default=True).count() == 1
        assert projects.unarchived().count() <= organization.project_limit
    rows = Collaborator.objects.select_related("project", "membership")
    for row in rows:
        assert not row.project.is_default
        own = Membership.objects.filter(
            organization=row.project.organization_id, user=row.user_id
        ).first()
        assert row.membership == own, f"{row} hangs on {row.membership}, not on {own}"
    assert len({(row.project_id, row.user_id) for row in rows}) == len(rows)
