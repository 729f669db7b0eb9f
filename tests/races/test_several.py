"""Several people changed at the same moment as other acts on them: each once, and the rest goes on."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.members.services import leave_organization
from accounts.members.several.forms import PersonResult
from accounts.members.several.services import remove_several_members
from accounts.models import AuditEvent, User
from tests.races.at_once import assert_rules_hold, at_once, outcome
from tests.world import World, join

pytestmark = pytest.mark.django_db(transaction=True)


def remove(world: World, by: User, users: list[User]) -> partial[list[PersonResult]]:
    rows = list(world.organization.memberships.with_users().filter(user__in=users))
    return partial(
        remove_several_members,
        actor=Actor.of_user(by),
        organization=world.organization,
        memberships=rows,
    )


def count_removed() -> int:
    return AuditEvent.objects.filter(act=Action.MEMBER_REMOVED).count()


def test_two_selections_that_overlap_remove_everyone_once(world: World, rounds: range) -> None:
    for number in rounds:
        users = [join(world.organization, f"p{number}.{who}@x.example") for who in range(4)]
        before = count_removed()
        acts = [remove(world, world.owner, users[:3]), remove(world, world.admin, users[1:])]
        results = [result for some in at_once(acts) for result in some]
        assert sum(not result.refusal for result in results) == 4
        assert count_removed() == before + 4
        assert not world.organization.memberships.filter(user__in=users).exists()
    assert_rules_hold()


def test_one_leaves_while_several_are_removed(world: World, rounds: range) -> None:
    for number in rounds:
        users = [join(world.organization, f"p{number}.{who}@x.example") for who in range(3)]
        removing = remove(world, world.owner, users)
        leaving = partial(
            leave_organization, actor=Actor.of_user(users[1]), organization=world.organization
        )
        assert at_once([partial(outcome, removing), partial(outcome, leaving)])[0] == "done"
        assert not world.organization.memberships.filter(user__in=users).exists()
    assert_rules_hold()
