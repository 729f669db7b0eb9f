"""Acts on members at the same moment: one wins, the others get an answer, and the rules still hold."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import InvitationState
from accounts.invitations.services.members import invite_member
from accounts.members.services import change_member_role, leave_organization, remove_member
from accounts.models import Invitation, Membership, User
from accounts.permissions import OrganizationRole
from projects.services.additions import add_collaborator
from tests.races.at_once import assert_rules_hold, outcomes, outcomes_in_order
from tests.world import MEMBER, World, accept, invited, invited_member, join, person

pytestmark = pytest.mark.django_db(transaction=True)


def membership(world: World, user: User, role: OrganizationRole) -> Membership:
    """Theirs, as it was before the round."""
    found, _ = Membership.objects.update_or_create(
        organization=world.organization, user=user, defaults={"role": role}
    )
    return found


@pytest.fixture
def second(world: World) -> User:
    return join(world.organization, "second@northwind.example", OrganizationRole.ADMIN)


def is_member(world: World, user: User) -> bool:
    return world.organization.memberships.filter(user=user).exists()


def own_organizations(user: User) -> int:
    return user.memberships.filter(role=OrganizationRole.OWNER).count()


def test_two_admins_demote_each_other(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        one, two = (membership(world, u, OrganizationRole.ADMIN) for u in (world.admin, second))
        demote = partial(change_member_role, role=OrganizationRole.MEMBER)
        came = outcomes(
            partial(demote, actor=Actor.of_user(one.user), membership=two),
            partial(demote, actor=Actor.of_user(two.user), membership=one),
        )
        assert came == {"done": 1, "denied": 1}
        assert_rules_hold()


def test_two_admins_remove_each_other(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        one, two = (membership(world, u, OrganizationRole.ADMIN) for u in (world.admin, second))
        came = outcomes(
            partial(remove_member, actor=Actor.of_user(one.user), membership=two),
            partial(remove_member, actor=Actor.of_user(two.user), membership=one),
        )
        assert came == {"done": 1, "gone": 1}
        assert is_member(world, one.user) != is_member(world, two.user)
        assert_rules_hold()


def test_two_remove_the_same_member_who_gets_one_home(world: World, rounds: range) -> None:
    for number in rounds:
        user = join(world.organization, f"leaver{number}@northwind.example")
        row = world.organization.memberships.get(user=user)
        came = outcomes(
            partial(remove_member, actor=Actor.of_user(world.owner), membership=row),
            partial(remove_member, actor=Actor.of_user(world.admin), membership=row),
            partial(leave_organization, actor=Actor.of_user(user), organization=world.organization),
        )
        assert came == {"done": 1, "gone": 2}
        assert own_organizations(user) == 1
        assert_rules_hold()


@pytest.mark.parametrize("what", ["organization", "project"])
def test_a_member_accepts_an_invitation_while_they_are_removed(
    world: World, rounds: range, what: str
) -> None:
    user = person("eager@partner.example")
    for _ in rounds:
        row = membership(world, user, OrganizationRole.MEMBER)
        # Of before they were a member: adding them now would list them at once.
        invitation = (
            invited_member(world.organization, user.email)
            if what == "organization"
            else project_invitation(world, user)
        )
        removed, accepted = outcomes_in_order(
            partial(remove_member, actor=Actor.of_user(world.owner), membership=row),
            partial(accept, invitation, user),
        )
        assert removed == "done"
        assert accepted in ("done", "conflict")
        assert not is_member(world, user)
        assert not user.collaborations.exists()
        invitation.refresh_from_db()
        ended = {"done": InvitationState.ACCEPTED, "conflict": InvitationState.WITHDRAWN}
        assert invitation.state == ended[accepted]
        assert_rules_hold()


def project_invitation(world: World, user: User) -> Invitation:
    invitation = Invitation.objects.create(
        organization=world.organization,
        project_ref=world.research.public_id,
        email=user.email,
        invited_by=world.owner,
    )
    world.research.grants.create(invitation=invitation, role=MEMBER)
    return invitation


def test_a_member_is_added_to_a_project_while_they_are_removed(world: World, rounds: range) -> None:
    for number in rounds:
        user = join(world.organization, f"added{number}@northwind.example")
        row = world.organization.memberships.get(user=user)
        came = outcomes_in_order(
            partial(remove_member, actor=Actor.of_user(world.owner), membership=row),
            partial(
                add_collaborator,
                actor=Actor.of_user(world.project_admin),
                project=world.research,
                email=user.email,
                role=MEMBER,
            ),
        )
        # Whoever is added after the removal is an outsider: invited, and not in.
        assert came == ["done", "done"]
        assert not user.collaborations.exists()
        assert_rules_hold()


def test_a_member_leaves_while_their_role_is_changed(world: World, rounds: range) -> None:
    for number in rounds:
        user = join(world.organization, f"changed{number}@northwind.example")
        row = world.organization.memberships.get(user=user)
        left, changed = outcomes_in_order(
            partial(leave_organization, actor=Actor.of_user(user), organization=world.organization),
            partial(
                change_member_role,
                actor=Actor.of_user(world.owner),
                membership=row,
                role=OrganizationRole.ADMIN,
            ),
        )
        assert left == "done"
        assert changed in ("done", "gone")
        assert not is_member(world, user)
        assert_rules_hold()


def test_an_address_is_invited_once_however_many_invite_it(world: World, rounds: range) -> None:
    for number in rounds:
        email = f"wanted{number}@elsewhere.example"
        invite = partial(
            invite_member,
            organization=world.organization,
            email=email,
            role=OrganizationRole.MEMBER,
        )
        by = (world.owner, world.admin)
        assert outcomes(*[partial(invite, actor=Actor.of_user(user)) for user in by]) == {
            "done": 1,
            "conflict": 1,
        }
        assert Invitation.objects.pending().filter(email=email).count() == 1


def test_a_home_lost_while_answering_an_invitation_elsewhere_is_replaced_once(
    world: World, rounds: range
) -> None:
    for number in rounds:
        user = join(world.organization, f"between{number}@northwind.example")
        row = world.organization.memberships.get(user=user)
        invitation = invited(world.other_project, user.email)
        came = outcomes(
            partial(remove_member, actor=Actor.of_user(world.owner), membership=row),
            partial(accept, invitation, User.objects.get(pk=user.pk)),
        )
        assert came == {"done": 2}
        assert own_organizations(user) == 1
        user.refresh_from_db()
        assert user.memberships.get(role=OrganizationRole.OWNER).organization_id == (
            user.home_organization_id
        )
        assert_rules_hold()
