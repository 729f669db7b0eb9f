"""What a personal access token opens: what its person may at its place now; it ends with the next request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import JsonResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import OrganizationState
from accounts.members.services import change_member_role, remove_member
from accounts.permissions import OrganizationRole
from accounts.web.api.callers import Caller, set_caller
from accounts.web.api.routes import api_route, join_routes
from keys.callers import CALLERS, find_caller
from keys.enums import TokenScope
from keys.personal_tokens.services import revoke_members_token, revoke_own_token
from keys.terminals.services.sessions import switch_terminal_login
from keys.verification.last_used import flush_uses
from projects.services.archive import archive_project, restore_project
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.gateway_client import queries_of
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY, set_clock
from tests.world import World, listed

pytestmark = pytest.mark.django_db
V3, V1, PROJECTS, BILL = "/v3/whoami", "/v1/whoami", "/v1/projects", "/v1/billing/usage"


def status(secret: str, path: str = V3) -> int:
    return int(call(path, secret).status_code)


def names(secret: str) -> list[str]:
    return [one["name"] for one in call(PROJECTS, secret).json()["data"]]


def test_one_for_an_organization_is_its_person_there(world: World) -> None:
    secret = made(world.member, world.organization).secret
    answer = call(V3, secret)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "type": "user_org_jwt",
        "user": {"id": world.member.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
    }


def test_one_for_a_project_is_its_person_there(world: World) -> None:
    assert call(V3, made(world.external, world.research).secret).json() == {
        "type": "user_org_project_jwt",
        "user": {"id": world.external.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
        "project": {"id": world.research.public_id, "name": "Research", "slug": "research"},
    }


def test_the_flat_whoami_is_for_keys_alone(world: World) -> None:
    answer = call(V1, made(world.external, world.research).secret)
    assert answer.status_code == 403
    assert error_of(answer)["type"] == "permission_error"


def test_it_lists_the_projects_its_person_works_in_there_and_no_others(world: World) -> None:
    assert names(made(world.project_member, world.organization).secret) == [
        *("Default Project", "Production", "Research"),
    ]
    assert names(made(world.member, world.organization).secret) == ["Default Project"]
    assert names(made(world.project_member, world.research, "one").secret) == ["Research"]
    archive_project(actor=Actor.of_user(world.owner), project=world.production)
    assert names(made(world.admin, world.organization).secret) == ["Default Project", "Research"]


@pytest.mark.parametrize(
    ("person", "place", "expected"),
    [
        ("owner", "organization", 200),
        ("admin", "organization", 200),
        ("member", "organization", 403),
        ("admin", "research", 200),
        ("project_admin", "research", 200),
        ("project_member", "research", 200),
        ("external", "research", 403),
        ("external_admin", "research", 403),
    ],
)
def test_usage_is_read_by_people_who_may_in_the_browser(
    world: World, person: str, place: str, expected: int
) -> None:
    secret = made(getattr(world, person), getattr(world, place)).secret
    assert status(secret, BILL) == expected
    theirs = f"{BILL}?organization_id={world.other_organization.public_id}"
    assert status(secret, theirs) == 403


def test_the_right_to_read_usage_goes_with_the_role(world: World) -> None:
    secret = made(world.admin, world.organization).secret
    assert status(secret, BILL) == 200
    membership = world.admin.memberships.get(organization=world.organization)
    change_member_role(
        actor=Actor.of_user(world.owner), membership=membership, role=OrganizationRole.MEMBER
    )
    assert (status(secret, BILL), status(secret)) == (403, 200)


def archived(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)


def suspended(world: World) -> None:
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")


def closed(world: World) -> None:
    world.organization.change_state(OrganizationState.CLOSED, "")


def off_the_list(world: World) -> None:
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)


def out_of_the_organization(world: World) -> None:
    membership = world.project_member.memberships.get(organization=world.organization)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)


def deactivated(world: World) -> None:
    world.project_member.is_active = False
    world.project_member.save(update_fields=["is_active"])


OF_THE_PROJECT = (archived, off_the_list)
OF_BOTH = (suspended, closed, out_of_the_organization, deactivated)


@pytest.mark.parametrize("end", [*OF_THE_PROJECT, *OF_BOTH])
def test_one_for_a_project_ends_with_what_it_opened(
    world: World, end: Callable[[World], None]
) -> None:
    secret = made(world.project_member, world.research).secret
    assert status(secret) == 200
    end(world)
    answer = call(V3, secret)
    assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert {status(secret, path) for path in (PROJECTS, BILL)} == {401}


@pytest.mark.parametrize("end", OF_BOTH)
def test_one_for_an_organization_ends_with_what_it_opened(
    world: World, end: Callable[[World], None]
) -> None:
    secret = made(world.project_member, world.organization).secret
    end(world)
    assert {status(secret, path) for path in (V3, PROJECTS, BILL)} == {401}


@pytest.mark.parametrize("end", OF_THE_PROJECT)
def test_one_for_an_organization_loses_the_project_alone(
    world: World, end: Callable[[World], None]
) -> None:
    secret = made(world.project_member, world.organization).secret
    end(world)
    assert names(secret) == ["Default Project", "Production"]


@pytest.mark.parametrize("end", [off_the_list, out_of_the_organization])
def test_someone_let_in_again_makes_another(world: World, end: Callable[[World], None]) -> None:
    secret = made(world.project_member, world.research).secret
    end(world)
    if end is out_of_the_organization:
        world.organization.memberships.create(user=world.project_member, role="member")
    listed(world.research, world.project_member)
    assert error_of(call(V3, secret))["code"] == "revoked"
    assert status(made(world.project_member, world.research).secret) == 200


def test_what_stood_still_goes_on(world: World) -> None:
    secret = made(world.project_member, world.research).secret
    archived(world)
    assert error_of(call(V3, secret))["code"] == "no_access"
    restore_project(actor=Actor.of_user(world.owner), project=world.research)
    assert status(secret) == 200


def test_login_from_terminals_is_another_matter(world: World) -> None:
    secret = made(world.project_member, world.organization).secret
    switch_terminal_login(
        actor=Actor.of_user(world.owner), organization=world.organization, allowed=False
    )
    assert "Research" in names(secret)


def test_revoked_and_expired_ones_are_refused_from_the_next_request_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = made(world.member, world.organization, "own")
    theirs = made(world.member, world.organization, "theirs")
    late = made(world.member, world.organization, "late", days=7)
    revoke_own_token(actor=Actor.of_user(world.member), token=own.token)
    revoke_members_token(
        actor=Actor.of_user(world.admin), organization=world.organization, token=theirs.token
    )
    assert [error_of(call(V3, one.secret))["code"] for one in (own, theirs)] == ["revoked"] * 2
    assert status(late.secret) == 200
    set_clock(monkeypatch, timezone.now() + 7 * DAY)
    answer = call(V3, late.secret)
    assert (answer.status_code, error_of(answer)["code"]) == (401, "expired")


def test_a_key_never_issued_is_not_found_and_a_mistyped_key_asks_no_database(world: World) -> None:
    secret = made(world.member, world.organization).secret
    another = made(world.member, world.organization, "another")
    type(another.token).objects.filter(pk=another.token.pk).update(mac=b"lost")
    assert error_of(call(V3, another.secret))["code"] == "not_found"
    mistyped = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    assert error_of(call(V3, mistyped))["code"] == "malformed"
    assert queries_of(lambda: call(V3, mistyped)) == 0


def test_asking_is_a_use_and_takes_two_queries(world: World) -> None:
    of_project = made(world.project_member, world.research)
    of_organization = made(world.project_member, world.organization, "wider")
    for issued in (of_project, of_organization):
        assert queries_of(lambda secret=issued.secret: call(V3, secret)) == 2
    flush_uses()
    of_project.token.refresh_from_db()
    assert of_project.token.last_used_at
    assert timezone.now() - of_project.token.last_used_at < DAY


def test_a_refused_request_is_no_use(world: World) -> None:
    issued = made(world.project_member, world.research)
    archived(world)
    call(V3, issued.secret)
    flush_uses()
    issued.token.refresh_from_db()
    assert issued.token.last_used_at is None


@pytest.mark.parametrize("scope", TokenScope)
def test_one_that_may_only_read_is_refused_where_something_would_change(
    world: World, scope: TokenScope
) -> None:
    def act(request: Any, caller: Caller) -> JsonResponse:
        """Does nothing."""
        return JsonResponse({})

    routes = [
        api_route(method, "Act", tag="Tests", credentials=CALLERS)(act)
        for method in ("GET", "POST")
    ]
    acts = join_routes(*routes)

    def ask(method: str, secret: str) -> int:
        request = RequestFactory().generic(method, "/v1/acts")
        set_caller(request, find_caller(secret))
        return acts(request).status_code

    secret = made(world.member, world.default, scope=scope).secret
    assert ask("GET", secret) == 200
    assert ask("POST", secret) == (200 if scope == TokenScope.WRITE else 403)
    assert ask("POST", world.key_secret) == 200


@pytest.mark.parametrize("path", ["/v1/auth"])
def test_a_gateway_s_check_takes_keys_alone(world: World, path: str) -> None:
    assert status(made(world.member, world.default).secret, path) == 401
