"""What a terminal opens is what its person can open now: it ends with the next request."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import OrganizationState
from accounts.members.services import remove_member
from accounts.permissions import Permission
from keys.callers import find_caller
from keys.terminals.services.sessions import switch_terminal_login
from projects.models import Project
from projects.services.archive import archive_project, restore_project
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.gateway_client import queries_of
from tests.keys.helpers.terminal_client import Terminal, logged_in, of, refusal, renewed
from tests.support.clock import DAY, set_clock
from tests.support.pages import freshly_signed_in
from tests.world import PASSWORD, World, listed

pytestmark = pytest.mark.django_db
WHOAMI, PROJECTS = "/v3/whoami", "/v1/projects"


def status(token: str) -> int:
    return int(call(WHOAMI, token).status_code)


def names(token: str, query: str = "") -> list[str]:
    return [one["name"] for one in call(f"{PROJECTS}{query}", token).json()["data"]]


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


def switched_off(world: World) -> None:
    switch_terminal_login(
        actor=Actor.of_user(world.owner), organization=world.organization, allowed=False
    )


ENDINGS = (archived, suspended, closed, off_the_list, out_of_the_organization, switched_off)


@pytest.mark.parametrize("end", ENDINGS)
def test_a_project_token_ends_with_what_it_opened(
    world: World, end: Callable[[World], None]
) -> None:
    terminal = logged_in(world.project_member)
    token = terminal.project_token(world.research)
    assert status(token) == 200
    end(world)
    answer = call(WHOAMI, token)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert call(PROJECTS, token).status_code == 401
    assert refusal(renewed(token)) == refusal(terminal.switch(world.research)) == "invalid_grant"
    assert "Research" not in names(terminal.access)
    # The login is its person's, not the organization's.
    assert status(terminal.access) == 200


@pytest.mark.parametrize("end", [off_the_list, out_of_the_organization])
def test_someone_let_in_again_logs_in_again(world: World, end: Callable[[World], None]) -> None:
    terminal = logged_in(world.project_member)
    token = terminal.project_token(world.research)
    end(world)
    if end is out_of_the_organization:
        world.organization.memberships.create(user=world.project_member, role="member")
    listed(world.research, world.project_member)
    assert status(token) == 401
    assert refusal(renewed(token)) == "invalid_grant"
    assert status(terminal.project_token(world.research)) == 200


def test_what_stood_still_goes_on(world: World) -> None:
    token = logged_in(world.project_member).project_token(world.research)
    archived(world)
    assert status(token) == 401
    restore_project(actor=Actor.of_user(world.owner), project=world.research)
    assert status(token) == 200


def test_a_deactivated_account_has_no_terminals(world: World) -> None:
    terminal = logged_in(world.member)
    world.member.is_active = False
    world.member.save(update_fields=["is_active"])
    assert status(terminal.access) == 401
    assert refusal(terminal.renew()) == "invalid_grant"


def test_a_new_password_logs_every_terminal_out(world: World) -> None:
    terminal = logged_in(world.member)
    new = "another rather long password"
    answer = freshly_signed_in(world.member).post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert answer.status_code == 302
    assert status(terminal.access) == 401
    assert refusal(terminal.renew()) == "invalid_grant"


def test_a_login_lists_every_project_its_person_can_use(world: World) -> None:
    assert names(logged_in(world.project_member).access) == [
        "Default Project",
        "Production",
        "Research",
    ]
    # External to Northwind: their own organization's, and the one they work in.
    assert names(logged_in(world.external).access) == ["Default Project", "Research"]
    assert names(logged_in(world.staff).access) == []


def test_a_project_token_lists_its_own_project_alone(world: World) -> None:
    assert names(logged_in(world.owner).project_token(world.research)) == ["Research"]


def many(world: World, number: int) -> None:
    world.organization.project_limit = 500
    world.organization.save(update_fields=["project_limit"])
    Project.objects.bulk_create(
        Project(
            organization=world.organization, name=f"Project {index % 7}", slug=f"project-{index}"
        )
        for index in range(number)
    )


@pytest.mark.parametrize("limit", [1, 7, 20, 33, 100])
def test_pages_hold_every_project_once_and_none_is_empty(world: World, limit: int) -> None:
    many(world, 30)
    token, seen, after = logged_in(world.owner).access, [], ""
    while True:
        page = call(f"{PROJECTS}?limit={limit}{after}", token).json()
        assert page["data"]
        seen += [one["id"] for one in page["data"]]
        if page["next_cursor"] is None:
            break
        after = f"&after={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 33


def test_one_project_and_many_cost_the_same_queries(world: World) -> None:
    token = logged_in(world.owner).access
    few = queries_of(lambda: call(f"{PROJECTS}?limit=100", token))
    many(world, 30)
    assert queries_of(lambda: call(f"{PROJECTS}?limit=100", token)) == few == 2


def test_who_may_read_usage_is_asked_now(world: World) -> None:
    def may_read(terminal: Terminal) -> bool:
        return find_caller(terminal.project_token(world.research)).may_read_usage

    assert may_read(logged_in(world.project_member))
    assert may_read(logged_in(world.owner))
    assert not may_read(logged_in(world.external))


def test_a_login_reads_the_costs_of_organizations_its_person_is_in_charge_of(
    world: World,
) -> None:
    costs, asked = Permission.COST_ANALYTICS_SEE, world.organization.public_id
    for person, found in [
        (world.owner, world.organization),
        (world.admin, world.organization),
        (world.member, None),
        (world.external, None),
        (world.stranger, None),
    ]:
        caller = find_caller(logged_in(person).access)
        assert caller.find_organization(costs, asked) == found
    owner = logged_in(world.owner)
    scoped = find_caller(owner.project_token(world.research))
    assert scoped.find_organization(costs, asked) is None
    switched_off(world)
    assert find_caller(owner.access).find_organization(costs, asked) is None


def test_older_clients_with_a_token_read_that_they_need_a_key(world: World) -> None:
    answer = call("/v1/whoami", logged_in(world.member).access)
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert error_of(answer)["type"] == "permission_error"


def test_a_refresh_token_and_an_unknown_one_open_nothing(world: World) -> None:
    terminal = logged_in(world.member)
    cut = terminal.access[:-1] + ("a" if terminal.access[-1] != "a" else "b")
    for token in (terminal.refresh, cut, "at_" + "0" * 49):
        assert status(token) == 401


def test_a_token_costs_two_queries(world: World) -> None:
    terminal = logged_in(world.project_member)
    token = terminal.project_token(world.research)
    assert queries_of(lambda: call(WHOAMI, token)) == 2
    assert queries_of(lambda: call(WHOAMI, terminal.access)) == 1


def test_a_token_says_how_long_it_lasts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, now = logged_in(world.member), timezone.now()
    # In the last minutes of the login its tokens end with it.
    set_clock(monkeypatch, now + 90 * DAY - DAY / 96)
    answer = terminal.renew()
    assert 800 < answer.json()["expires_in"] <= 900
    assert of(answer).access
