"""One's own access tokens: the list, making one with its secret shown once, and revoking one."""

import logging
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, OrganizationState
from accounts.members.services import remove_member
from accounts.models import AuditEvent, Organization, User
from accounts.web.new_rows import mark_new
from keys.enums import TokenScope
from keys.models import KeyPolicy, PersonalToken
from keys.personal_tokens.services import (
    MAX_TOKENS,
    NAME_TAKEN,
    TOO_MANY,
    revoke_own_token,
)
from keys.secrets import CREATED_BEFORE
from keys.verification.last_used import flush_uses
from projects.models import Project
from projects.services.archive import archive_project
from tests.database.refusals import all_rows
from tests.keys.helpers.api_client import call
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE, CREATE = "/accounts/access-tokens/", "/accounts/access-tokens/create/"


def create(user: User, where: Organization | Project, **data: str) -> Any:
    usual = {"name": "nightly report", "place": where.public_id, "scope": "read", "days": "30"}
    return freshly_signed_in(user).post(CREATE, {**usual, **data})


def shown(response: Any) -> str:
    """The secret of the page that shows it."""
    assert response.status_code == 200
    return str(response.context["secret"])


def choices(user: User) -> dict[str, list[str]]:
    form = freshly_signed_in(user).get(CREATE).context["form"]
    return {group: [label for _, label in inside] for group, inside in form.fields["place"].choices}


def test_the_answer_shows_the_secret_once_with_a_command_that_works(world: World) -> None:
    response = create(world.external, world.research, scope="write", days="90")
    secret, text = shown(response), words(response)
    assert secret.startswith("ut_")
    for part in (
        "Copy your new access token",
        "This is the only time it is shown",
        "Token nightly report · project research · read and write · works until",
        "I have stored it",
        f'curl -H "Authorization: Bearer {secret}" http://testserver/v3/whoami',
    ):
        assert part in text
    assert "no-store" in response["Cache-Control"]
    assert call("/v3/whoami", secret).json()["project"]["id"] == world.research.public_id
    token = world.external.personal_tokens.get()
    assert (token.scope, token.project) == (TokenScope.WRITE, world.research)
    assert token.organization == world.organization
    assert abs(token.expires_at - timezone.now() - 90 * DAY) < DAY / 24


