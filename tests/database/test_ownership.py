"""The database moves the ownership only when a member accepts it, and then in one statement."""

import pytest

from accounts.models import Membership, OwnershipOffer
from tests.database.refusals import refused, run
from tests.world import World, offered, owner_of

pytestmark = pytest.mark.django_db

NEEDS_OWNER = "an organization needs an Owner"
BY_OWNER = "ownership is offered by the Owner to a member"
ONCE = "an offer is accepted once, by the member it was made to, while its maker is the Owner"


def set_state(offer: OwnershipOffer, state: str) -> None:
    run("UPDATE accounts_ownershipoffer SET state = %s WHERE id = %s", state, offer.pk)


def test_the_owner_is_demoted_by_nothing_but_an_acceptance(world: World) -> None:
    demoting = (
        "UPDATE accounts_membership SET role = 'admin' WHERE role = 'owner'"
        " AND organization_id = %s"
    )
    with refused(NEEDS_OWNER):
        run(demoting, world.organization.pk)
    offer = offered(world.organization, world.member)
    with refused(NEEDS_OWNER):
        run(demoting, world.organization.pk)
    set_state(offer, "accepting")
    assert owner_of(world.organization) == world.member
    assert world.owner.memberships.get(organization=world.organization).role == "admin"
    offer.refresh_from_db()
    assert offer.state == "accepted"
    with refused(NEEDS_OWNER):
        run(demoting, world.organization.pk)


def test_no_member_is_made_a_second_owner(world: World) -> None:
    offered(world.organization, world.member)
    with refused("membership_one_owner", "UNIQUE"):
        run("UPDATE accounts_membership SET role = 'owner' WHERE user_id = %s", world.member.pk)


def test_an_offer_to_someone_who_left_cannot_be_accepted(world: World) -> None:
    offer = offered(world.organization, world.member)
    Membership.objects.filter(user=world.member).delete()
    with refused(ONCE):
        set_state(offer, "accepting")
    assert owner_of(world.organization) == world.owner


def test_an_offer_is_accepted_in_no_other_way(world: World) -> None:
    offer = offered(world.organization, world.member)
    with refused(ONCE):
        set_state(offer, "accepted")
    for column, user in [("offered_to_id", world.admin), ("offered_by_id", world.admin)]:
        with refused(ONCE):
            run(
                f"UPDATE accounts_ownershipoffer SET {column} = %s WHERE id = %s",
                user.pk,
                offer.pk,
            )


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn"])
def test_a_finished_offer_stays_finished(world: World, state: str) -> None:
    offer = offered(world.organization, world.member)
    set_state(offer, "accepting" if state == "accepted" else state)
    for other in {"pending", "accepting", "accepted", "declined", "withdrawn"} - {state}:
        with refused(ONCE):
            set_state(offer, other)


def test_only_the_owner_offers_and_only_to_a_member(world: World) -> None:
    for maker, taker in [
        (world.admin, world.member),
        (world.owner, world.external),
        (world.owner, world.stranger),
    ]:
        with refused(BY_OWNER):
            OwnershipOffer.objects.create(
                organization=world.organization, offered_by=maker, offered_to=taker
            )
    with refused(BY_OWNER):
        OwnershipOffer.objects.create(
            organization=world.organization,
            offered_by=world.owner,
            offered_to=world.member,
            state="accepting",
        )


def test_two_offers_never_wait_at_once(world: World) -> None:
    offered(world.organization, world.member)
    with refused("ownershipoffer_one_pending", "UNIQUE"):
        OwnershipOffer.objects.create(
            organization=world.organization, offered_by=world.owner, offered_to=world.admin
        )


def test_an_old_offer_is_worth_nothing_under_a_new_owner(world: World) -> None:
    """Its maker is the Owner no more."""
    offer = offered(world.organization, world.member)
    set_state(offer, "withdrawn")
    second = offered(world.organization, world.admin)
    set_state(second, "accepting")
    with refused(ONCE):
        set_state(offer, "accepting")
    assert owner_of(world.organization) == world.admin
