"""Support staff at the same moment: one answer to a request, one change of state, one view at a time."""

from functools import partial

import pytest
from django.db import transaction

from accounts.actors import Actor
from accounts.enums import Action, OrganizationState, SupportRequestState
from accounts.models import (
    AuditEvent,
    Membership,
    Organization,
    OutgoingMail,
    SupportRequest,
    User,
    ViewAs,
)
from accounts.support.services.support import (
    decline_request,
    grant_request,
    reopen_organization,
    suspend_organization,
)
from accounts.support.services.viewing import start_view
from projects.services.projects import create_project
from tests.races.at_once import assert_rules_hold, outcomes, outcomes_in_order
from tests.world import World, asked, join, staff_member

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = (Action.SUPPORT_GRANTED, Action.SUPPORT_DECLINED)


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
                actor=Actor.of_user(world.staff),
                request=request,
                note=f"Yes {number}.",
                project_limit=before + 1,
            ),
            partial(decline_request, actor=Actor.of_user(colleague), request=request, note="No."),
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
                    actor=Actor.of_user(staff),
                    organization=world.organization,
                    reason=f"Said {staff.email}",
                )
                for staff in (world.staff, colleague)
            )
        )
        assert came == {"done": 1, "conflict": 1}
        reopen_organization(
            actor=Actor.of_user(world.staff), organization=world.organization, reason="Sorry."
        )


def test_a_project_is_made_while_the_organization_is_suspended(world: World, rounds: range) -> None:
    """It exists because it came first, or it was refused; never both suspended first and made."""
    organization = world.organization
    for number in rounds:
        made, suspended = outcomes_in_order(
            partial(
                create_project,
                actor=Actor.of_user(world.owner),
                organization=organization,
                name=f"Round {number}",
            ),
            partial(
                suspend_organization,
                actor=Actor.of_user(world.staff),
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
        reopen_organization(
            actor=Actor.of_user(world.staff), organization=organization, reason="Paid."
        )


def test_one_staff_person_begins_two_views_at_once(world: World, rounds: range) -> None:
    """The last one runs, every other is ended, and the audit logs say so; never two, never a failure."""
    ours = world.organization.memberships.select_related("user").get(user=world.member)
    theirs = world.other_organization.memberships.select_related("user").get(
        user=world.other_member
    )
    for _ in rounds:
        came = outcomes(
            *(
                partial(start_view, actor=Actor.of_user(world.staff), membership=one, reason="x")
                for one in (ours, theirs, ours)
            )
        )
        assert set(came) <= {"done", "conflict"}
        assert came["done"] >= 1
        assert ViewAs.objects.unended().count() == 1
    events = AuditEvent.objects
    begun = events.filter(act=Action.VIEW_AS_STARTED).count()
    assert (
        events.filter(act=Action.VIEW_AS_ENDED).count() == begun - 1 == ViewAs.objects.count() - 1
    )


def test_a_member_is_removed_while_support_begins_to_view(world: World, rounds: range) -> None:
    for number in rounds:
        member = join(world.organization, f"going{number}@northwind.example")
        membership = world.organization.memberships.select_related("user").get(user=member)

        def remove(membership: Membership = membership) -> None:
            with transaction.atomic():
                Organization.objects.lock(world.organization.pk)
                Membership.objects.filter(pk=membership.pk).delete()

        [began, removed] = outcomes_in_order(
            partial(
                start_view, actor=Actor.of_user(world.staff), membership=membership, reason="x"
            ),
            remove,
        )
        assert removed == "done"
        assert began in ("done", "conflict")
        view = ViewAs.objects.with_people().filter(user=member).first()
        assert (view is not None) == (began == "done")
        assert view is None or not view.may_go_on
