"""The end of somebody's access at the same moment as other acts on them: one event, true rows."""

import datetime as dt
from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, OutgoingMail
from projects.models import Collaborator, Project
from projects.models.collaborator import today
from projects.services.additions import add_collaborator
from projects.services.collaborators import remove_collaborator
from projects.services.endings import end_accesses, remind_of_endings, set_end_date
from projects.services.externals import remove_externals
from tests.races.at_once import assert_rules_hold, at_once, outcomes_in_order
from tests.world import MEMBER, World, listed

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def row_ending(world: World, days: int) -> Collaborator:
    """The project member's row, with its last day that many days from now."""
    user = world.project_member
    row = world.research.collaborators.filter(user=user).first() or listed(world.research, user)
    Collaborator.objects.filter(pk=row.pk).update(end_date=today() + days * DAY, reminded_of=None)
    return world.research.collaborators.select_related("project").get(pk=row.pk)


def events(act: Action) -> int:
    return AuditEvent.objects.filter(act=act).count()


def test_four_workers_end_one_access_once(world: World, rounds: range) -> None:
    for _ in rounds:
        row_ending(world, -1)
        before = events(Action.COLLABORATOR_ENDED)
        assert sorted(at_once([end_accesses] * 4)) == [0, 0, 0, 1]
        assert events(Action.COLLABORATOR_ENDED) == before + 1
        assert_rules_hold()


def test_four_workers_remind_once(world: World, rounds: range) -> None:
    for _ in rounds:
        row = row_ending(world, 1)
        before = OutgoingMail.objects.filter(to=row.user.email).count()
        assert sum(at_once([remind_of_endings] * 4)) == 1
        assert OutgoingMail.objects.filter(to=row.user.email).count() == before + 1


def test_an_access_ends_while_the_person_is_removed(world: World, rounds: range) -> None:
    for _ in rounds:
        row = row_ending(world, -1)
        gone = (Action.COLLABORATOR_ENDED, Action.COLLABORATOR_REMOVED)
        before = sum(map(events, gone))
        _, removed = outcomes_in_order(
            end_accesses,
            partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row),
        )
        assert removed in ("done", "gone")
        assert sum(map(events, gone)) == before + 1, "one of them took the row"
        assert not Collaborator.objects.filter(pk=row.pk).exists()
        assert_rules_hold()


def test_an_access_ends_while_the_date_is_moved(world: World, rounds: range) -> None:
    for number in rounds:
        row, day = row_ending(world, -1), today() + DAY if number % 2 else None
        before = events(Action.COLLABORATOR_ENDED)
        _, moved = outcomes_in_order(
            end_accesses,
            partial(set_end_date, actor=Actor.of_user(world.owner), collaborator=row, end_date=day),
        )
        left = Collaborator.objects.filter(pk=row.pk).first()
        assert (moved == "done") == (left is not None)
        assert events(Action.COLLABORATOR_ENDED) == before + (left is None)
        if left:
            assert left.end_date == day
        assert_rules_hold()


def test_an_access_ends_while_the_person_is_added_again(world: World, rounds: range) -> None:
    for _ in rounds:
        row = row_ending(world, -1)
        again = partial(
            add_collaborator,
            actor=Actor.of_user(world.owner),
            project=world.research,
            email=row.user.email,
            role=MEMBER,
        )
        assert outcomes_in_order(end_accesses, again)[1] == "done"
        assert world.research.collaborators.get(user=row.user).end_date is None
        assert_rules_hold()


def test_all_externals_are_removed_twice_at_once(world: World) -> None:
    Project.objects.filter(pk=world.research.pk).update(allow_external_collaborators=False)
    number = world.research.collaborators.external().count()
    removing = partial(remove_externals, actor=Actor.of_user(world.owner), project=world.research)
    assert sorted(outcomes_in_order(removing, removing)) == ["conflict", "done"]
    assert events(Action.COLLABORATOR_REMOVED) >= number
    assert not world.research.collaborators.external().exists()
    assert_rules_hold()
