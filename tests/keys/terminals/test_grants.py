"""The token endpoint's other grants, revocation, and what forms it takes."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.models import AccessToken
from keys.terminals.services.sessions import delete_old_terminals
from projects.services.archive import archive_project
from tests.keys.helpers.api_client import call
from tests.keys.helpers.terminal_client import (
    ACCESS_TOKEN_TYPE,
    CLIENT,
    DEVICE_CODE,
    EXCHANGE,
    REVOKE,
    SESSION,
    TOKEN,
    Terminal,
    grant,
    logged_in,
    of,
    post,
    refusal,
    renewed,
)
from tests.support.clock import DAY, set_clock
from tests.world import World

pytestmark = pytest.mark.django_db
WHOAMI = "/v3/whoami"
FORM = "application/x-www-form-urlencoded"


def works(token: str) -> bool:
    status = call(WHOAMI, token).status_code
    assert status in (200, 401)
    return bool(status == 200)


def test_refreshing_gives_the_next_pair_and_ends_the_one_before(world: World) -> None:
    first = logged_in(world.member)
    second = of(first.renew())
    assert (works(first.access), works(second.access)) == (False, True)
    assert of(second.renew()).access


def test_an_expired_login_is_refreshed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = logged_in(world.member)
    set_clock(monkeypatch, timezone.now() + DAY)
    answer = call(WHOAMI, terminal.access)
    assert answer.json()["error"]["code"] == "expired"
    assert works(of(terminal.renew()).access)


def test_a_refresh_token_used_twice_ends_the_whole_login(world: World) -> None:
    first = logged_in(world.member)
    project = first.project_token(world.default)
    second = of(first.renew())
    assert refusal(first.renew()) == "invalid_grant"
    assert not any(map(works, (first.access, second.access, project)))
    assert refusal(second.renew()) == "invalid_grant"
    assert refusal(renewed(project)) == "invalid_grant"
    event = AuditEvent.objects.get(act=Action.TERMINAL_ENDED)
    assert (event.actor, event.values_after) == (None, {"because": "reuse"})


@pytest.mark.parametrize("wrong", ["another's", "a project's", "none", "at_" + "0" * 49])
def test_a_refresh_with_another_access_token_is_refused(world: World, wrong: str) -> None:
    terminal = logged_in(world.member)
    token = {
        "another's": lambda: logged_in(world.member).access,
        "a project's": lambda: terminal.project_token(world.default),
    }.get(wrong, lambda: wrong)()
    assert refusal(terminal.renew(token)) == "invalid_grant"
    # Nothing was used up: the right pair still works.
    assert works(of(terminal.renew()).access)


def test_a_refresh_without_its_access_token_is_refused(world: World) -> None:
    terminal = logged_in(world.member)
    assert refusal(grant("refresh_token", refresh_token=terminal.refresh)) == "invalid_request"


def test_a_login_is_exchanged_for_a_token_of_one_project(world: World) -> None:
    answer = logged_in(world.project_member).switch(world.research)
    told = answer.json()
    assert answer.status_code == 200
    assert told["access_token"].startswith("pt_")
    assert (told["issued_token_type"], type(told["expires_in"])) == (ACCESS_TOKEN_TYPE, int)
    assert "refresh_token" not in told
    assert call(WHOAMI, told["access_token"]).json() == {
        "type": "user_org_project_jwt",
        "user": {"id": world.project_member.public_id},
        "organization": {"id": world.organization.public_id, "name": "Northwind"},
        "project": {"id": world.research.public_id, "name": "Research", "slug": "research"},
    }


def test_a_project_of_others_is_like_an_unknown_project(world: World) -> None:
    terminal = logged_in(world.member)
    answers = [
        terminal.switch(other)
        for other in (world.other_project, world.research, "proj_00000000000000000000")
    ]
    assert {refusal(answer) for answer in answers} == {"invalid_grant"}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    "crooked",
    ["research", "proj_", "https://x/", "proj_x' OR 1", "proj_\x00", "pröj", "p" * 999, "{}", "é"],
)
def test_a_crooked_resource_is_a_clean_error(world: World, crooked: str) -> None:
    assert refusal(logged_in(world.member).switch(crooked)) == "invalid_target"


def test_an_archived_project_has_its_own_error_for_who_sees_it(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    answer = logged_in(world.owner).switch(world.research)
    assert refusal(answer) == "invalid_grant"
    assert "archived" in answer.json()["error_description"]


@pytest.mark.parametrize("subject", ["", "eyJhbGciOiJIUzI1NiJ9.e30.x", "pk", "refresh", "project"])
def test_only_a_living_login_is_exchanged(world: World, subject: str) -> None:
    terminal = logged_in(world.project_member)
    given = {
        "pk": world.key_secret,
        "refresh": terminal.refresh,
        "project": terminal.project_token(world.research),
    }.get(subject, subject)
    answer = grant(
        EXCHANGE,
        subject_token=given,
        subject_token_type=ACCESS_TOKEN_TYPE,
        resource=world.research.public_id,
    )
    assert refusal(answer) == ("invalid_grant" if subject else "invalid_request")


def test_an_expired_project_token_is_renewed_while_its_login_lives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, now = logged_in(world.project_member), timezone.now()
    token = terminal.project_token(world.research)
    set_clock(monkeypatch, now + DAY)
    assert not works(token)
    answer = renewed(token)
    assert (answer.status_code, "refresh_token" in answer.json()) == (200, False)
    assert call(WHOAMI, answer.json()["access_token"]).json()["project"]["slug"] == "research"
    set_clock(monkeypatch, now + 91 * DAY)
    assert refusal(renewed(token)) == "invalid_grant"


def test_a_project_token_renewed_by_two_programs_is_no_theft(world: World) -> None:
    token = logged_in(world.project_member).project_token(world.research)
    assert [renewed(token).status_code for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("given", ["", "x", "login", "key"])
def test_only_a_project_token_is_renewed(world: World, given: str) -> None:
    terminal = logged_in(world.member)
    text = {"login": terminal.access, "key": world.key_secret}.get(given, given)
    assert refusal(renewed(text)) == ("invalid_grant" if given else "invalid_request")


def test_long_expired_tokens_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = logged_in(world.project_member).project_token(world.research)
    set_clock(monkeypatch, timezone.now() + 40 * DAY)
    delete_old_terminals()
    assert refusal(renewed(token)) == "invalid_grant"
    assert AccessToken.objects.of_logins().exists()


def revoke(token: str) -> Any:
    return post(REVOKE, token=token, token_type_hint="access_token")


@pytest.mark.parametrize("by", ["access", "refresh"])
def test_revoking_a_login_ends_its_project_tokens_too(world: World, by: str) -> None:
    terminal, other = logged_in(world.project_member), logged_in(world.project_member)
    project = terminal.project_token(world.research)
    answer = revoke(getattr(terminal, by))
    assert answer.status_code == 200
    assert not works(terminal.access)
    assert not works(project)
    assert refusal(terminal.renew()) == refusal(renewed(project)) == "invalid_grant"
    assert works(other.access)


def test_revoking_a_project_token_leaves_the_login(world: World) -> None:
    terminal = logged_in(world.project_member)
    project, default = map(terminal.project_token, (world.research, world.default))
    newer = renewed(project).json()["access_token"]
    assert revoke(project).status_code == 200
    assert [works(one) for one in (project, newer, default, terminal.access)] == [
        False,
        False,
        True,
        True,
    ]
    assert refusal(renewed(newer)) == "invalid_grant"


@pytest.mark.parametrize("token", ["x", "eyJ", "at_" + "0" * 49, "\x00"])
def test_revoking_what_is_none_is_done_already(world: World, token: str) -> None:
    assert revoke(token).status_code == 200


def test_a_key_is_not_revoked_here(world: World) -> None:
    assert revoke(world.key_secret).status_code == 200
    assert works(world.key_secret)


@pytest.mark.parametrize("kind", ["password", "client_credentials", "authorization_code", "\x00"])
def test_another_grant_is_unsupported(world: World, kind: str) -> None:
    assert refusal(grant(kind)) == "unsupported_grant_type"


@pytest.mark.parametrize("kind", [DEVICE_CODE, "refresh_token", EXCHANGE, SESSION])
def test_a_grant_with_nothing_in_it_says_what_is_missing(world: World, kind: str) -> None:
    assert refusal(grant(kind)) == "invalid_request"


@pytest.mark.parametrize("path", ["/oauth/device", TOKEN, REVOKE])
def test_bodies_that_are_no_form_are_refused(world: World, path: str) -> None:
    bodies: list[tuple[str | bytes, str]] = [
        ("{}", "application/json"),
        (b"\xff\xfe", FORM),
        ("", FORM),
        (f"client_id={CLIENT}&client_id={CLIENT}", FORM),
        ("%00=%00&%ff", FORM),
        ("a=b", f"{FORM}; charset=utf-17"),
        ("--x--", "multipart/form-data; boundary=x"),
        ("&".join(f"f{n}=1" for n in range(600)), FORM),
    ]
    for body, kind in bodies:
        browser = Client(raise_request_exception=False)
        answer = browser.generic("POST", path, body, content_type=kind)
        assert answer.status_code in (400, 401), (body, answer.content)
        assert set(answer.json()) == {"error", "error_description"}


@pytest.mark.parametrize("path", ["/oauth/device", TOKEN, REVOKE])
def test_the_fields_of_an_address_do_not_count(world: World, path: str) -> None:
    answer = post(f"{path}?client_id={CLIENT}", "token=x")
    assert refusal(answer) == "invalid_request"


@pytest.mark.parametrize("path", ["/oauth/device", TOKEN, REVOKE])
def test_other_methods_are_refused_in_oauths_form(path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert answer.json()["error"] == "invalid_request"


def test_no_token_looks_like_a_jwt(world: World) -> None:
    terminal: Terminal = logged_in(world.project_member)
    for token in (terminal.access, terminal.refresh, terminal.project_token(world.research)):
        assert not token.startswith("eyJ")
