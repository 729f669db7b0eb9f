"""What the database refuses of projects: rows never mix organizations, limits and slugs hold."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Invitation, Organization
from projects.models import Collaborator, Project, ProjectGrant, ProjectSlug
from tests.database.refusals import refused, run
from tests.database.writes import changed
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
MIXED_COLLABORATOR = "a collaborator hangs on their own membership of the parent organization"
MIXED_GRANT = "an invitation grants projects of its own organization only"
IN_DEFAULT = "the Default Project has no collaborator rows"
STAYS_PUT = "a project stays in its organization, the Default Project stays the default"


def test_the_default_project_cannot_be_deleted(world: World) -> None:
    with refused("the Default Project cannot be deleted"):
        run("DELETE FROM projects_project WHERE id = %s", world.default.pk)
    with refused("the Default Project cannot be deleted"):
        Project.objects.filter(pk=world.default.pk)._raw_delete("default")


def test_a_project_neither_moves_nor_becomes_or_stops_being_the_default(world: World) -> None:
    for project, values in [
        (world.research, {"organization": world.other_organization}),
        (world.default, {"organization": world.other_organization}),
        (world.research, {"is_default": True}),
        (world.default, {"is_default": False}),
    ]:
        with refused(STAYS_PUT, "project_one_default", "UNIQUE"):
            Project.objects.filter(pk=project.pk).update(**values)


def test_no_collaborator_row_can_be_put_into_the_default_project(world: World) -> None:
    hired = world.organization.memberships.get(user=world.member)
    for user, member in [(world.member, hired), (world.stranger, None)]:
        with refused(IN_DEFAULT):
            Collaborator.objects.bulk_create(
                [Collaborator(project=world.default, user=user, membership=member)]
            )
    for row in (world.project_member_row, world.external_row):
        with refused(IN_DEFAULT):
            Collaborator.objects.filter(pk=row.pk).update(project=world.default)


def wrong_collaborators(world: World) -> list[dict[str, Any]]:
    """Rows that would mix: another's membership, another organization's, none where there is one."""
    own = world.organization.memberships.get(user=world.member)
    theirs = world.other_organization.memberships.get(user=world.other_member)
    return [
        {"project": world.research, "user": world.stranger, "membership": own},
        {"project": world.research, "user": world.other_member, "membership": theirs},
        {"project": world.other_project, "user": world.member, "membership": own},
        {"project": world.research, "user": world.member, "membership": theirs},
        {"project": world.research, "user": world.member, "membership": None},
    ]


@pytest.mark.parametrize("case", range(5))
def test_a_collaborator_row_cannot_mix_people_or_organizations(world: World, case: int) -> None:
    values = wrong_collaborators(world)[case]
    with refused(MIXED_COLLABORATOR):
        Collaborator.objects.bulk_create([Collaborator(**values)])
    row = Collaborator.objects.filter(pk=world.project_member_row.pk)
    with refused(MIXED_COLLABORATOR):
        row.update(**values)


def test_a_collaborator_row_cannot_move_between_organizations(world: World) -> None:
    for values in [
        {"project": world.other_project},
        {"user": world.member},
        {"membership": None},
    ]:
        with refused(MIXED_COLLABORATOR):
            Collaborator.objects.filter(pk=world.project_member_row.pk).update(**values)


@pytest.mark.parametrize("kind", ["foreign project", "default project", "other project"])
def test_an_invitation_grants_only_the_projects_it_is_for(world: World, kind: str) -> None:
    invitation, project = {
        "foreign project": (world.member_invitation, world.other_project),
        "default project": (world.member_invitation, world.default),
        "other project": (world.invitation, world.production),
    }[kind]
    with refused(MIXED_GRANT):
        ProjectGrant.objects.bulk_create([ProjectGrant(invitation=invitation, project=project)])
    with refused(MIXED_GRANT):
        ProjectGrant.objects.filter(invitation=world.invitation).update(
            invitation=invitation, project=project
        )


def test_an_invitation_cannot_move_away_from_the_projects_it_grants(world: World) -> None:
    with refused("organization"):
        Invitation.objects.filter(pk=world.invitation.pk).update(
            organization=world.other_organization
        )
    with refused("organization"):
        Invitation.objects.filter(pk=world.invitation.pk).update(
            project_ref=world.production.public_id
        )


def test_an_invitation_cannot_name_a_project_of_another_organization(world: World) -> None:
    with refused("organization"):
        Invitation.objects.bulk_create(
            [
                Invitation(
                    organization=world.other_organization,
                    project_ref=world.research.public_id,
                    email="mixed@partner.example",
                    invited_by=world.stranger,
                )
            ]
        )


def test_projects_keep_to_the_limit_also_when_many_are_made_in_one_statement(world: World) -> None:
    room = world.organization.project_limit - world.organization.projects.count()
    made = [
        Project(organization=world.organization, name="x", slug=f"bulk-{number}")
        for number in range(room + 1)
    ]
    with refused("the organization has reached its project limit"):
        Project.objects.bulk_create(made)
    Project.objects.bulk_create(made[:room])
    assert world.organization.projects.count() == world.organization.project_limit


def test_the_limit_cannot_be_set_below_the_projects_there_are(world: World) -> None:
    organization = Organization.objects.filter(pk=world.organization.pk)
    with refused("the organization already has more projects than that"):
        organization.update(project_limit=2)
    assert organization.update(project_limit=3) == 1


def test_an_archived_project_makes_room_and_needs_room_to_come_back(world: World) -> None:
    set_limits(world.organization, world.staff, limit=3)
    changed(world.production, archived_at=timezone.now())
    Project.objects.create(organization=world.organization, name="Another", slug="another")
    with refused("the organization has reached its project limit"):
        changed(world.production, archived_at=None)
    with refused("the organization already has more projects than that"):
        changed(world.organization, project_limit=2)


def test_a_slug_stays_with_the_project_that_had_it_first(world: World) -> None:
    changed(world.research, slug="research-and-development")
    assert {one.slug for one in world.research.slugs.all()} == {
        "research",
        "research-and-development",
    }
    with refused("unique", "UNIQUE"):
        changed(world.production, slug="research")
    with refused("unique", "UNIQUE"):
        Project.objects.create(organization=world.other_organization, name="R", slug="research")
    changed(world.research, slug="research")
    with refused("a slug stays with the project that had it first"):
        ProjectSlug.objects.filter(slug="research").update(project=world.production)
