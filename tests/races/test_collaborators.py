"""Acts on people at the same moment: one wins, the others get an answer, and the rules still hold."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.invitations.services.lifecycle import decline_invitation
from accounts.models import AuditEvent, Invitation, Membership, User
from accounts.permissions import OrganizationRole
from projects.models import Collaborator, Project
from projects.services.additions import add_collaborator
from projects.services.archive import archive_project
from projects.services.collaborators import change_role, leave_project, remove_collaborator
from projects.services.invitations import resend_invitation, withdraw_invitation
from tests.races.at_once import (
    ANSWERS,
    assert_rules_hold,
    at_once,
    outcomes,
    outcomes_in_order,
)
from tests.world import ADMIN, MEMBER, World, accept, invited, join, listed, person, set_limits

pytestmark = pytest.mark.django_db(transaction=True)


def row_of(world: World, user: User, role: str = ADMIN) -> Collaborator:
    """The person's row in research as it was before the round."""
    row = world.research.collaborators.filter(user=user).first() or listed(world.research, user)
    Collaborator.objects.filter(pk=row.pk).update(role=role)
    return world.research.collaborators.select_related("project").get(pk=row.pk)


@pytest.fixture
def second(world: World) -> User:
    """A second Project Admin of research."""
    return join(world.organization, "second@northwind.example")


def test_two_project_admins_remove_each_other(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        one, two = row_of(world, world.project_admin), row_of(world, second)
        came = outcomes(
            partial(remove_collaborator, actor=Actor.of_user(one.user), collaborator=two),
            partial(remove_collaborator, actor=Actor.of_user(two.user), collaborator=one),
        )
        assert came == {"done": 1, "gone": 1}
        assert Collaborator.objects.filter(pk__in=[one.pk, two.pk]).count() == 1
        assert_rules_hold()


def test_two_project_admins_demote_each_other(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        one, two = row_of(world, world.project_admin), row_of(world, second)
        came = outcomes(
            partial(change_role, actor=Actor.of_user(one.user), collaborator=two, role=MEMBER),
            partial(change_role, actor=Actor.of_user(two.user), collaborator=one, role=MEMBER),
        )
        assert came == {"done": 1, "denied": 1}
        rows = Collaborator.objects.filter(pk__in=[one.pk, two.pk])
        assert sorted(row.role for row in rows) == ["admin", "member"]
        assert_rules_hold()


def test_a_person_is_removed_while_their_role_is_changed(
    world: World, second: User, rounds: range
) -> None:
    for number in rounds:
        row = row_of(world, second, MEMBER if number % 2 else ADMIN)
        role = ADMIN if number % 2 else MEMBER
        removed, changed = outcomes_in_order(
            partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row),
            partial(
                change_role, actor=Actor.of_user(world.project_admin), collaborator=row, role=role
            ),
        )
        assert removed == "done"
        assert changed in ("done", "gone")
        assert not Collaborator.objects.filter(pk=row.pk).exists()
        assert_rules_hold()


def test_someone_adds_while_they_are_removed(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        row = row_of(world, second)
        world.research.collaborators.filter(user=world.member).delete()
        removed, added = outcomes_in_order(
            partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row),
            partial(
                add_collaborator,
                actor=Actor.of_user(second),
                project=world.research,
                email=world.member.email,
                role=ADMIN,
            ),
        )
        assert removed == "done"
        listed_now = world.research.collaborators.filter(user=world.member).exists()
        assert listed_now == (added == "done")
        assert added in ("done", "gone")
        assert_rules_hold()


def test_a_person_leaves_while_they_are_removed(world: World, second: User, rounds: range) -> None:
    for _ in rounds:
        row, before = row_of(world, second), AuditEvent.objects.count()
        came = outcomes(
            partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row),
            partial(leave_project, actor=Actor.of_user(second), project=world.research),
        )
        assert came == {"done": 1, "gone": 1}
        assert AuditEvent.objects.count() == before + 1, "one act, one event"


def test_a_member_is_added_by_four_people_at_once(world: World, rounds: range) -> None:
    managers = [world.owner, world.admin, world.project_admin, world.owner]
    for _ in rounds:
        world.research.collaborators.filter(user=world.member).delete()
        came = outcomes(
            *(
                partial(
                    add_collaborator,
                    actor=Actor.of_user(manager),
                    project=world.research,
                    email=world.member.email,
                    role=MEMBER,
                )
                for manager in managers
            )
        )
        assert came == {"done": 1, "conflict": 3}
        assert world.research.collaborators.filter(user=world.member).count() == 1
        assert_rules_hold()


