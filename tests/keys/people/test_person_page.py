"""A person's page: what they have in one organization, only for those who may see it."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, User
from keys.models import AccessToken
from projects.models.collaborator import today
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import logged_in
from tests.support.pages import members, own_queries, queries, signed_in, words
from tests.world import (
    MEMBER,
    World,
    accept,
    build_world,
    external,
    invited,
    issued,
    listed,
    project_with_externals,
    set_limits,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def page(reader: User, person: User, organization: Organization) -> Any:
    url = reverse("person", args=[organization.slug, person.public_id])
    return signed_in(reader).get(url)


def test_the_page_says_what_a_member_has_and_why(world: World) -> None:
    response = page(world.admin, world.project_member, world.organization)
    rows = {row.name: row for row in response.context["project_rows"]}
    assert list(rows) == ["Default Project", "Production", "Research"]
    assert rows["Default Project"].why == "Every member has it"
    assert rows["Research"].why == "Added by Owner"
    assert rows["Research"].role_link
    assert [row.key for row in response.context["key_rows"]] == [world.key]
    text = words(response)
    assert "joined" in text
    assert "invited by Owner" in text
    assert world.project_member.public_id in text
    assert "Cost this month" in text
    assert response.context["act_url"]


def test_an_external_is_shown_with_their_projects_and_no_membership(world: World) -> None:
    text = words(page(world.owner, world.external, world.organization))
    assert "External" in text
    assert "Research" in text
    assert "Remove member" not in text
    assert "Contoso" not in text


def test_nothing_of_another_organization_is_shown(world: World) -> None:
    other = external(project_with_externals(world.other_organization, "Moon"), "moon@else.example")
    issued(other.project, other.user, "secret-rocket")
    external_row = world.external_row
    assert page(world.owner, other.user, world.organization).status_code == 404
    assert page(world.owner, world.other_member, world.organization).status_code == 404
    assert page(world.owner, world.former, world.organization).status_code == 404
    assert page(world.stranger, external_row.user, world.organization).status_code == 404


@pytest.mark.parametrize("name", ["member", "project_admin", "project_member", "external_admin"])
def test_only_owner_and_admins_may_see_it(world: World, name: str) -> None:
    person = getattr(world, name)
    assert page(person, person, world.organization).status_code == 403


def test_the_owner_of_all_projects_has_one_row_for_them(world: World) -> None:
    response = page(world.admin, world.owner, world.organization)
    (row,) = response.context["project_rows"]
    assert (row.name, row.why) == ("All projects", "Through the organization role")
    assert not response.context["act_url"]


def test_the_page_takes_the_same_queries_however_much_someone_has(world: World) -> None:
    set_limits(world.organization, world.staff, limit=20)
    (quiet, busy) = members(world.organization, 2)
    numbers = []
    for person, count in ((quiet, 1), (busy, 6)):
        for number in range(count):
            project = new_project(world, f"{person.email[:9]}{number}")
            listed(project, person, MEMBER)
            issued(project, person)
        with queries() as captured:
            response = page(world.owner, person, world.organization)
        assert len(response.context["key_rows"]) == count
        numbers.append(len(own_queries(captured)))
    assert len(set(numbers)) == 1


def test_counts_are_those_of_everything_not_only_of_what_is_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keys.people.lists.LISTED", 2)
    set_limits(world.organization, world.staff, limit=20)
    for number in range(3):
        project = new_project(world, f"Project {number}")
        row = listed(project, world.member)
        made(world.member, project, f"token {number}")
        logged_in(world.member).project_token(project)
        row.end_date = today() + dt.timedelta(days=9)
        row.save(update_fields=["end_date"])
    response = page(world.owner, world.member, world.organization)
    context = response.context
    lists = ("project_rows", "tokens", "terminals")
    assert [len(context[name]) for name in lists] == [2, 2, 2]
    numbers = ("project_number", "ending_number", "token_number", "terminal_number")
    assert [context[name] for name in numbers] == [4, 3, 3, 3]
    text = words(response)
    assert "revokes 3 access tokens" in text
    assert "Only the first 2 projects are listed." in text
    assert text.count("Only the first 2 are listed.") == 2


def new_project(world: World, name: str) -> Any:
    return world.organization.projects.create(name=name, slug=name.lower().replace(" ", "-"))


def test_members_and_collaborators_lead_there(world: World) -> None:
    url = reverse("person", args=["northwind", world.project_member.public_id])
    for name, slug in (("members", "northwind"), ("collaborators", "research")):
        address = reverse(name, args=[slug])
        assert url in signed_in(world.admin).get(address).content.decode()
        assert url not in signed_in(world.project_admin).get(address).content.decode()


def test_the_number_of_projects_opens_their_names_as_far_as_the_reader_may_know(
    world: World,
) -> None:
    address = reverse("members", args=["northwind"])

    def names(reader: User) -> list[str]:
        rows = signed_in(reader).get(address).context["rows"]
        (row,) = [row for row in rows if row.email == world.project_member.email]
        return [name for name, _ in row.named_projects]

    assert names(world.owner) == ["Production", "Research"]
    assert names(world.project_admin) == ["Research"]
    assert names(world.member) == []


def test_the_use_of_a_terminal_elsewhere_is_not_shown(world: World) -> None:
    accept(invited(world.other_project, world.external.email), world.external)
    terminal = logged_in(world.external)
    for project in (world.research, world.other_project):
        terminal.project_token(project)
    here, elsewhere = timezone.now() - dt.timedelta(days=3), timezone.now()
    AccessToken.objects.filter(project=world.research).update(last_used_at=here)
    AccessToken.objects.filter(project=world.other_project).update(last_used_at=elsewhere)
    response = page(world.owner, world.external, world.organization)
    assert [row.session.used_at for row in response.context["terminals"]] == [here]
    response = page(world.stranger, world.external, world.other_organization)
    assert [row.session.used_at for row in response.context["terminals"]] == [elsewhere]


def test_only_the_person_can_sign_out_a_terminal(world: World) -> None:
    terminals = {}
    for person in (world.owner, world.project_member):
        terminal = logged_in(person)
        terminal.project_token(world.research)
        terminals[person] = reverse("terminal_end", args=[terminal.session.public_id])
    for person, url in terminals.items():
        response = page(world.owner, person, world.organization)
        assert "Together CLI (tg)" in words(response)
        assert (url in response.content.decode()) is (person == world.owner)
