"""A person changes themselves while others act on them: neither waits for the other for ever."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.enums import Action
from accounts.invitations.services.lifecycle import decline_invitation
from accounts.members.services import remove_member
from accounts.models import AuditEvent, User
from accounts.permissions import OrganizationRole
from tests.races.at_once import assert_rules_hold, outcomes
from tests.world import World, invited_member, join

pytestmark = pytest.mark.django_db(transaction=True)
# Long enough for the other act to come to where it has to wait.
WHILE = 0.3


@transaction.atomic
def change_password(user: User) -> None:
    """As the adapter does it: the person's row, then the audit log of each of their organizations."""
    lock_person(user)
    time.sleep(WHILE)
    record_for_user(actor=Actor.of_user(user), action=Action.PASSWORD_CHANGED, user=user)


def removal(world: World, user: User) -> Callable[[], object]:
    row = world.organization.memberships.get(user=user)
    return partial(remove_member, actor=Actor.of_user(world.owner), membership=row)


def refusal(world: World, user: User) -> Callable[[], object]:
    invitation = invited_member(world.organization, user.email, OrganizationRole.ADMIN)
    return partial(decline_invitation, actor=Actor.of_user(user), invitation=invitation)


@pytest.mark.parametrize("other", [removal, refusal])
def test_a_member_changes_their_password_while_they_go_or_stay(
    world: World, other: Callable[[World, User], Callable[[], object]]
) -> None:
    user = join(world.organization, "busy@northwind.example")
    came = outcomes(partial(change_password, user), other(world, user))
    assert came == {"done": 2}
    assert AuditEvent.objects.filter(act=Action.PASSWORD_CHANGED, actor=user).exists()
    assert_rules_hold()