def test_an_outsider_is_invited_by_four_people_at_once(world: World, rounds: range) -> None:
    managers = [world.owner, world.admin, world.project_admin, world.owner]
    for number in rounds:
        email = f"outsider{number}@partner.example"
        came = outcomes(
            *(
                partial(
                    add_collaborator,
                    actor=Actor.of_user(manager),
                    project=world.research,
                    email=email,
                    role=MEMBER,
                )
                for manager in managers
            )
        )
        assert came == {"done": 1, "conflict": 3}
        invitation = Invitation.objects.get(email=email)
        assert invitation.project_grants.count() == 1  # type: ignore[attr-defined]


def test_an_invitation_is_accepted_twenty_times_at_once(world: World, fewer_rounds: range) -> None:
    user = person("eager@partner.example")
    for _ in fewer_rounds:
        world.research.collaborators.filter(user=user).delete()
        invitation = invited(world.research, user.email)
        came = outcomes(*[partial(accept, invitation, user)] * 20)
        assert came == {"done": 1, "conflict": 19}
        assert world.research.collaborators.filter(user=user).count() == 1
        assert_rules_hold()


def test_a_member_joins_once_however_often_they_accept(world: World, fewer_rounds: range) -> None:
    user = person("joining@elsewhere.example")
    for _ in fewer_rounds:
        Membership.objects.filter(user=user, organization=world.organization).delete()
        invitation = Invitation.objects.create(
            organization=world.organization,
            email=user.email,
            role=OrganizationRole.MEMBER,
            invited_by=world.owner,
        )
        came = outcomes(*[partial(accept, invitation, user)] * 8)
        assert came == {"done": 1, "conflict": 7}
        assert world.organization.memberships.filter(user=user).count() == 1


@pytest.mark.parametrize("other", ["withdrawn", "declined", "resent", "externals off"])
def test_an_invitation_is_accepted_while_something_else_happens_to_it(
    world: World, rounds: range, other: str
) -> None:
    user = person("eager@partner.example")
    for _ in rounds:
        set_limits(world.organization, world.staff, limit=5, externals=True)
        world.research.collaborators.filter(user=user).delete()
        Invitation.objects.filter(email=user.email, state="pending").update(state="withdrawn")
        invitation = invited(world.research, user.email)
        by, project = Actor.of_user(world.owner), world.research
        meanwhile = {
            "withdrawn": partial(
                withdraw_invitation, actor=by, project=project, invitation=invitation
            ),
            "resent": partial(resend_invitation, actor=by, project=project, invitation=invitation),
            "declined": partial(
                decline_invitation, actor=Actor.of_user(user), invitation=invitation
            ),
            "externals off": partial(
                set_limits, world.organization, world.staff, limit=5, externals=False
            ),
        }[other]
        accepted, happened = outcomes_in_order(partial(accept, invitation, user), meanwhile)
        assert {accepted, happened} <= {"done", "conflict"}
        assert (accepted == "done") == project.collaborators.filter(user=user).exists()
        if other == "externals off":
            assert happened == "done"
        else:
            assert (accepted, happened) in [("done", "conflict"), ("conflict", "done")]
        assert_rules_hold()


def test_the_pages_never_break_when_people_act_at_once(
    world: World, second: User, fewer_rounds: range
) -> None:
    users = [world.owner, world.admin, world.project_admin, second]
    clients = [Client(raise_request_exception=False) for _ in users]
    for client, user in zip(clients, users, strict=True):
        client.force_login(user)
    for number in fewer_rounds:
        rows = {user: row_of(world, user) for user in (world.project_admin, second)}
        slug = world.research.slug
        remove, role = (
            reverse(f"collaborator_{act}", args=[slug, rows[whom].public_id])
            for act, whom in [("remove", second), ("role", world.project_admin)]
        )
        add = reverse("collaborator_add", args=[slug])
        new = {"email": f"new{number}@partner.example", "role": "member"}
        answers = at_once(
            [
                partial(clients[0].post, add, new),
                partial(clients[1].post, add, new),
                partial(clients[2].post, remove),
                partial(clients[3].post, role, {"role": "member"}),
            ]
        )
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= ANSWERS, statuses
        assert sorted(statuses[:2]) == [302, 409]
        assert statuses[2] == 302 or statuses[3] == 302
        assert_rules_hold()


def test_someone_is_added_while_the_project_is_archived(world: World, rounds: range) -> None:
    for _ in rounds:
        Project.objects.filter(pk=world.research.pk).update(archived_at=None)
        world.research.collaborators.filter(user=world.member).delete()
        archived, added = outcomes_in_order(
            partial(archive_project, actor=Actor.of_user(world.owner), project=world.research),
            partial(
                add_collaborator,
                actor=Actor.of_user(world.project_admin),
                project=world.research,
                email=world.member.email,
                role=MEMBER,
            ),
        )
        assert archived == "done"
        assert added in ("done", "denied")
        listed_now = world.research.collaborators.filter(user=world.member).exists()
        assert listed_now == (added == "done")
        assert_rules_hold()
