"""What constraints cannot hold: rows never mix organizations, the Owner and the Default Project stay."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEvent, Invitation, Membership, Organization
from console import triggers
from projects.models import Collaborator, Project, ProjectGrant
from tests.database.refusals import all_rows, refused, rows, run
from tests.world import World

pytestmark = pytest.mark.django_db

MIXED_COLLABORATOR = "a collaborator hangs on their own membership of the parent organization"
MIXED_GRANT = "an invitation grants projects of its own organization only"
IN_DEFAULT = "the Default Project has no collaborator rows"
OWNER_STAYS = ("the Owner cannot be removed", "an organization needs an Owner")
STAYS_PUT = "a project stays in its organization, the Default Project stays the default"

# Written out and not taken from the code: whoever drops one must come here and say so.
EXPECTED = {
    "user_stays_deleted",
    "membership_not_of_deleted",
    "audit_no_update",
    "audit_no_delete",
    "audit_in_own_chain",
    "auditchain_no_delete",
    "auditchain_only_grows",
    "viewas_of_a_member",
    "offer_begins_pending",
    "offer_accepted_once",
    "offer_moves_ownership",
    "project_restored_within_limit",
    "project_insert_keeps_slug",
    "project_update_keeps_slug",
    "projectslug_stays_put",
    "project_not_in_closed",
    "membership_not_in_closed",
    "invitation_not_in_closed",
    "membership_owner_not_deleted",
    "membership_owner_not_demoted",
    "membership_stays_put",
    "membership_adopts_collaborators",
    "project_default_not_deleted",
    "project_stays_put",
    "project_within_limit",
    "organization_limit_fits",
    "collaborator_insert_not_in_default",
    "collaborator_update_not_in_default",
    "collaborator_insert_not_mixed",
    "collaborator_update_not_mixed",
    "invitation_insert_not_mixed",
    "invitation_stays_put",
    "grant_insert_not_mixed",
    "grant_update_not_mixed",
}


def membership(user: Any, organization: Organization) -> Membership:
    found: Membership = user.memberships.get(organization=organization)
    return found


def test_the_installed_triggers_are_the_ones_of_the_code() -> None:
    only_postgresql = {"audit_no_truncate"} if connection.vendor == "postgresql" else set()
    assert triggers.installed(connection) == EXPECTED | only_postgresql
    assert {trigger.name for trigger in triggers.TRIGGERS} == EXPECTED | {"audit_no_truncate"}


def test_installing_them_again_changes_nothing() -> None:
    before = triggers.installed(connection)
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.installed(connection) == before


def test_audit_events_can_be_neither_changed_nor_deleted(world: World) -> None:
    before = rows("accounts_auditevent")
    events = AuditEvent.objects.filter(organization=world.organization)
    with refused("audit events cannot be changed"):
        events.update(actor_label="somebody else")
    with refused("audit events cannot be changed"):
        run("UPDATE accounts_auditevent SET at = at")
    with refused("audit events cannot be deleted"):
        events.delete()
    assert rows("accounts_auditevent") == before


def test_the_audit_trail_cannot_be_emptied(world: World) -> None:
    before = rows("accounts_auditevent")
    # PostgreSQL looks at the foreign keys of new rows first, and would refuse because of those.
    connection.check_constraints()
    emptying = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
    with refused("audit events cannot be deleted"):
        run(f"{emptying} accounts_auditevent")
    assert rows("accounts_auditevent") == before


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
    membership(world.member, world.organization).delete()
    assert not world.member.memberships.exists()


def test_a_membership_cannot_move_to_another_person_or_organization(world: World) -> None:
    own = Membership.objects.filter(user=world.member)
    with refused("a membership belongs to one person and organization"):
        own.update(organization=world.other_organization)
    with refused("a membership belongs to one person and organization"):
        own.update(user=world.external)


def test_the_default_project_cannot_be_deleted(world: World) -> None:
    with refused("the Default Project cannot be deleted"):
        run("DELETE FROM projects_project WHERE id = %s", world.default.pk)
    with refused("the Default Project cannot be deleted"):
        Project.objects.filter(pk=world.default.pk).delete()


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
    hired = membership(world.member, world.organization)
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
    own = membership(world.member, world.organization)
    theirs = membership(world.other_member, world.other_organization)
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
    own = membership(world.project_member, world.organization)
    with refused("foreign key", "FOREIGN KEY"):
        run("DELETE FROM accounts_membership WHERE id = %s", own.pk)


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


def test_a_refused_write_leaves_every_row_as_it_was(world: World) -> None:
    before = all_rows()
    with refused(*OWNER_STAYS):
        Membership.objects.filter(organization=world.organization).update(role="member")
    assert all_rows() == before
