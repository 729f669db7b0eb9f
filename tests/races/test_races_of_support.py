"""Support staff at the same moment: one answer to a request, one change of state, one view at a time."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Act, OrganizationState, SupportRequestState
from accounts.models import OutgoingMail, SupportRequest, User
from accounts.services.support import (
    decline_request,
    grant_request,
    reopen_organization,
    suspend_organization,
)
from projects.services.projects import create_project
from tests.races.at_once import assert_rules_hold, outcomes, outcomes_in_order
from tests.world import World, asked, staff_member

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = (Act.SUPPORT_GRANTED, Act.SUPPORT_DECLINED)


@pytest.fixture
def colleague(world: World) -> User:
    """A second support person."""
    return staff_member("colleague@console.example")


def test_two_staff_answer_one_request(world: World, colleague: User, rounds: range) -> None:
    SupportRequest.objects.filter(organization=world.organization).delete()
    for number in rounds:
        request, mails = asked(world.organization), OutgoingMail.objects.count()
        events = world.organization.audit_events.filter(act__in=ANSWERS).count()
        world.organization.refresh_from_db()
        before = world.organization.project_limit
        granted, declined = outcomes_in_order(
            partial(
                grant_request,
                actor=Actor(world.staff),
                request=request,
                note=f"Yes {number}.",
                project_limit=before + 1,
            ),
            partial(decline_request, actor=Actor(colleague), request=request, note="No."),
        )
        assert sorted([granted, declined]) == ["conflict", "done"]
        request.refresh_from_db()
        world.organization.refresh_from_db()
        won = granted == "done"
        expected = SupportRequestState.GRANTED if won else SupportRequestState.DECLINED
        assert (request.state, world.organization.project_limit) == (expected, before + won)
        assert OutgoingMail.objects.count() == mails + 1
        assert world.organization.audit_events.filter(act__in=ANSWERS).count() == events + 1


def test_two_staff_suspend_at_once(world: World, colleague: User, rounds: range) -> None:
    for _ in rounds:
        came = outcomes(
            *(
                partial(
                    suspend_organization,
                    actor=Actor(staff),
                    organization=world.organization,
                    reason=f"Said {staff.email}",
                )
                for staff in (world.staff, colleague)
            )
        )
        assert came == {"done": 1, "conflict": 1}
        reopen_organization(
            actor=Actor(world.staff), organization=world.organization, reason="Sorry."
        )


def test_a_project_is_made_while_the_organization_is_suspended(world: World, rounds: range) -> None:
    """It exists because it came first, or it was refused; never both suspended first and made."""
    organization = world.organization
    for number in rounds:
        made, suspended = outcomes_in_order(
            partial(
                create_project,
                actor=Actor(world.owner),
                organization=organization,
                name=f"Round {number}",
            ),
            partial(
                suspend_organization,
                actor=Actor(world.staff),
                organization=organization,
                reason="Unpaid.",
            ),
        )
        assert suspended == "done"
        assert made in ("done", "denied")
        projects = organization.projects.filter(name=f"Round {number}")
        assert projects.exists() == (made == "done")
        organization.refresh_from_db()
        assert organization.state == OrganizationState.SUSPENDED
        assert_rules_hold()
        projects.delete()
        reopen_organization(actor=Actor(world.staff), organization=organization, reason="Paid.")
