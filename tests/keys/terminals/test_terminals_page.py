"""The page of one's terminals with its acts, and the organization's switch for them."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.models import TerminalSession
from keys.terminals.services.sessions import switch_terminal_login
from keys.verification.last_used import flush_uses
from tests.keys.helpers.api_client import call
from tests.keys.helpers.terminal_client import logged_in, refusal
from tests.support.clock import DAY, set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE, ALL = "/accounts/terminals/", "/accounts/terminals/end-all/"


def test_without_a_terminal_it_says_how_to_log_one_in(world: World) -> None:
    page = words(signed_in(world.member).get(PAGE))
    assert "No terminals are signed in" in page
    assert "tg login" in page
    assert "Sign out all" not in page


def test_a_terminal_is_listed_with_client_place_use_and_projects(world: World) -> None:
    terminal = logged_in(world.project_member)
    terminal.project_token(world.research)
    terminal.project_token(world.default)
    page = words(signed_in(world.project_member).get(PAGE))
    for said in ("Together CLI (tg)", "127.0.0.1", "together-cli/3.1.1", "just now"):
        assert said in page
    assert "Default Project, Research" in page
    assert "Together CLI" not in words(signed_in(world.member).get(PAGE))


def test_last_used_is_when_a_token_was_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, now = logged_in(world.member), timezone.now()
    set_clock(monkeypatch, now + DAY / 48)
    call("/v3/whoami", terminal.access)
    flush_uses()
    set_clock(monkeypatch, now + DAY / 12)
    page = words(signed_in(world.member).get(PAGE))
    assert "1 hour ago" in page
    assert "2 hours ago" in page


def test_one_is_logged_out_alone(world: World) -> None:
    stays, goes = logged_in(world.member), logged_in(world.member)
    browser, address = signed_in(world.member), f"{PAGE}{goes.session.public_id}/end/"
    assert "Sign out" in words(browser.get(address))
    assert browser.post(address)["Location"] == PAGE
    assert "Together CLI (tg) at 127.0.0.1 was signed out." in words(browser.get(PAGE))
    assert call("/v3/whoami", goes.access).status_code == 401
    assert call("/v3/whoami", stays.access).status_code == 200
    assert browser.post(address).status_code == 409
    event = AuditEvent.objects.get(act=Action.TERMINAL_ENDED)
    assert (event.actor, event.values_after) == (world.member, {"because": "by_hand"})


def test_anothers_terminal_is_not_there(world: World) -> None:
    terminal = logged_in(world.member)
    unknown = f"{PAGE}terminal_00000000000000000000/end/"
    for person in (world.owner, world.stranger, world.staff):
        browser = signed_in(person)
        for ask in (browser.get, browser.post):
            theirs = ask(f"{PAGE}{terminal.session.public_id}/end/")
            never = ask(unknown)
            assert (theirs.status_code, theirs.content) == (404, never.content)
    assert call("/v3/whoami", terminal.access).status_code == 200


def test_all_are_logged_out_at_once_and_no_one_elses(world: World) -> None:
    mine = [logged_in(world.member) for _ in range(2)]
    other = logged_in(world.owner)
    browser = signed_in(world.member)
    assert "Sign out all" in words(browser.get(ALL))
    browser.post(ALL)
    assert "2 terminals were signed out." in words(browser.get(PAGE))
    assert {call("/v3/whoami", one.access).status_code for one in mine} == {401}
    assert {refusal(one.renew()) for one in mine} == {"invalid_grant"}
    assert call("/v3/whoami", other.access).status_code == 200
    browser.post(ALL)
    assert "No terminals were signed in." in words(browser.get(PAGE))


def test_ended_and_expired_ones_are_not_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(world.member)
    set_clock(monkeypatch, timezone.now() + 91 * DAY)
    assert "No terminals are signed in" in words(signed_in(world.member).get(PAGE))


def test_one_terminal_and_thirty_cost_the_same_queries(world: World) -> None:
    def cost() -> int:
        with queries() as captured:
            assert browser.get(PAGE).status_code == 200
        return len(own_queries(captured))

    browser = signed_in(world.member)
    logged_in(world.member).project_token(world.default)
    few = cost()
    for _ in range(29):
        logged_in(world.member).project_token(world.default)
    assert TerminalSession.objects.count() == 30
    assert cost() == few


def test_an_organization_switches_login_from_terminals_off_and_on(world: World) -> None:
    browser, slug = signed_in(world.admin), world.organization.slug
    token = logged_in(world.project_member).project_token(world.research)
    address, settings = (
        reverse("terminal_login", args=[slug]),
        reverse("organization_settings", args=[slug]),
    )
    assert browser.post(address, {})["Location"] == settings
    page = words(browser.get(settings))
    assert "Terminal login is off." in page
    assert "Terminal login is off." in page
    assert call("/v3/whoami", token).status_code == 401
    assert call("/v3/whoami", world.key_secret).status_code == 200
    browser.post(address, {"allowed": "on"})
    assert call("/v3/whoami", token).status_code == 200
    events = AuditEvent.objects.filter(act=Action.TERMINAL_LOGIN_CHANGED).order_by("pk")
    assert [one.values_after for one in events] == [{"allowed": False}, {"allowed": True}]


def test_switched_off_in_one_organization_the_others_stay(world: World) -> None:
    switch_terminal_login(
        actor=Actor.of_user(world.owner), organization=world.organization, allowed=False
    )
    terminal = logged_in(world.external)
    answer = terminal.switch(world.research)
    assert refusal(answer) == "invalid_grant"
    assert "Northwind has turned off terminal login." in answer.json()["error_description"]
    own = world.external.home_organization
    assert own
    assert terminal.project_token(own.projects.default())