def test_the_secret_is_nowhere_else(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        secret = shown(create(world.member, world.organization))
        call("/v3/whoami", secret)
        flush_uses()
        owner, member = signed_in(world.owner), freshly_signed_in(world.member)
        slug = world.organization.slug
        pages = [
            member.get(PAGE),
            member.get(CREATE),
            owner.get(reverse("organization_tokens", args=[slug])),
            owner.get(reverse("audit_log", args=[slug])),
        ]
    places = [repr(all_rows()), caplog.text, *(page.content.decode() for page in pages)]
    places += [repr(session.get_decoded()) for session in Session.objects.all()]
    assert [secret in text or secret[3:46] in text for text in places] == [False] * len(places)
    assert f"{secret[:7]}…{secret[-4:]}" in places[2]
    event = AuditEvent.objects.get(act=Action.TOKEN_CREATED)
    assert (event.actor, event.organization) == (world.member, world.organization)
    assert event.target_name == "nightly report of member@northwind.example"
    assert (event.values_after["for"], event.values_after["scope"]) == ("Northwind", "read")


def test_its_owner_is_emailed_what_was_created(world: World) -> None:
    secret = shown(create(world.external, world.research, name="consulting"))
    world.external.muted_notifications.create(kind="new_sign_in")
    (told,) = [mail for mail in mailed_to(world.external.email) if "token" in mail.subject]
    assert told.subject == "A personal access token was created in your account"
    for part in (
        "consulting",
        "Research, a project of Northwind",
        "Permissions: Read",
        "127.0.0.1",
        PAGE,
    ):
        assert part in told.body
    assert secret not in told.body


def test_creating_a_token_asks_for_the_password_first(world: World) -> None:
    browser = signed_in(world.member)
    for ask in (browser.get, browser.post):
        assert ask(CREATE)["Location"].startswith(reverse("account_reauthenticate"))
    assert PersonalToken.objects.count() == 0


def test_each_is_offered_where_they_may(world: World) -> None:
    inside = ["Default Project", "Production", "Research"]
    assert choices(world.project_member) == {
        "Organizations": ["Northwind"],
        "Projects of Northwind": inside,
    }
    external = choices(world.external)
    assert external["Projects of Northwind"] == ["Research"]
    assert "Northwind" not in external["Organizations"]
    archive_project(actor=Actor.of_user(world.owner), project=world.production)
    assert choices(world.owner)["Projects of Northwind"] == ["Default Project", "Research"]
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    assert choices(world.owner) == {}
    assert "You need access to an active organization or project" in words(
        freshly_signed_in(world.owner).get(CREATE)
    )


@pytest.mark.parametrize("place", ["organization", "production", "other_project", "default"])
def test_an_external_makes_none_beyond_their_project(world: World, place: str) -> None:
    response = create(world.external, getattr(world, place))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"place"}
    assert PersonalToken.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "a\x00"}),
        ("place", {"place": ""}),
        ("place", {"place": "org_00000000000000000000"}),
        ("scope", {"scope": "admin"}),
        ("scope", {"scope": ""}),
        ("days", {"days": ""}),
        ("days", {"days": "0"}),
        ("days", {"days": "367"}),
        ("days", {"days": "never"}),
        ("form_token", {"form_token": "x" * 21}),
        ("form_token", {"form_token": "é"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    world: World, field: str, data: dict[str, str]
) -> None:
    response = create(world.member, world.organization, **data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert PersonalToken.objects.count() == 0


def test_a_form_sent_twice_makes_one_token_and_shows_no_secret_again(world: World) -> None:
    form = freshly_signed_in(world.member).get(CREATE).context["form"]
    sent = {"form_token": str(form["form_token"].value())}
    secret = shown(create(world.member, world.organization, **sent))
    again = create(world.member, world.organization, **sent)
    token = PersonalToken.objects.get()
    assert (again.status_code, again["Location"]) == (302, mark_new(PAGE, [token.public_id]))
    browser = freshly_signed_in(world.member)
    page = browser.get(browser.post(CREATE, sent)["Location"])
    assert CREATED_BEFORE in words(page)
    assert secret not in page.content.decode()


def test_a_name_is_their_own_once_until_it_is_revoked(world: World) -> None:
    shown(create(world.member, world.organization))
    shown(create(world.admin, world.organization))
    taken = create(world.member, world.default)
    assert (taken.status_code, taken.context["form"].errors["name"]) == (409, [NAME_TAKEN])
    revoke_own_token(actor=Actor.of_user(world.member), token=world.member.personal_tokens.get())
    shown(create(world.member, world.default))


def test_no_one_has_more_than_a_page_can_list(world: World) -> None:
    for number in range(MAX_TOKENS):
        made(world.member, world.default, f"token {number}")
    response = create(world.member, world.default)
    assert response.status_code == 409
    assert TOO_MANY in words(response)


def test_the_key_policy_bounds_how_long_a_key_lives(world: World) -> None:
    KeyPolicy.objects.create(organization=world.organization, longest_days=3)
    shown(create(world.member, world.default, days="365"))
    token = world.member.personal_tokens.get()
    assert token.expires_at - token.created_at == 3 * DAY


def test_a_right_lost_between_the_page_and_the_post_is_read_again(world: World) -> None:
    member = world.project_member
    remove_member(actor=Actor.of_user(world.owner), membership=member.memberships.get())
    assert create(member, world.organization).status_code == 422


def test_the_list_says_what_each_is_for_and_whether_it_works(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(world.project_member, world.research, "of research", scope=TokenScope.WRITE)
    made(world.project_member, world.organization, "of all", days=7)
    made(world.member, world.organization, "of another person")
    page = words(signed_in(world.project_member).get(PAGE))
    for part in ("of research", "Research Northwind", "Read and write", "Active", "Expires soon"):
        assert part in page
    assert "of another person" not in page
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    assert "No access" in words(signed_in(world.project_member).get(PAGE))
    set_clock(monkeypatch, timezone.now() + 8 * DAY)
    assert "Expired" in words(signed_in(world.project_member).get(PAGE))


def test_without_tokens_it_says_what_they_are_for(world: World) -> None:
    page = words(signed_in(world.staff).get(PAGE))
    assert "No access tokens" in page
    assert "create an API key in a project" in page


def test_1_and_30_cost_the_same_queries(world: World) -> None:
    def cost() -> int:
        with queries() as captured:
            assert browser.get(PAGE).status_code == 200
        return len(own_queries(captured))

    browser = signed_in(world.project_member)
    made(world.project_member, world.research)
    browser.get(PAGE)
    few = cost()
    for number in range(29):
        made(world.project_member, world.organization, f"token {number}")
    assert cost() == few


def test_one_is_revoked_alone_and_for_good(world: World) -> None:
    goes, stays = made(world.member, world.default), made(world.member, world.default, "stays")
    browser, address = signed_in(world.member), f"{PAGE}{goes.token.public_id}/revoke/"
    assert "can't be undone" in words(browser.get(address))
    assert browser.post(address)["Location"] == PAGE
    page = words(browser.get(PAGE))
    assert "nightly was revoked." in page
    assert goes.token.hint not in page
    assert [call("/v3/whoami", one.secret).status_code for one in (goes, stays)] == [401, 200]
    assert "nightly is already revoked. This can't be undone." in words(browser.get(address))
    assert browser.post(address).status_code == 409
    event = AuditEvent.objects.get(act=Action.TOKEN_REVOKED)
    assert (event.actor, event.organization) == (world.member, world.organization)


def test_anothers_token_is_not_there(world: World) -> None:
    issued = made(world.member, world.default)
    unknown = f"{PAGE}pat_00000000000000000000/revoke/"
    for person in (world.owner, world.stranger, world.staff):
        browser = signed_in(person)
        for ask in (browser.get, browser.post):
            theirs, never = ask(f"{PAGE}{issued.token.public_id}/revoke/"), ask(unknown)
            assert (theirs.status_code, theirs.content) == (404, never.content)
    assert call("/v3/whoami", issued.secret).status_code == 200


def test_their_own_can_be_revoked_where_all_stands_still(world: World) -> None:
    issued = made(world.member, world.default)
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    address = f"{PAGE}{issued.token.public_id}/revoke/"
    assert signed_in(world.member).post(address).status_code == 302
