"""Removing a member costs the same queries, whatever they worked in."""

import pytest

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.models import Organization
from projects.models import Collaborator, Project
from tests.support.pages import own_queries, queries
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def test_removing_a_member_of_many_projects_takes_the_same_queries(world: World) -> None:
    """The organization is locked all the while."""
    Organization.objects.filter(pk=world.organization.pk).update(project_limit=100)
    numbers = []
    for user, number in ((world.member, 1), (world.admin, 30)):
        Project.objects.bulk_create(
            Project(organization=world.organization, name=f"{number} {i}", slug=f"of-{number}-{i}")
            for i in range(number)
        )
        membership = world.organization.memberships.get(user=user)
        Collaborator.objects.bulk_create(
            Collaborator(project=project, user=user, membership=membership)
            for project in world.organization.projects.filter(slug__startswith=f"of-{number}-")
        )
        with queries() as captured:
            remove_member(actor=Actor.of_user(world.owner), membership=membership)
        assert not user.collaborations.exists()
        assert not user.collaboration_periods.filter(ended_at__isnull=True).exists()
        numbers.append(len(captured))
        deletions = [
            text
            for text in own_queries(captured)
            if text.startswith('DELETE FROM "projects_collaborator"')
        ]
        assert len(deletions) == 1
    assert numbers[0] == numbers[1]
