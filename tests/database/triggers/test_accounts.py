"""What the database refuses of people and organizations: the Owner stays, who left stays out."""

from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models import Membership, ViewAs
from accounts.people.services.deletion import delete_account
from projects.models import Project
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.world import World

pytestmark = pytest.mark.django_db
OWNER_STAYS = ("the Owner cannot be removed", "an organization needs an Owner")


def test_the_owner_can_be_neither_removed_nor_demoted(world: World) -> None:
    owners = Membership.objects.filter(organization=world.organization, role="owner")
    for role in ("admin", "member"):
        with refused(*OWNER_STAYS):
            owners.update(role=role)
    with refused(*OWNER_STAYS):
        owners.delete()
    with refused(*OWNER_STAYS):
        run("DELETE FROM accounts_membership WHERE organization_id = %s", world.organization.pk)
    assert [one.user for one in owners] == [world.owner]


def test_other_members_can_be_removed_and_change_their_role(world: World) -> None:
    assert Membership.objects.filter(user=world.admin).update(role="member") == 1
    world.organization.memberships.get(user=world.member).delete()
    assert not world.member.memberships.exists()


def test_a_membership_cannot_move_to_another_person_or_organization(world: World) -> None:
    own = Membership.objects.filter(user=world.member)
    with refused("a membership belongs to one person and organization"):
        own.update(organization=world.other_organization)
    with refused("a membership belongs to one person and organization"):
        own.update(user=world.external)


def test_an_external_who_becomes_a_member_has_their_rows_on_the_membership(world: World) -> None:
    hired = world.organization.memberships.create(user=world.external, role="member")
    world.external_row.refresh_from_db()
    assert world.external_row.membership == hired
    hired.delete()
    assert not world.external.collaborations.exists()


def test_a_membership_elsewhere_leaves_the_external_rows_alone(world: World) -> None:
    world.other_organization.memberships.create(user=world.external, role="member")
    world.external_row.refresh_from_db()
    assert world.external_row.membership is None


def test_a_member_with_rows_cannot_be_removed_past_them(world: World) -> None:
    """A raw delete would leave somebody inside a project as nobody."""
    own = world.organization.memberships.get(user=world.project_member)
    with refused("foreign key", "FOREIGN KEY"):
        run("DELETE FROM accounts_membership WHERE id = %s", own.pk)


def test_nothing_new_comes_into_a_closed_organization(world: World) -> None:
    changed(world.organization, state="closed")
    with refused("the organization is closed"):
        Project.objects.create(organization=world.organization, name="Another", slug="another")
    with refused("the organization is closed"):
        world.organization.memberships.create(user=world.stranger, role="member")
    with refused("the organization is closed"):
        copied(world.member_invitation, email="another@partner.example")


def test_support_views_as_a_member_of_that_organization_only(world: World) -> None:
    for user in (world.external, world.stranger):
        with refused("support views as a member of the organization"):
            ViewAs.objects.create(
                staff=world.staff, organization=world.organization, user=user, reason="A look."
            )


def test_a_deleted_account_stays_deleted(world: World) -> None:
    delete_account(actor=Actor.of_user(world.external))
    values: list[dict[str, Any]] = [
        {"deleted_at": None},
        {"is_active": True},
        {"email": "back@partner.example"},
        {"password": world.owner.password},
    ]
    for one in values:
        with refused("a deleted account stays deleted"):
            changed(world.external, **one)
    with refused("a deleted account stays deleted"):
        world.organization.memberships.create(user=world.external, role="member")
