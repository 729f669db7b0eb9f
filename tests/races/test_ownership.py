"""An organization changes hands, closes, and loses people at the same moment: it always has one Owner."""

from collections.abc import Callable
from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import OfferState, OrganizationState
from accounts.members.services import remove_member
from accounts.models import Membership, Organization, OwnershipOffer, User
from accounts.organizations.services.closing import close_organization
from accounts.organizations.services.organizations import OWNED_LIMIT, create_organization
from accounts.ownership.services import accept_offer, offer_ownership, withdraw_offer
from accounts.people.services.deletion import delete_account
from tests.races.at_once import assert_rules_hold, at_once, outcome, outcomes, outcomes_in_order
from tests.world import World, accept, invited_member, join, offered, owner_of, person

pytestmark = pytest.mark.django_db(transaction=True)


def accepting(offer: OwnershipOffer) -> partial[None]:
    return partial(accept_offer, actor=Actor.of_user(offer.offered_to), offer=offer)


def begin(world: World) -> None:
    """The Owner is the Owner again, nothing is pending, everybody is a member and the place open."""
    organization = Organization.objects.filter(pk=world.organization.pk)
    organization.update(state=OrganizationState.ACTIVE)
    for user in (world.admin, world.member):
        world.organization.memberships.get_or_create(user=user, defaults={"role": "member"})
    OwnershipOffer.objects.filter(state=OfferState.PENDING).update(state=OfferState.WITHDRAWN)
    if owner_of(world.organization) != world.owner:
        accepting(offered(world.organization, world.owner))()


def owners(organization: Organization) -> list[User]:
    found = Membership.objects.filter(organization=organization, role="owner")
    return [one.user for one in found.select_related("user")]


def test_an_offer_is_accepted_in_two_tabs_at_once(world: World, rounds: range) -> None:
    for _ in rounds:
        begin(world)
        offer = offered(world.organization, world.member)
        assert outcomes(accepting(offer), accepting(offer)) == {"done": 1, "conflict": 1}
        assert owners(world.organization) == [world.member]
        assert_rules_hold()


def test_two_offers_are_made_at_once(world: World, rounds: range) -> None:
    for _ in rounds:
        begin(world)
        offering = [
            partial(
                offer_ownership,
                actor=Actor.of_user(world.owner),
                organization=world.organization,
                email=user.email,
            )
            for user in (world.member, world.admin)
        ]
        assert outcomes(*offering) == {"done": 1, "conflict": 1}
        assert world.organization.ownership_offers.pending().count() == 1


def test_an_offer_is_accepted_while_it_is_withdrawn(world: World, rounds: range) -> None:
    for _ in rounds:
        begin(world)
        offer = offered(world.organization, world.member)
        withdrawing = partial(
            withdraw_offer, actor=Actor.of_user(world.owner), organization=world.organization
        )
        accepted, withdrawn = outcomes_in_order(accepting(offer), withdrawing)
        assert (accepted, withdrawn) in [("done", "denied"), ("conflict", "done")]
        expected = world.member if accepted == "done" else world.owner
        assert owners(world.organization) == [expected]
        assert_rules_hold()


def test_an_offer_is_accepted_while_another_takes_its_place_and_is_accepted(
    world: World, rounds: range
) -> None:
    """Two members with successive offers: whoever accepts a living one first is the Owner."""

    def passed_on() -> str:
        actor = Actor.of_user(world.owner)
        came = outcome(partial(withdraw_offer, actor=actor, organization=world.organization))
        if came != "done":
            return came
        return outcome(accepting(offered(world.organization, world.admin)))

    for _ in rounds:
        begin(world)
        offer = offered(world.organization, world.member)
        acts: list[Callable[[], str]] = [partial(outcome, accepting(offer)), passed_on]
        came = at_once(acts)
        assert came in [["done", "denied"], ["conflict", "done"]]
        expected = world.member if came[0] == "done" else world.admin
        assert owners(world.organization) == [expected]
        assert_rules_hold()


def test_an_offer_is_accepted_while_its_invitee_is_removed(world: World, rounds: range) -> None:
    for _ in rounds:
        begin(world)
        offer = offered(world.organization, world.member)
        membership = world.organization.memberships.get(user=world.member)
        removing = partial(remove_member, actor=Actor.of_user(world.admin), membership=membership)
        Membership.objects.filter(user=world.admin).update(role="admin")
        accepted, removed = outcomes_in_order(accepting(offer), removing)
        assert (accepted, removed) in [("done", "denied"), ("conflict", "done")]
        expected = world.member if accepted == "done" else world.owner
        assert owners(world.organization) == [expected]
        assert_rules_hold()


def test_an_offer_is_accepted_while_the_organization_is_closed(world: World, rounds: range) -> None:
    for _ in rounds:
        begin(world)
        offer = offered(world.organization, world.member)
        closing = partial(
            close_organization, actor=Actor.of_user(world.owner), organization=world.organization
        )
        accepted, closed = outcomes_in_order(accepting(offer), closing)
        assert (accepted, closed) in [("done", "denied"), ("conflict", "done")]
        expected = world.member if accepted == "done" else world.owner
        assert owners(world.organization) == [expected]
        world.organization.refresh_from_db()
        assert world.organization.is_active == (accepted == "done")


def test_an_invitation_is_accepted_while_the_account_is_deleted(
    world: World, rounds: range
) -> None:
    """Whatever comes first: nobody deleted is a member of anything but what closed with them."""
    for number in rounds:
        user = person(f"going{number}@example.org")
        invitation = invited_member(world.organization, user.email)
        came = outcomes_in_order(
            partial(accept, invitation, user), partial(delete_account, actor=Actor.of_user(user))
        )
        assert came[1] == "done"
        assert came[0] in ("done", "denied", "conflict")
        assert not world.organization.memberships.filter(user=user).exists()
        assert not User.objects.get(pk=user.pk).is_active
        assert_rules_hold()


def test_an_account_is_deleted_while_its_holder_is_removed(world: World, rounds: range) -> None:
    for number in rounds:
        user = join(world.organization, f"removed{number}@northwind.example")
        membership = world.organization.memberships.get(user=user)
        came = outcomes_in_order(
            partial(remove_member, actor=Actor.of_user(world.owner), membership=membership),
            partial(delete_account, actor=Actor.of_user(user)),
        )
        assert came[1] == "done"
        assert came[0] in ("done", "gone")
        assert not Membership.objects.filter(user=user, organization=world.organization).exists()
        open_ones = Organization.objects.filter(memberships__user=user, state="active")
        assert not open_ones.exists()
        assert_rules_hold()


def test_the_last_allowed_organization_is_created_twice(world: World) -> None:
    actor = Actor.of_user(world.member)
    for _ in range(OWNED_LIMIT - 1):
        create_organization(actor=actor, name="Many")
    making = partial(create_organization, actor=actor, name="Many")
    assert outcomes(making, making, making) == {"done": 1, "conflict": 2}
    assert_rules_hold()
