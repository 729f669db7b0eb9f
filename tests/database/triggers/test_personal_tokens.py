"""What the database refuses of personal access tokens, and what it revokes by itself when somebody goes."""

import pytest
from django.utils import timezone

from keys.models import PersonalToken
from tests.database.attempts.personal_tokens import token
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY
from tests.world import World, listed

pytestmark = pytest.mark.django_db


def is_revoked(one: PersonalToken) -> bool:
    one.refresh_from_db()
    return one.revoked_at is not None


def test_a_token_is_for_a_project_of_its_own_organization(world: World) -> None:
    with refused("of its own organization only"):
        copied(token(world), name="x", mac=b"x", form_token=None, project_id=world.other_project.pk)
    with refused("of its own organization only"):
        copied(
            token(world),
            name="x", mac=b"x", form_token=None, organization_id=world.other_organization.pk,
        )  # fmt: skip


def test_a_token_stays_what_it_was_made_as(world: World) -> None:
    found = token(world)
    for values in (
        {"user": world.stranger},
        {"project": world.production},
        {"project": None},
        {"organization": world.other_organization},
        {"name": "another"},
        {"scope": "write"},
        {"expires_at": found.expires_at + DAY},
        {"created_at": found.created_at - DAY},
    ):
        with refused("an access token stays what it was made as"):
            changed(found, **values)


def test_a_revoked_token_stays_revoked(world: World) -> None:
    found = token(world)
    changed(found, revoked_at=timezone.now(), revoked_by=world.owner)
    for moment in (None, timezone.now() + DAY):
        with refused("a revoked access token stays revoked"):
            changed(found, revoked_at=moment, revoked_by=None)


def test_tokens_are_kept(world: World) -> None:
    with refused("access tokens are kept"):
        run("DELETE FROM keys_personaltoken WHERE id = %s", token(world).pk)


def test_an_admin_taken_off_a_list_keeps_the_tokens(world: World) -> None:
    row = listed(world.research, world.admin)
    found = made(world.admin, world.research).token
    run("DELETE FROM projects_collaborator WHERE id = %s", row.pk)
    assert not is_revoked(found)


def test_losing_an_organization_revokes_the_tokens_for_all_of_it(world: World) -> None:
    home = world.external.home_organization
    assert home
    inside = (token(world), made(world.project_member, world.organization, "wider").token)
    others = (made(world.member, world.organization).token, made(world.external, home).token)
    world.project_member.memberships.get().delete()
    assert all(map(is_revoked, inside))
    assert not any(map(is_revoked, others))
