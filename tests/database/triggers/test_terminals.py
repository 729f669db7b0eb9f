"""What the database refuses of terminals, and what it ends by itself when somebody goes."""

import pytest
from django.utils import timezone

from keys.enums import SessionEnd
from keys.models import AccessToken
from tests.database.attempts.terminals import login, of_project, pair, session, waiting
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db
DECIDED_ONCE = "a login is decided once, by one person"


def test_a_login_is_decided_once_by_one_person(world: World) -> None:
    asked = waiting(world)
    changed(asked, state="denied", decided_by=world.member)
    for values in ({"state": "approved"}, {"state": "used"}, {"decided_by": world.stranger}):
        with refused(DECIDED_ONCE):
            changed(asked, **values)
    for values in ({"state": "approved"}, {"state": "denied"}, {"decided_by": world.stranger}):
        with refused(DECIDED_ONCE):
            changed(login(world), **values)


def test_a_terminal_is_whose_approval_it_came_from(world: World) -> None:
    first, asked = session(world), waiting(world)
    changed(asked, state="approved", decided_by=world.member)
    approver = "logged in as the person who approved it"
    with refused(approver):
        copied(first, device_login_id=asked.pk, user_id=world.member.pk)
    changed(asked, state="used")
    with refused(approver):
        copied(first, device_login_id=asked.pk)
    with refused(approver):
        copied(first, device_login_id=None)
    copied(first, device_login_id=asked.pk, user_id=world.member.pk)


def test_a_terminal_stays_whose_it_is_and_logged_out(world: World) -> None:
    found = session(world)
    for values in (
        {"user": world.stranger},
        {"client_id": "another"},
        {"expires_at": found.expires_at + DAY},
    ):
        with refused("a terminal stays whose it is"):
            changed(found, **values)
    found.end(SessionEnd.BY_HAND)
    for values in ({"ended_at": None, "ended_because": ""}, {"ended_at": timezone.now() + DAY}):
        with refused("a terminal stays whose it is"):
            changed(found, **values)


def test_a_terminal_that_is_logged_out_gets_no_token(world: World) -> None:
    token = of_project(world)
    session(world).end(SessionEnd.BY_HAND)
    with refused("a terminal that is logged out gets no token"):
        copied(token, mac=b"another")


def test_a_token_stays_what_it_is_and_ended(world: World) -> None:
    token = of_project(world)
    for values in (
        {"project": world.production},
        {"expires_at": token.expires_at + DAY},
        {"created_at": token.created_at - DAY},
    ):
        with refused("an access token stays what it is"):
            changed(token, **values)
    AccessToken.objects.filter(pk=token.pk).end()
    with refused("an access token stays what it is"):
        changed(token, ended_at=None)


def has_ended(token: AccessToken) -> bool:
    token.refresh_from_db()
    return token.ended_at is not None


def test_losing_a_project_ends_the_tokens_for_it(world: World) -> None:
    token = of_project(world)
    run("DELETE FROM projects_collaborator WHERE id = %s", world.other_row.pk)
    assert not has_ended(token)
    run("DELETE FROM projects_collaborator WHERE id = %s", world.project_member_row.pk)
    assert has_ended(token)
    assert pair(world).ended_at is None


def test_losing_an_organization_ends_the_tokens_for_all_of_it(world: World) -> None:
    token = of_project(world)
    world.member.memberships.get().delete()
    assert not has_ended(token)
    world.project_member.memberships.get().delete()
    assert has_ended(token)
    assert pair(world).ended_at is None
