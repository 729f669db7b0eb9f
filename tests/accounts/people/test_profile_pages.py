"""Profile, roles, theme, and the list of invitations that wait for oneself."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from tests.support.pages import signed_in, words
from tests.world import World, build_world, invited, invited_member, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def test_a_changed_name_is_shown_everywhere_and_audited(world: World) -> None:
    browser = signed_in(world.member)
    response = browser.post(reverse("profile"), {"name": "  Ines   Haddad "}, follow=True)
    assert "Profile saved." in words(response)
    assert "Ines Haddad" in words(response)
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor, event.organization) == (
        "user.profile_changed",
        world.member,
        None,
    )


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\x00", "\u202eabc", "\u200b\u200b"])
def test_a_bad_name_is_refused_at_its_field(world: World, name: str) -> None:
    response = signed_in(world.member).post(reverse("profile"), {"name": name})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name"}


@pytest.mark.parametrize(
    "name", ["Zoë", "李小龍", "👩‍🚀 Sally", "O'Brien-Smith", "x" * 100, "\u0645\u0631"]
)
def test_a_name_of_any_script_is_fine(world: World, name: str) -> None:
    response = signed_in(world.member).post(reverse("profile"), {"name": name}, follow=True)
    assert name in words(response)


YES = {True: "✓", False: "–"}
# The product's table: Owner, Admin, Member, External, admin API key.
ORGANIZATION = {
    "See the organization's name": "✓✓✓✓✓",
    "Read the organization's settings": "✓✓✓–✓",
    "Change the organization's settings": "✓✓––✓",
    "See the projects they can open": "✓✓✓✓✓",
    "See all projects": "✓✓––✓",
    "Create projects, within the limit": "✓✓––✓",
    "See members": "✓✓✓–✓",
    "See pending invitations to the organization": "✓✓––✓",
    "Invite and remove members, change their roles": "✓✓––✓",
    "Leave the organization": "✓✓✓––",
    "Archive and unarchive projects": "✓✓––✓",
    "See the organization's cost analytics": "✓✓––✓",
    "See the organization's budgets and those of its people": "✓✓––✓",
    "Create, change and delete the organization's budgets and those of its people": "✓✓––✓",
    "Read and export the audit log": "✓✓––✓",
    "Offer the ownership to another member": "✓––––",
    "Close the organization": "✓––––",
    "Ask support for more projects or external collaborators": "✓✓––✓",
    "See the API keys of all projects": "✓✓––✓",
    "Revoke API keys of several projects at once": "✓✓––✓",
    "Change the organization's key policy": "✓✓––✓",
    "Turn terminal login on and off": "✓✓––✓",
    "Require a second factor of members or external collaborators": "✓✓–––",
    "Create their own access tokens for the organization": "✓✓✓––",
    "See all access tokens for the organization and its projects": "✓✓––✓",
    "Revoke any access token for the organization or a project": "✓✓––✓",
    "See admin API keys": "✓✓––✓",
    "Create and revoke admin API keys": "✓✓––✓",
    "Reveal and regenerate the Organization Default Key": "✓––––",
}
# Project Admin, Project Member, External Project Admin, External Project Member.
PROJECT = {
    "Open the project": "✓✓✓✓",
    "Leave the project": "✓✓✓✓",
    "Read the project's settings": "✓✓✓✓",
    "Change the project's settings": "✓–✓–",
    "See collaborators": "✓✓✓✓",
    "See collaborators' email addresses": "✓✓✓–",
    "Add and remove collaborators, change their roles": "✓–✓–",
    "Invite, remove and change external collaborators": "✓–––",
    "See API keys": "✓✓✓✓",
    "Create, rotate and revoke API keys": "✓✓✓✓",
    "Create and rotate API keys where the key policy limits that to admins": "✓–✓–",
    "Create their own access tokens for the project": "✓✓✓✓",
    "See service accounts": "✓✓✓✓",
    "Create and remove service accounts, change their roles and tokens": "✓–✓–",
    "See the project's usage": "✓✓––",
    "See the budgets of the project and of its API keys": "✓✓––",
    "Create, change and delete budgets of the project and of its API keys": "✓–––",
    "See the limits of the project and of its API keys": "✓✓––",
    "Change the limits of the project and of its API keys": "✓–––",
}


def test_the_roles_page_shows_the_products_table(world: World) -> None:
    tables = signed_in(world.external).get(reverse("roles")).context["tables"]
    shown = [{row.permission: "".join(YES[c] for c in row.cells) for row in t.rows} for t in tables]
    assert shown == [ORGANIZATION, PROJECT]


def test_the_roles_page_has_a_row_for_each_permission_and_a_column_for_each_role(
    world: World,
) -> None:
    response = signed_in(world.member).get(reverse("roles"))
    text, source = words(response), response.content.decode()
    for permission in (*ORGANIZATION, *PROJECT):
        assert permission in text
    roles = ("Owner", "Admin", "Member", "External", "Admin API key", "Project Admin")
    for role in (*roles, "External Project Admin"):
        assert role in text
    assert source.count("<tr") == len(ORGANIZATION) + len(PROJECT) + 2


@pytest.mark.parametrize("chosen", ["light", "dark", "system"])
def test_a_chosen_theme_is_in_the_page_the_server_sends(chosen: str) -> None:
    browser = Client()
    response = browser.post(reverse("theme"), {"theme": chosen, "next": "/accounts/login/"})
    assert response["Location"] == "/accounts/login/"
    page = browser.get("/accounts/login/").content.decode()
    assert f'data-theme="{chosen}"' in page


@pytest.mark.parametrize("chosen", ["", "blue", "x" * 10000, '"><script>', "\x00"])
def test_a_theme_that_is_none_is_the_systems(chosen: str) -> None:
    browser = Client()
    browser.post(reverse("theme"), {"theme": chosen})
    assert browser.cookies["theme"].value == "system"


@pytest.mark.parametrize("cookie", ["blue", "x" * 5000, '"><script>', ""])
def test_a_forged_theme_cookie_does_not_reach_the_page(cookie: str) -> None:
    browser = Client()
    browser.cookies["theme"] = cookie
    page = browser.get("/accounts/login/").content.decode()
    assert 'data-theme="system"' in page


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        " //evil.example",
        "/\\evil.example",
        "\t//evil.example",
        "https:///evil.example",
    ],
)
@pytest.mark.parametrize("name", ["theme", "account_login", "account_logout"])
def test_no_one_is_sent_to_another_site(world: World, name: str, back: str) -> None:
    browser = signed_in(world.owner) if name != "account_login" else Client()
    data = {
        "next": back,
        "login": world.owner.email,
        "password": "northwind and contoso are made up",
    }
    response = browser.post(reverse(name), data)
    assert response.status_code == 302
    assert response["Location"] in ("/", "/accounts/login/")


@pytest.mark.parametrize("back", ["\r\nSet-Cookie: a=b", "/\r\nX: y", "/é", "/" + "x" * 10000, ""])
def test_a_strange_way_back_is_no_500(back: str) -> None:
    response = Client().post(reverse("theme"), {"theme": "dark", "next": back})
    assert response.status_code in (302, 400)
    assert "X" not in response.headers
    assert "a" not in response.cookies


def test_what_waits_for_someone_is_listed_for_them_alone(world: World) -> None:
    hire = person(world.member_invitation.email)
    other = invited(world.other_project, hire.email)
    response = signed_in(hire).get(reverse("invitations"))
    assert set(response.context["invitations"]) == {world.member_invitation, other}
    text = words(response)
    assert "Northwind" in text
    assert "Contoso" in text
    assert list(signed_in(world.owner).get(reverse("invitations")).context["invitations"]) == []


def test_an_unproved_address_shows_no_invitation(world: World) -> None:
    hire = person(world.member_invitation.email, verified=False)
    assert list(signed_in(hire).get(reverse("invitations")).context["invitations"]) == []
    path = reverse("invitation", args=[world.member_invitation.public_id])
    assert signed_in(hire).get(path).status_code == 404


def test_the_frame_says_that_an_invitation_waits(world: World) -> None:
    invited_member(world.organization, world.external.email)
    page = signed_in(world.external).get(reverse("project", args=[world.research.slug]))
    assert page.context["frame"].invitations == 1
    assert reverse("invitations") in page.content.decode()
