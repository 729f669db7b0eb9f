"""The collaborators page: who is listed, what each reader sees of them, filter and sort."""

from operator import attrgetter
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from projects.collaborator_rows import CollaboratorRow
from projects.models import Project
from tests.support.pages import crowd, signed_in, words
from tests.world import World, build_world, set_limits

pytestmark = pytest.mark.django_db


def removal_url(row: CollaboratorRow) -> str:
    """The URL behind *Remove user* in the menu of a row; empty without it."""
    return row.menu.removal.url if row.menu and row.menu.removal else ""


@pytest.fixture
def world() -> World:
    return build_world()


def page(user: User, project: Project, **query: str) -> Any:
    response = signed_in(user).get(reverse("collaborators", args=[project.slug]), query)
    assert response.status_code == 200
    return response


def names(response: Any) -> list[str]:
    return [row.name for row in response.context["rows"]]


def test_everyone_listed_is_on_the_page_and_no_one_of_another_company(world: World) -> None:
    response = page(world.owner, world.research)
    assert names(response) == [
        "External",
        "External.Admin".replace(".", " "),
        "Project Admin",
        "Project Member",
    ]
    assert "contoso" not in response.content.decode().lower()


def test_the_summary_counts_rows_and_pending_invitations(world: World) -> None:
    assert "4 collaborators, 1 pending invitation" in words(page(world.owner, world.research))
    assert "1 collaborator" in words(page(world.owner, world.production))


def test_owner_and_admins_stand_in_a_block_of_their_own_uncounted(world: World) -> None:
    response = page(world.project_member, world.research)
    assert [row.kind for row in response.context["through_role"]] == ["Owner", "Admin"]
    assert "through organization role" in words(response)
    assert response.context["summary"].startswith("4 collaborators")


def test_an_admin_who_is_listed_too_is_in_both_places(world: World) -> None:
    signed_in(world.owner).post(
        reverse("collaborator_add", args=[world.research.slug]),
        {"email": world.admin.email, "role": "member"},
    )
    response = page(world.owner, world.research)
    assert "Admin" in names(response)
    assert "Admin" in [row.name for row in response.context["through_role"]]


@pytest.mark.parametrize("reader", ["owner", "project_admin", "project_member", "external_admin"])
def test_those_who_may_see_addresses_see_them(world: World, reader: str) -> None:
    text = words(page(getattr(world, reader), world.research))
    for shown in (world.project_admin, world.external, world.owner):
        assert shown.email in text
    assert world.invitation.email in text


def test_an_external_member_sees_names_and_no_address_but_their_own(world: World) -> None:
    response = page(world.external, world.research)
    source = response.content.decode()
    assert world.project_admin.name in source
    assert world.owner.name in source
    assert "@" not in source.replace(world.external.email, "")
    assert world.invitation.email not in source


@pytest.mark.parametrize(
    "text", ["northwind.example", "project.admin@", "@", "invited", "owner@northwind"]
)
def test_an_external_member_cannot_find_people_by_address(world: World, text: str) -> None:
    response = page(world.external, world.research, q=text)
    assert names(response) == []
    assert response.context["pending"] == []


def test_others_find_people_by_name_and_by_address(world: World) -> None:
    assert names(page(world.project_member, world.research, q="PROJECT.ADMIN@")) == [
        "Project Admin"
    ]
    assert names(page(world.external, world.research, q="project adm")) == ["Project Admin"]
    response = page(world.project_member, world.research, q="invited@")
    assert [row.email for row in response.context["pending"]] == [world.invitation.email]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"role": "admin"}, {"External Admin", "Project Admin"}),
        ({"role": "member"}, {"External", "Project Member"}),
        ({"type": "external"}, {"External", "External Admin"}),
        ({"type": "member"}, {"Project Admin", "Project Member"}),
        ({"type": "external", "role": "admin"}, {"External Admin"}),
        ({"type": "owner"}, set()),
        ({"role": "emperor"}, {"External", "External Admin", "Project Admin", "Project Member"}),
        (
            {"type": "x", "sort": "y"},
            {"External", "External Admin", "Project Admin", "Project Member"},
        ),
    ],
)
def test_the_filter_is_in_the_address(
    world: World, query: dict[str, str], expected: set[str]
) -> None:
    response = page(world.owner, world.research, **query)
    assert set(names(response)) == expected
    assert len(names(response)) == len(expected)


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "a'b", '"', "(", "\x00", "ð"])
def test_signs_with_a_meaning_elsewhere_are_only_text(world: World, text: str) -> None:
    found = names(page(world.owner, world.research, q=text))
    assert found == ([] if text != "\x00" else names(page(world.owner, world.research)))


