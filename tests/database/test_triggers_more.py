"""What the database refuses of chains, archived projects, slugs, closed organizations and views."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditChain, AuditEvent, ViewAs
from accounts.services.deletion import delete_account
from projects.models import Project, ProjectSlug
from tests.database.attempts import changed, copied, event
from tests.database.refusals import refused, run
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db


def test_an_audit_event_stands_in_the_chain_of_its_organization(world: World) -> None:
    theirs = AuditChain.objects.get(organization=world.other_organization)
    with refused("an audit event stands in the chain of its organization"):
        copied(event(world), chain_id=theirs.pk, sequence=10**6)


def test_an_audit_chain_only_grows_and_stays(world: World) -> None:
    chain = AuditChain.objects.get(organization=world.organization)
    with refused("audit chains only grow"):
        changed(chain, length=chain.length - 1)
    with refused("audit chains only grow"):
        changed(chain, organization=world.other_organization, length=chain.length + 1)
    with refused("audit chains cannot be deleted"):
        run("DELETE FROM accounts_auditchain WHERE id = %s", chain.pk)


def test_the_numbers_of_a_chain_have_no_holes(world: World) -> None:
    for chain in AuditChain.objects.all():
        numbers = AuditEvent.objects.filter(chain=chain).order_by("sequence")
        assert list(numbers.values_list("sequence", flat=True)) == list(range(1, chain.length + 1))


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


def test_nothing_new_comes_into_a_closed_organization(world: World) -> None:
    changed(world.organization, state="closed")
    with refused("the organization is closed"):
        Project.objects.create(organization=world.organization, name="Another", slug="another")
    with refused("the organization is closed"):
        world.organization.memberships.create(user=world.stranger, role="member")
    with refused("the organization is closed"):
        copied(world.member_invitation, email="another@partner.example")


def test_support_views_as_a_member_of_that_organization_only(world: World) -> None:
    for user in (world.external, world.stranger):
        with refused("support views as a member of the organization"):
            ViewAs.objects.create(
                staff=world.staff, organization=world.organization, user=user, reason="A look."
            )


def test_a_deleted_account_stays_deleted(world: World) -> None:
    delete_account(actor=Actor(world.external))
    values: list[dict[str, Any]] = [
        {"deleted_at": None},
        {"is_active": True},
        {"email": "back@partner.example"},
        {"password": world.owner.password},
    ]
    for one in values:
        with refused("a deleted account stays deleted"):
            changed(world.external, **one)
    with refused("a deleted account stays deleted"):
        world.organization.memberships.create(user=world.external, role="member")
