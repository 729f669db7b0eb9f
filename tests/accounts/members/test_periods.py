"""Periods of access: begun, changed and ended with the rows, also by raw SQL; who had access on a day."""

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actors import Actor
from accounts.members.services import change_member_role, remove_member
from accounts.models import MembershipPeriod
from accounts.permissions import OrganizationRole
from projects.models import CollaborationPeriod
from projects.services.periods import repair_periods
from tests.database.refusals import refused, run
from tests.support.clock import set_clock
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
TODAY = dt.datetime.now(dt.UTC)


@pytest.fixture
def world() -> World:
    return build_world()


def roles(world: World) -> list[tuple[str, bool]]:
    """(role, whether it lasts) of the project member's periods in Northwind."""
    periods = world.organization.membership_periods.filter(user=world.project_member)
    return [(period.role, period.ended_at is None) for period in periods.order_by("pk")]


def access_on(world: World, day: dt.date) -> str:
    printed = StringIO()
    call_command("access_on", world.organization.slug, day.isoformat(), stdout=printed)
    return printed.getvalue()


def test_a_period_begins_changes_and_ends_with_its_membership(world: World) -> None:
    membership = world.organization.memberships.get(user=world.project_member)
    change_member_role(
        actor=Actor.of_user(world.owner), membership=membership, role=OrganizationRole.ADMIN
    )
    assert roles(world) == [("member", False), ("admin", True)]
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    assert roles(world) == [("member", False), ("admin", False)]
    listed = CollaborationPeriod.objects.filter(user=world.project_member)
    assert not listed.filter(ended_at__isnull=True).exists()


def test_raw_sql_begins_and_ends_periods_too(world: World) -> None:
    run("DELETE FROM projects_collaborator WHERE id = %s", world.external_row.pk)
    period = CollaborationPeriod.objects.get(user=world.external, project=world.research)
    assert period.ended_at is not None
    assert abs(period.ended_at - TODAY) < dt.timedelta(hours=1)


def test_there_is_one_open_period_and_none_ends_before_it_starts(world: World) -> None:
    period = MembershipPeriod.objects.get(organization=world.organization, user=world.member)
    with refused("membershipperiod_one_open", "UNIQUE constraint failed"):
        MembershipPeriod.objects.create(
            organization=world.organization,
            user=world.member,
            role="member",
            started_at=period.started_at,
        )
    with refused("membershipperiod_ends_after_start"):
        MembershipPeriod.objects.filter(pk=period.pk).update(
            ended_at=period.started_at - dt.timedelta(seconds=1)
        )


def test_who_had_access_on_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, TODAY + dt.timedelta(days=3))
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    line = f"{world.project_member.email},member,research,"
    for days in (0, 3):
        assert line in access_on(world, (TODAY + dt.timedelta(days=days)).date())
    assert world.project_member.email not in access_on(world, (TODAY + dt.timedelta(days=4)).date())
    assert world.owner.email not in access_on(world, dt.date(2020, 1, 1))


def test_a_wrong_organization_or_day_is_refused(world: World) -> None:
    with pytest.raises(CommandError, match="no organization with the slug nowhere"):
        call_command("access_on", "nowhere", "2026-11-30")
    with pytest.raises(CommandError, match="not a date"):
        call_command("access_on", world.organization.slug, "yesterday")


def test_what_a_version_without_triggers_left_out_is_put_right(world: World) -> None:
    run(
        "UPDATE accounts_membershipperiod SET ended_at = started_at WHERE user_id = %s",
        world.member.pk,
    )
    MembershipPeriod.objects.create(
        organization=world.other_organization,
        user=world.member,
        role="member",
        started_at=timezone.now(),
    )
    repair_periods()
    lasting = MembershipPeriod.objects.filter(user=world.member, ended_at__isnull=True)
    assert [period.organization for period in lasting] == [world.organization]
