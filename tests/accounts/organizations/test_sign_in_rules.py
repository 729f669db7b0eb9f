"""An organization requires a second factor: who sees what, and what their programs get."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEvent, Organization, User
from accounts.models.principals import Principal
from keys.api_keys.services import revoke_key
from projects.models import Project
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.endings import lower_role
from tests.keys.helpers.gateway_client import auth
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import logged_in
from tests.support.factors import code_of, with_app
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World, issued, listed

pytestmark = pytest.mark.django_db
REQUIRED = "Northwind requires a second factor"
EVERYBODY = ("owner", "admin", "member", "project_admin", "project_member")
EXTERNALS = ("external", "external_admin")


def path(world: World) -> str:
    return reverse("sign_in_rules", args=[world.organization.slug])


def require(world: World, *, members: bool = True, externals: bool = False) -> None:
    Organization.objects.filter(pk=world.organization.pk).update(
        second_factor_required=members, second_factor_required_of_externals=externals
    )


def ask_who(secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return int(Client().get("/v3/whoami", headers=headers).status_code)


def pages(world: World) -> list[str]:
    slug, research = world.organization.slug, world.research.slug
    return [
        reverse("organization", args=[slug]),
        reverse("members", args=[slug]),
        reverse("project", args=[research]),
        reverse("api_keys", args=[research]),
    ]


def test_only_people_with_a_second_factor_can_require_it(world: World) -> None:
    client = freshly_signed_in(world.owner)
    refused = client.post(path(world), {"members": "on"})
    assert refused.status_code == 409
    assert "to your own account first" in words(refused)
    with_app(world.owner)
    client = freshly_signed_in(world.owner)
    assert client.post(path(world), {"members": "on", "externals": "on"}).status_code == 302
    world.organization.refresh_from_db()
    assert world.organization.second_factor_required
    (event,) = AuditEvent.objects.filter(act="sign_in_rules.changed")
    assert event.after == {"members": True, "externals": True}
    for user in (world.member, world.external):
        (mail,) = [m for m in mailed_to(user.email) if "now requires a second factor" in m.subject]
        assert f"{world.owner.name} changed the sign-in rules of Northwind" in mail.body
        assert reverse("security") in mail.body
    assert not any("now requires" in m.subject for m in mailed_to(world.owner.email))


@pytest.mark.parametrize("name", EVERYBODY)
def test_members_without_a_second_factor_get_a_page_that_helps_and_nothing_else(
    world: World, name: str
) -> None:
    require(world)
    user: User = getattr(world, name)
    client = signed_in(user)
    for page in pages(world):
        answer = client.get(page)
        assert answer.status_code in (403, 404), page
        if answer.status_code == 403:
            assert REQUIRED in words(answer)
            assert reverse("security") in answer.content.decode()
    assert client.post(pages(world)[1] + "leave/").status_code == 403
    listed = words(client.get(reverse("organizations")))
    assert REQUIRED in listed
    found = client.get(reverse("search"), {"q": "research"})
    assert "Research" not in words(found)
    assert client.get(reverse("security")).status_code == 200
    assert user.memberships.filter(organization=world.organization).exists()


def test_with_a_second_factor_everything_is_as_before(world: World) -> None:
    require(world)
    with_app(world.member)
    client = signed_in(world.member)
    assert client.get(pages(world)[0]).status_code == 200


@pytest.mark.parametrize("name", [*EVERYBODY, *EXTERNALS])
def test_nobody_is_locked_out_for_ever(world: World, name: str) -> None:
    """In a session that lives: refused at once, helped, and let in again by their own act."""
    user: User = getattr(world, name)
    client = freshly_signed_in(user)
    page = reverse("project", args=[(world.default if name == "member" else world.research).slug])
    assert client.get(page).status_code == 200
    require(world, externals=True)
    refused = client.get(page)
    assert (refused.status_code, REQUIRED in words(refused)) == (403, True)
    assert client.get(reverse("security")).status_code == 200
    key = re.search(
        r'class="secret">([A-Z2-7 ]+)<', client.get(reverse("app_set_up")).content.decode()
    )
    assert key
    form = {"code": code_of(key[1].replace(" ", "")), "name": "Phone"}
    assert client.post(reverse("app_set_up"), form).status_code == 200
    assert client.get(page).status_code == 200


def test_terminals_are_refused_with_the_reason_and_keys_are_not(world: World) -> None:
    """Keys and admin keys belong to the project and the organization, not to people."""
    terminal = logged_in(world.project_member)
    token = terminal.project_token(world.research)
    admin_key = issue_admin_key(world.owner, world.organization).secret
    key = issued(world.research, world.project_member, "of a service").secret
    require(world)
    answer = Client().get("/v3/whoami", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["error"]["code"] == "second_factor_required"
    switched = terminal.switch(world.default)
    assert switched.status_code == 400
    assert REQUIRED in switched.json()["error_description"]
    assert ask_who(admin_key) == 200
    assert auth(key).status_code == 200
    with_app(world.project_member)
    assert ask_who(token) == 200


def test_externals_have_their_own_switch(world: World) -> None:
    require(world)
    project = reverse("project", args=[world.research.slug])
    assert signed_in(world.external).get(project).status_code == 200
    require(world, members=False, externals=True)
    assert signed_in(world.external).get(project).status_code == 403
    assert signed_in(world.owner).get(project).status_code == 200
    assert world.external.collaborations.exists()


def test_an_outsider_still_gets_the_answer_for_an_unknown_one(world: World) -> None:
    require(world, externals=True)
    for user in (world.stranger, world.former):
        client = signed_in(user)
        unknown = client.get("/settings/organization/does-not-exist/")
        assert client.get(pages(world)[0]).content == unknown.content


def test_home_helps_too(world: World) -> None:
    Organization.objects.filter(memberships__user=world.member).update(second_factor_required=True)
    answer = signed_in(world.member).get("/")
    assert answer.status_code == 403
    assert "requires a second factor" in words(answer)


def test_staff_who_view_as_a_member_still_see_it(world: World) -> None:
    require(world)
    viewing = Principal.of_user(world.member, viewed_in=world.organization.pk)
    assert Organization.objects.visible_to(viewing).exists()
    assert not Project.objects.visible_to(Principal.of_user(world.member)).filter(
        organization=world.organization
    )


def test_access_tokens_are_refused_with_the_reason(world: World) -> None:
    text = made(world.project_member, world.research).secret
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().get("/v3/whoami", headers=headers).status_code == 200
    require(world)
    answer = Client().get("/v3/whoami", headers=headers)
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert error["code"] == "second_factor_required"
    assert REQUIRED in error["message"]
    with_app(world.project_member)
    assert Client().get("/v3/whoami", headers=headers).status_code == 200


def test_a_role_lowered_meanwhile_ends_no_token_that_it_still_allows(world: World) -> None:
    """Lacking a factor is no loss of a role: what it pauses works again later."""
    listed(world.production, world.admin)
    kept = [
        made(world.admin, world.production, "kept").secret,
        logged_in(world.admin).project_token(world.production),
    ]
    lost = [
        made(world.admin, world.research, "lost").secret,
        logged_in(world.admin).project_token(world.research),
    ]
    with_app(world.owner)
    require(world)
    lower_role(world, world.admin)
    assert [ask_who(secret) for secret in kept] == [401, 401]
    with_app(world.admin)
    assert [ask_who(secret) for secret in kept] == [200, 200]
    assert [ask_who(secret) for secret in lost] == [401, 401]


def test_people_without_a_second_factor_are_emailed_that_their_key_was_revoked(
    world: World,
) -> None:
    key = issued(world.research, world.project_admin, "of a service").key
    require(world)
    with_app(world.owner)
    revoke_key(actor=Actor.of_user(world.owner), key=key)
    assert any("revoked" in m.subject for m in mailed_to(world.project_admin.email))


def test_the_last_factor_stays_while_it_is_required(world: World) -> None:
    with_app(world.member)
    require(world)
    answer = freshly_signed_in(world.member).post(reverse("app_remove"))
    assert answer.status_code == 409
    assert REQUIRED in words(answer)
    assert world.member.has_second_factor


def test_invitations_of_someone_without_one_stand(world: World) -> None:
    """Nobody who depends on a person who lacks one is shut out with them."""
    require(world)
    invitation = world.member_invitation
    newcomer = Client()
    assert newcomer.get(reverse("invitation", args=[invitation.public_id])).status_code in (
        302,
        404,
    )
    absent = Principal.of_absent(invitation.invited_by)
    assert Organization.objects.visible_to(absent).filter(pk=world.organization.pk).exists()
