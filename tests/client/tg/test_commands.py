"""`tg` unmodified: login, projects, switch, whoami, refresh, renewal, logout, each against four workers."""

from collections.abc import Callable

import pytest

from accounts.actors import Actor
from keys.models import AccessToken, TerminalSession
from projects.services.collaborators import remove_collaborator
from tests.client.tg.command import SECONDS, Tg, address_said_by
from tests.support.pages import freshly_signed_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_works_from_login_to_logout(world: World, tg: Tg) -> None:
    said = tg.login(world.project_member)
    assert (said.code, "Logged in." in said.text) == (0, True), said.text
    assert tg.asked("whoami") == {
        "type": "user_jwt",
        "user": {"id": world.project_member.public_id},
    }
    listed = tg.asked("projects", "list")
    assert [one["name"] for one in listed["data"]] == ["Default Project", "Production", "Research"]
    project = world.research.public_id
    assert tg.asked("switch", project) == {"status": "ok", "project_id": project}
    assert tg.asked("whoami")["project"]["slug"] == "research"
    # The token of the project, then that of the login, as if an hour had passed.
    before = tg.kept()
    tg.expire(project)
    assert tg.asked("whoami")["project"]["id"] == project
    tg.expire("default")
    assert tg.asked("switch", world.production.public_id)["status"] == "ok"
    after = tg.kept()
    assert before[project]["access_token"] != after[project]["access_token"]
    assert before["default"]["refresh_token"] != after["default"]["refresh_token"]
    assert tg.asked("logout") == {"status": "ok"}
    assert not TerminalSession.objects.alive().exists()
    assert not tg.store.exists()
    refused = tg.run("whoami", "--no-json", "--api-key", after[project]["access_token"])
    assert "This login was ended. Log in again." in refused.text


@pytest.mark.long
def test_with_one_project_the_login_is_switched_to_it(world: World, tg: Tg) -> None:
    said = tg.login(world.other_external)
    # Two: their own organization's, and the one they work in.
    assert "tg switch" in said.text
    said = tg.login(world.former)
    home = world.former.home_organization
    assert home
    assert f"Switched to project {home.projects.default().public_id}" in said.text
    # The login before was ended by the client.
    assert TerminalSession.objects.alive().count() == 1
    assert tg.asked("whoami")["type"] == "user_org_project_jwt"


@pytest.mark.long
def test_a_project_token_taken_back_leaves_the_login(world: World, tg: Tg) -> None:
    tg.login(world.project_member)
    tg.asked("switch", world.research.public_id)
    AccessToken.objects.of_projects().end()
    said = tg.run("whoami", "--no-json")
    assert said.code != 0
    assert "401" in said.text or "replaced" in said.text
    assert tg.asked("switch", world.research.public_id)["status"] == "ok"


@pytest.mark.long
def test_what_goes_wrong_is_said_clearly(
    world: World, tg: Tg, terminal: Callable[[str], Tg]
) -> None:
    nobody = terminal("nobody")
    assert "Not logged in" in nobody.run("whoami", "--no-json").text
    revoked = nobody.run("whoami", "--no-json", TOGETHER_API_KEY=world.key_secret[:-1] + "_")
    assert "This is not an API key or access token" in revoked.text
    tg.login(world.project_member)
    for project in (world.other_project.public_id, "proj_00000000000000000000"):
        assert "You have no project with this ID" in tg.run("switch", project, "--no-json").text
    assert "resource is the id of a project" in tg.run("switch", "../x", "--no-json").text
    tg.asked("switch", world.research.public_id)
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)
    removed = tg.run("whoami", "--no-json")
    assert removed.code != 0
    assert "replaced or taken back" in removed.text
    assert tg.asked("switch", world.default.public_id)["status"] == "ok"


@pytest.mark.long
def test_a_login_that_is_denied_says_so(world: World, tg: Tg) -> None:
    process = tg.start("login", "--no-browser", "--no-json", "--non-interactive")
    address = address_said_by(process, "deny")
    assert freshly_signed_in(world.member).post(address).status_code == 302
    text, _ = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    assert "Device login was denied in the browser." in text