def test_sorts_by_person_role_and_time(world: World) -> None:
    crowd(world.research, 10)
    for sort, key in (("person", "name"), ("role", "role"), ("added", "added.iso")):
        upward = [
            attrgetter(key)(row)
            for row in page(world.owner, world.research, sort=sort).context["rows"]
        ]
        fall = page(world.owner, world.research, sort=f"-{sort}").context["rows"]
        assert [str(one).lower() for one in upward] == sorted(str(one).lower() for one in upward)
        assert [attrgetter(key)(row) for row in fall] == sorted(upward, reverse=True)


def test_a_heading_says_how_the_list_is_sorted_and_turns_it_round(world: World) -> None:
    response = page(world.owner, world.research, sort="person", q="project")
    link = response.context["columns"]["person"].sort
    assert link.direction == "ascending"
    assert "sort=-person" in link.url
    assert "q=project" in link.url
    assert 'aria-sort="ascending"' in response.content.decode()


def test_a_search_without_result_says_so_and_offers_to_clear_it(world: World) -> None:
    response = page(world.owner, world.research, q="nobody-has-this-name")
    assert response.context["filters"].is_filtered
    assert (
        f'href="{reverse("collaborators", args=[world.research.slug])}"'
        in response.content.decode()
    )


def test_the_default_project_has_no_add_and_no_remove_and_says_why(world: World) -> None:
    response = page(world.owner, world.default)
    source = response.content.decode()
    assert response.context["rows"] == []
    for part in ("/add/", "/remove/", "/role/", "/leave/"):
        assert part not in source
    assert "You cannot add or remove people" in words(response)


def test_controls_are_absent_for_those_who_may_not_use_them(world: World) -> None:
    for reader in (world.project_member, world.external):
        response = page(reader, world.research)
        assert response.context["add_url"] == ""
        assert all(not row.role_link and not removal_url(row) for row in response.context["rows"])
        assert all(not row.base for row in response.context["pending"])
        for part in ("/add/", "/remove/", "/role/", "/withdraw/"):
            assert part not in response.content.decode()


def test_an_external_admin_has_controls_for_members_and_not_for_other_externals(
    world: World,
) -> None:
    rows = {row.name: row for row in page(world.external_admin, world.research).context["rows"]}
    assert removal_url(rows["Project Member"])
    assert removal_url(rows["Project Admin"])
    assert removal_url(rows["External Admin"])  # that is themselves
    assert (removal_url(rows["External"]), rows["External"].role_link) == ("", None)


def test_switching_externals_off_warns_while_some_are_inside(world: World) -> None:
    assert page(world.owner, world.research).context["externals_off_warning"] == ""
    set_limits(world.organization, world.staff, limit=5, externals=False)
    assert "keep it until you remove them" in words(page(world.owner, world.research))
    assert page(world.external, world.research).status_code == 200


def test_only_those_listed_are_offered_to_leave(world: World) -> None:
    assert page(world.project_member, world.research).context["leave_url"]
    assert page(world.owner, world.research).context["leave_url"] == ""


def test_a_name_with_markup_is_shown_as_text(world: World) -> None:
    world.project_member.name = "<b onmouseover=x>Bob</b> & co"
    world.project_member.save(update_fields=["name"])
    source = page(world.owner, world.research).content.decode()
    assert "<b onmouseover" not in source
    assert "&lt;b onmouseover=x&gt;Bob" in source
