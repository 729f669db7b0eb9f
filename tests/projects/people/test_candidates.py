"""Members suggested while a name is typed: only to those who may see them, a few at a time, not too fast."""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings

from console.service_urls import REDIS_OPTIONS
from tests.support.pages import members, own_queries, queries, signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
BY_SCRIPT = {"X-Candidates": "1"}


@pytest.fixture
def world() -> World:
    return build_world()


def url(name: str = "collaborator_candidates", slug: str = "research") -> str:
    return reverse(name, args=[slug])


@pytest.mark.parametrize("text", ["project mem", "PROJECT.MEMBER@", "member project"])
def test_members_are_found_by_name_and_address(world: World, text: str) -> None:
    response = signed_in(world.owner).get(url(), {"q": text}, headers=BY_SCRIPT)
    (candidate,) = response.context["candidates"]
    assert candidate.user == world.project_member
    assert (candidate.note, candidate.is_choosable) == ("Already in", False)
    assert "<main" not in response.content.decode()
    assert "no-store" in response["Cache-Control"]


def test_without_script_a_choice_leads_back_to_the_form(world: World) -> None:
    browser = signed_in(world.project_admin)
    page = browser.get(url(), {"q": "member@northwind"})
    link = f"{reverse('collaborator_add', args=['research'])}?email=member%40northwind.example"
    assert link in page.content.decode()
    assert 'value="member@northwind.example"' in browser.get(link).content.decode()


def test_no_one_outside_the_organization_is_suggested(world: World) -> None:
    for text in ("external", "stranger", "contoso", "partner"):
        response = signed_in(world.owner).get(url(), {"q": text})
        assert response.context["candidates"] == [], text


def test_an_external_admin_is_offered_no_suggestions(world: World) -> None:
    browser = signed_in(world.external_admin)
    assert browser.get(url(), {"q": "owner"}, headers=BY_SCRIPT).status_code == 403
    form = browser.get(reverse("collaborator_add", args=["research"]))
    assert url() not in form.content.decode()


def test_the_owner_is_not_suggested_as_the_new_owner(world: World) -> None:
    response = signed_in(world.owner).get(url("ownership_candidates", "northwind"))
    people = [candidate.user for candidate in response.context["candidates"]]
    assert world.owner not in people
    assert world.member in people
    assert "Find a member" in words(response)


def test_a_deleted_account_is_not_suggested(world: World) -> None:
    world.member.is_active = False
    world.member.save(update_fields=["is_active"])
    response = signed_in(world.owner).get(url(), {"q": "member@"})
    assert [one.user for one in response.context["candidates"]] == [world.project_member]


def test_few_are_suggested_in_the_same_number_of_queries(world: World) -> None:
    browser = signed_in(world.owner)
    members(world.organization, 20)
    browser.get(url(), headers=BY_SCRIPT)  # begins to count this minute's requests
    numbers, lengths = [], []
    for text in ("member@northwind", "crowd"):
        with queries() as captured:
            response = browser.get(url(), {"q": text}, headers=BY_SCRIPT)
        numbers.append(len(own_queries(captured)))
        lengths.append(len(response.context["candidates"]))
    assert lengths == [2, 8]
    assert len(set(numbers)) == 1


def test_asking_faster_than_people_type_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.members.candidates.MOST_IN_A_MINUTE", 3)
    monkeypatch.setattr("accounts.members.candidates.time", lambda: 0.0)
    browser = signed_in(world.owner)
    answers = [browser.get(url(), {"q": "a"}, headers=BY_SCRIPT) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert signed_in(world.admin).get(url(), headers=BY_SCRIPT).status_code == 200


@pytest.mark.parametrize(
    "cache",
    [
        {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},  # what is written is lost
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": REDIS_OPTIONS,
        },
    ],
    ids=["not written", "away"],
)
def test_suggestions_are_let_through_when_they_cannot_be_counted(
    world: World, settings: Settings, caplog: pytest.LogCaptureFixture, cache: dict[str, Any]
) -> None:
    browser = signed_in(world.owner)
    settings.CACHES = {"default": cache}
    answer = browser.get(url(), {"q": "a"}, headers=BY_SCRIPT)
    assert answer.status_code == 200
    assert "not counted" in caplog.text
