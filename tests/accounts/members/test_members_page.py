"""The members page and the organization's own pages: who reads what, filter and sort."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from tests.support.pages import members, signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
EVERYBODY = {"Owner", "Admin", "Member", "Project Admin", "Project Member"}


@pytest.fixture
def world() -> World:
    return build_world()


def page(user: User, world: World, **query: str) -> Any:
    response = signed_in(user).get(reverse("members", args=[world.organization.slug]), query)
    assert response.status_code == 200
    return response


def names(response: Any) -> list[str]:
    return [one.user.name for one in response.context["page"].rows]


def test_members_are_listed_and_externals_are_not(world: World) -> None:
    response = page(world.member, world)
    assert set(names(response)) == EVERYBODY
    assert world.external.name not in set(names(response))
    assert world.external.email not in response.content.decode()
    assert "contoso" not in response.content.decode().lower()


def test_pending_invitations_are_for_those_who_invite(world: World) -> None:
    assert world.member_invitation.email in words(page(world.admin, world))
    assert world.member_invitation.email not in words(page(world.member, world))
    # An invitation to one project is no member to come.
    assert world.invitation.email not in words(page(world.admin, world))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "project"}, {"Project Admin", "Project Member"}),
        ({"q": "OWNER@northwind"}, {"Owner"}),
        ({"role": "admin"}, {"Admin"}),
        ({"role": "member", "q": "admin"}, {"Project Admin"}),
        ({"role": "emperor"}, EVERYBODY),
        ({"q": "%"}, set()),
    ],
)
def test_the_filter_is_in_the_address(
    world: World, query: dict[str, str], expected: set[str]
) -> None:
    response = page(world.member, world, **query)
    assert set(names(response)) == expected
    assert response.context["total"] == len(expected)


def test_sorts_by_name_without_regard_to_case(world: World) -> None:
    world.member.name = "abel"
    world.member.save(update_fields=["name"])
    assert names(page(world.owner, world, sort="name"))[0] == "abel"
    assert names(page(world.owner, world, sort="-name"))[-1] == "abel"


def test_the_owner_alone_is_offered_to_make_someone_else_owner(world: World) -> None:
    offer = "transfer/?email=member%40northwind.example"
    assert offer in page(world.owner, world).content.decode()
    assert "transfer/?email=owner" not in page(world.owner, world).content.decode()
    assert "transfer/?email=" not in page(world.admin, world).content.decode()


def test_the_list_changes_nothing_by_itself(world: World) -> None:
    """Its only form copies the link of a pending invitation."""
    source = page(world.owner, world).content.decode()
    main = source[source.index("<main") : source.index("</main")]
    forms = [form.partition(">")[0] for form in main.split("<form ")[1:]]
    assert [form for form in forms if 'method="post"' in form and "/link/" not in form] == []


def test_fifty_members_stand_on_a_page(world: World) -> None:
    members(world.organization, 60)
    response = page(world.owner, world)
    assert len(names(response)) == 50
    assert "Page 1 of 2" in words(response)


def test_the_overview_names_the_owner_for_members(world: World) -> None:
    path = reverse("organization", args=[world.organization.slug])
    assert "Owner" in words(signed_in(world.member).get(path))


def test_an_external_sees_the_organizations_name_and_no_address_of_its_people(world: World) -> None:
    path = reverse("organization", args=[world.organization.slug])
    response = signed_in(world.external).get(path)
    assert "Northwind" in words(response)
    source = response.content.decode()
    assert world.owner.email not in source
    for name in ("organization_settings", "members", "project_new"):
        assert reverse(name, args=[world.organization.slug]) not in source


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00", "\u202eabc", "\u200b"])
def test_an_organization_cannot_get_a_bad_name(world: World, name: str) -> None:
    path = reverse("organization_settings", args=[world.organization.slug])
    response = signed_in(world.owner).post(path, {"name": name})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"name"}
    world.organization.refresh_from_db()
    assert world.organization.name == "Northwind"


def test_limits_are_shown_and_not_changed_by_a_customer(world: World) -> None:
    path = reverse("organization_settings", args=[world.organization.slug])
    browser = signed_in(world.owner)
    assert "upport" in words(browser.get(path))
    browser.post(path, {"name": "N", "project_limit": "99", "slug": "mine", "is_staff": "1"})
    world.organization.refresh_from_db()
    assert (world.organization.name, world.organization.project_limit) == ("N", 5)
    assert world.organization.slug == "northwind"


def test_a_member_reads_the_settings_without_a_form(world: World) -> None:
    path = reverse("organization_settings", args=[world.organization.slug])
    response = signed_in(world.member).get(path)
    assert "Northwind" in words(response)
    assert 'name="name"' not in response.content.decode()
