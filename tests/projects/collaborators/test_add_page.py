"""Add collaborator: a member is in at once, an outsider is invited, and what the form refuses."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Invitation, User
from projects.models import Collaborator, Project
from tests.support.pages import checked_radios, signed_in, words
from tests.world import World, build_world, invited_member, set_limits

pytestmark = pytest.mark.django_db
NEW = "somebody.new@elsewhere.example"


@pytest.fixture
def world() -> World:
    return build_world()


def add(
    user: User, project: Project, email: str, role: str = "member", *, follow: bool = True
) -> Any:
    path = reverse("collaborator_add", args=[project.slug])
    return signed_in(user).post(path, {"email": email, "role": role}, follow=follow)


def rows() -> tuple[int, int, int]:
    return Collaborator.objects.count(), Invitation.objects.count(), AuditEvent.objects.count()


def test_a_member_is_in_at_once_and_can_open_the_project(world: World) -> None:
    browser = signed_in(world.member)
    path = reverse("project", args=[world.research.slug])
    assert browser.get(path).status_code == 404
    response = add(world.project_admin, world.research, world.member.email, "admin")
    assert "Member is now a collaborator of Research." in words(response)
    assert browser.get(path).status_code == 200
    row = world.research.collaborators.get(user=world.member)
    assert (row.role, row.added_by, row.membership.user) == (
        "admin",
        world.project_admin,
        world.member,
    )


@pytest.mark.parametrize(
    "typed",
    ["MEMBER@northwind.example", "  member@northwind.example ", "ｍember@northwind.example"],
)
def test_an_address_is_the_same_however_it_is_spelled(world: World, typed: str) -> None:
    add(world.owner, world.research, typed)
    assert world.research.collaborators.filter(user=world.member).exists()


def test_an_outsider_is_invited_and_pending(world: World) -> None:
    response = add(world.owner, world.research, NEW)
    assert f"{NEW} is invited to Research and gets access when they accept." in words(response)
    assert NEW in [row.email for row in response.context["pending"]]
    assert "2 pending invitations" in words(response)
    assert not User.objects.filter(email=NEW).exists()


def test_the_answer_does_not_show_whether_an_address_has_an_account(world: World) -> None:
    known = words(add(world.owner, world.research, world.stranger.email))
    unknown = words(add(world.owner, world.research, NEW))
    assert known.count(world.stranger.email) == 2
    assert unknown.replace(NEW, "X").count("X is invited") == known.replace(
        world.stranger.email, "X"
    ).count("X is invited")
    assert world.stranger.name not in known.replace("stranger@", "")


def test_the_organizations_switch_is_named_with_who_turns_it_on(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    before = rows()
    response = add(world.owner, world.research, NEW)
    (error,) = response.context["form"].errors["email"]
    assert response.status_code == 422
    assert "not enabled for Northwind" in error
    assert "ask support" in error
    assert "Research does not allow" not in error
    assert rows() == before


def test_the_projects_switch_is_named_with_who_turns_it_on(world: World) -> None:
    response = add(world.owner, world.production, NEW)
    (error,) = response.context["form"].errors["email"]
    assert response.status_code == 422
    assert "Production does not allow external collaborators" in error
    assert "Project Admin" in error
    assert "not enabled for Northwind" not in error


def test_both_switches_are_named_when_both_are_off(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    (error,) = add(world.owner, world.production, NEW).context["form"].errors["email"]
    assert "not enabled for Northwind" in error
    assert "Production does not allow" in error


def test_a_member_is_in_even_while_externals_are_off(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    add(world.owner, world.production, world.member.email)
    assert world.production.collaborators.filter(user=world.member).exists()


def test_the_form_says_beforehand_whether_outsiders_can_be_invited(world: World) -> None:
    browser = signed_in(world.owner)
    closed = browser.get(reverse("collaborator_add", args=[world.production.slug]))
    assert closed.context["externals_closed"]
    opened = browser.get(reverse("collaborator_add", args=[world.research.slug]))
    assert opened.context["externals_possible"]


def test_for_an_external_admin_every_address_gets_the_same_answer(world: World) -> None:
    """A member, a listed one, an outsider with and one without an account, one invited already."""
    addresses = [
        world.member.email,
        world.project_member.email,
        world.external.email,
        world.stranger.email,
        NEW,
        world.invitation.email,
        world.owner.email,
        world.staff.email,
    ]
    answers = set()
    for address in addresses:
        response = add(world.external_admin, world.research, address, follow=False)
        said = [str(one) for one in signed_in_messages(response)]
        answers.add((response.status_code, response["Location"], said[0].replace(address, "X")))
    assert len(answers) == 1
    assert world.research.collaborators.filter(user=world.member).exists()
    assert Invitation.objects.filter(email__in=[NEW, world.stranger.email]).count() == 0


def signed_in_messages(response: Any) -> list[Any]:
    from django.contrib.messages import get_messages

    return list(get_messages(response.wsgi_request))


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a b@x.example", "x" * 250 + "@x.example",
     "new\x00@x.example", "\u202enew@x.example", "@x.example", "<b>@x.example", "new@x..example"],
)  # fmt: skip
def test_a_bad_address_is_refused_at_its_field(world: World, email: str) -> None:
    before = rows()
    response = add(world.owner, world.research, email)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"email"}
    assert 'aria-invalid="true"' in response.content.decode()
    assert rows() == before


@pytest.mark.parametrize("role", ["", "owner", "Admin", "ADMIN", "external", "x" * 10000])
def test_a_role_that_is_none_is_refused_at_its_field(world: World, role: str) -> None:
    before = rows()
    response = add(world.owner, world.research, NEW, role)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"role"}
    assert rows() == before


def test_someone_listed_already_is_a_conflict(world: World) -> None:
    before = rows()
    response = add(world.owner, world.research, world.project_member.email)
    assert response.status_code == 409
    assert "already a collaborator" in words(response)
    assert rows() == before


def test_someone_invited_already_is_a_conflict(world: World) -> None:
    before = rows()
    response = add(world.owner, world.research, world.invitation.email.upper())
    assert response.status_code == 409
    assert "already has an invitation" in words(response)
    assert rows() == before


def test_the_default_project_takes_no_one(world: World) -> None:
    before = rows()
    response = add(world.owner, world.default, world.member.email)
    assert response.status_code == 409
    assert "You cannot add or remove people" in words(response)
    assert rows() == before


def test_a_person_invited_to_the_organization_is_still_an_outsider(world: World) -> None:
    invited_member(world.organization, NEW)
    add(world.owner, world.research, NEW)
    assert Invitation.objects.pending().filter(email=NEW).count() == 2


def test_what_was_typed_is_still_in_the_form(world: World) -> None:
    response = add(world.owner, world.production, NEW, "admin")
    assert f'value="{NEW}"' in response.content.decode()
    assert checked_radios(response, "role") == ["admin"]


def test_a_dialog_gets_the_url_to_go_to(world: World) -> None:
    response = signed_in(world.owner).post(
        reverse("collaborator_add", args=[world.research.slug]),
        {"email": world.member.email, "role": "member"},
        headers={"X-Dialog": "1"},
    )
    assert (response.status_code, response.content) == (204, b"")
    row = world.research.collaborators.get(user=world.member)
    here = reverse("collaborators", args=[world.research.slug])
    assert response["X-Location"] == f"{here}?new={row.public_id}#new"
