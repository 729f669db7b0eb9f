"""Owners and Admins are emailed when support moves usage: one email each, with what it does to their bill."""

import pytest

from accounts.enums import Notification
from tests.support.mail import mailed, mailed_to
from tests.usage.helpers.event_client import results
from tests.usage.helpers.reattribution_setup import flip, moved, of_external, of_key, undone
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_move_between_projects_leaves_the_total_of_the_bill(world: World, secret: str) -> None:
    results(secret, of_key(world))
    flip(world)
    move = moved(world)
    for user in (world.owner, world.admin):
        (message,) = mailed_to(user.email)
        assert message.subject == "Usage of Volumes is moved"
        assert "Events moved: 1, $0.14\n  Bill: the total stays the same" in message.body
        assert "/settings/organization/northwind/cost-analytics/?start=" in message.body
        assert (
            f"/settings/organization/northwind/audit-log/?target={move.public_id}" in message.body
        )
    assert mailed_to(world.project_admin.email) == mailed_to(world.stranger.email) == []
    undone(world, move)
    subjects = [message.subject for message in mailed_to(world.owner.email)]
    assert subjects == ["Usage of Volumes is moved", "Usage of Volumes is moved back"]


def test_a_move_between_customers_says_whose_bill_grows(world: World, secret: str) -> None:
    results(secret, of_external(world))
    flip(world)
    moved(world)
    (message,) = mailed_to(world.external.email)
    assert "Bill: $0.14 lower" in message.body
    assert "Northwind" not in message.body
    (message,) = mailed_to(world.owner.email)
    assert "Bill: $0.14 higher" in message.body


def test_who_turned_it_off_is_not_emailed(world: World, secret: str) -> None:
    world.owner.muted_notifications.create(kind=Notification.USAGE_MOVED)
    results(secret, of_key(world))
    flip(world)
    moved(world)
    assert mailed_to(world.owner.email) == []
    assert len(mailed_to(world.admin.email)) == 1


def test_who_owns_both_bills_gets_one_email(world: World, secret: str) -> None:
    home = world.external.home_organization
    assert home is not None
    home.memberships.create(user=world.owner, role="admin")
    results(secret, of_external(world))
    flip(world)
    moved(world)
    (message,) = mailed_to(world.owner.email)
    assert "Bill: $0.14 lower" in message.body
    assert "Bill: $0.14 higher" in message.body
    assert len([one for one in mailed() if "Usage of Volumes" in one.subject]) == 3
