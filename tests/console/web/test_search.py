"""Search or jump to: it finds what somebody may see, and nothing else."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from console.operations.search_texts import refresh_search_texts
from keys.api_keys.services import revoke_key
from tests.support.pages import crowd, own_queries, queries, signed_in, words
from tests.world import World, build_world, issued, join, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def found(user: User, text: str) -> dict[str, list[str]]:
    response = signed_in(user).get(reverse("search"), {"q": text})
    assert response.status_code == 200
    return {one.title: [r.label for r in one.results] for one in response.context["sections"]}


def test_without_a_text_it_offers_the_pages_at_hand(world: World) -> None:
    assert found(world.owner, "")["Pages"][:2] == ["Overview", "Collaborators"]


def test_it_offers_ones_own_pages_below_those_of_the_side(world: World) -> None:
    assert found(world.owner, "")["Pages"][11:] == [
        "Profile",
        "Organizations",
        "Invitations",
        "Notifications",
        "Roles",
        "Early access",
        "Help",
        "Email address",
        "Password",
    ]


def test_it_finds_pages_projects_organizations_and_people(world: World) -> None:
    assert found(world.owner, "memb")["Pages"] == ["Members"]
    assert found(world.owner, "resea")["Projects"] == ["Research"]
    assert found(world.owner, world.research.public_id)["Projects"] == ["Research"]
    assert found(world.owner, "northw")["Organizations"] == ["Northwind"]
    assert found(world.owner, "project.member@")["People"] == ["Project Member"]
    assert found(world.owner, "external@partner")["People"] == ["External"]


def test_a_page_one_may_not_open_is_not_offered(world: World) -> None:
    assert found(world.admin, "audit")["Pages"] == ["Audit log"]
    assert found(world.member, "audit") == {}


def test_projects_one_is_not_in_are_not_found(world: World) -> None:
    assert found(world.member, "Research") == {}
    assert found(world.external, "Production") == {}
    assert found(world.owner, "Rockets") == {}


def test_people_of_other_organizations_are_not_found(world: World) -> None:
    assert found(world.owner, "contoso") == {}
    assert found(world.stranger, "northwind.example") == {}


def test_keys_are_found_by_name_hint_and_id_in_projects_one_is_in(world: World) -> None:
    revoked = issued(world.research, world.owner, "old-laptop").key
    revoke_key(actor=Actor.of_user(world.owner), key=revoked)
    for text in ("noteb", world.key_secret[3:7], world.key.public_id):
        assert found(world.external, text)["API keys"] == ["notebooks"]
        assert "API keys" not in found(world.member, text)
        assert "API keys" not in found(world.stranger, text) or text == "noteb"
    assert found(world.owner, "old-l")["API keys"] == ["old-laptop"]
    assert "API keys" not in found(world.owner, world.key_secret)
    assert "API keys" not in found(world.owner, "Organization Default")
    response = signed_in(world.owner).get(reverse("search"), {"q": "old-laptop"})
    [section] = response.context["sections"]
    result = section.results[0]
    assert result.note == "Research · Revoked"
    assert "old-laptop" in words(signed_in(world.owner).get(result.url))


def test_an_external_finds_the_people_of_their_project_alone(world: World) -> None:
    assert found(world.external, "Project Member")["People"] == ["Project Member"]
    assert found(world.external, "Owner") == {}


def test_who_may_not_see_addresses_finds_nobody_by_one(world: World) -> None:
    assert found(world.external, "project.member@northwind") == {}
    assert found(world.external_admin, "project.member@northwind")["People"] == ["Project Member"]


def test_what_is_typed_is_shown_as_text(world: World) -> None:
    response = signed_in(world.owner).get(reverse("search"), {"q": "<b>\x00"})
    assert "&lt;b&gt;" in response.content.decode()


def test_its_queries_do_not_grow_with_what_is_found(world: World) -> None:
    browser, counts = signed_in(world.owner), []
    for number in (1, 30):
        crowd(world.research, number, f"found{number}")
        with queries() as captured:
            browser.get(reverse("search"), {"q": "Person"})
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1] <= 10


def test_addresses_one_may_not_see_do_not_even_crowd_out_who_is_found(world: World) -> None:
    crowd(world.research, 60)
    last = join(world.organization, "zed@northwind.example")
    User.objects.filter(pk=last.pk).update(name="Zed Crowd")
    listed(world.research, last)
    User.objects.filter(email__startswith="crowd").update(name="Somebody")
    refresh_search_texts(every_row=True)  # `update` does not compute them
    assert found(world.external, "crowd")["People"] == ["Zed Crowd"]
    assert len(found(world.external_admin, "crowd")["People"]) > 1
