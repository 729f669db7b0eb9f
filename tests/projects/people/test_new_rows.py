"""A row that was just made stands first and is marked, wherever the order would have put it."""

from typing import Any

import pytest
from django.urls import reverse

from tests.support.pages import crowd, freshly_signed_in, own_queries, queries, signed_in
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def marked(response: Any, name: str) -> list[str]:
    rows = response.context[name]
    new = [row for row in rows if row.mark]
    assert rows[: len(new)] == new
    return [row.email for row in new]


def test_a_new_collaborator_stands_first_though_the_list_has_three_pages(world: World) -> None:
    crowd(world.research, 120)
    response = signed_in(world.owner).post(
        reverse("collaborator_add", args=["research"]),
        {"email": f"{world.member.email}, new@outside.example", "role": "member"},
        follow=True,
    )
    assert marked(response, "rows") == [world.member.email]
    assert marked(response, "pending") == ["new@outside.example"]
    source = response.content.decode()
    assert source.count('id="new"') == source.count('id="new-invitation"') == 1
    assert "page=2" in source
    assert "new=" not in source.split("<main")[1]


def test_new_invitations_stand_first_among_those_of_the_organization(world: World) -> None:
    response = signed_in(world.owner).post(
        reverse("member_invite", args=["northwind"]),
        {"emails": "a@outside.example", "role": "member"},
        follow=True,
    )
    assert marked(response, "pending") == ["a@outside.example"]


def test_rows_of_others_are_not_shown_and_nonsense_is_ignored(world: World) -> None:
    url = reverse("collaborators", args=["research"])
    ids = f"{world.other_row.public_id},{world.other_invitation.public_id},x,,\x00,{'a' * 999}"
    response = signed_in(world.owner).get(url, {"new": ids})
    assert marked(response, "rows") == marked(response, "pending") == []
    assert world.other_member.email not in response.content.decode()


def test_marking_takes_one_query_however_many_are_new(world: World) -> None:
    rows = crowd(world.research, 40)
    browser, url = signed_in(world.owner), reverse("collaborators", args=["research"])
    browser.get(url)
    counts = []
    for new in ([], rows[:1], rows):
        with queries() as captured:
            browser.get(url, {"new": ",".join(row.public_id for row in new)})
        counts.append(len(own_queries(captured)))
    assert counts[1] == counts[2] == counts[0] + 1


def test_a_new_key_and_a_new_token_stand_first_and_marked(world: World) -> None:
    browser = freshly_signed_in(world.owner)
    url = reverse("api_key_create", args=["research"])
    created = browser.post(url, {"name": "ci-pipeline", "expires": ""})
    rows = browser.get(created.context["cancel_url"]).context["rows"]
    assert [(row.key.name, row.mark) for row in rows] == [("ci-pipeline", "New"), ("notebooks", "")]
    filtered = f"{created.context['cancel_url'].partition('#')[0]}&q=notebooks&sort=name"
    assert [row.key.name for row in browser.get(filtered).context["rows"]] == [
        "ci-pipeline",
        "notebooks",
    ]


def test_a_new_set_of_projects_is_marked_and_takes_people_from_there(world: World) -> None:
    url = reverse("project_new_set", args=["northwind"])
    response = signed_in(world.owner).post(url, {"name": ["Staging", "Training"]}, follow=True)
    rows = response.context["rows"]
    assert [row.project.name for row in rows if row.mark] == ["Staging", "Training"]
    assert [row.project.name for row in rows if not row.may_add] == ["Default Project"]
    assert reverse("collaborator_add", args=["staging"]) in response.content.decode()


def test_the_list_of_projects_offers_to_add_people_only_to_those_who_may(world: World) -> None:
    for person, expected in {
        world.project_admin: ["Research"],
        world.project_member: [],
        world.external_admin: ["Research"],
        world.external: [],
    }.items():
        rows = signed_in(person).get(reverse("projects", args=["northwind"])).context["rows"]
        assert [row.project.name for row in rows if row.may_add] == expected, person
