"""The filter of a usage page: what can be chosen, searching in it, and how it leads back to the report."""

from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


def page(world: World, person: str = "owner", **query: Any) -> Any:
    path = reverse("usage_filter", args=[world.research.slug])
    return signed_in(getattr(world, person)).get(path, query)


def options(response: Any, dimension: str) -> dict[str, str]:
    (group,) = [each for each in response.context["filters"] if each.dimension == dimension]
    return {option.label: option.reference for option in group.options}


def test_it_offers_every_dimension_and_keeps_the_settings_of_the_report(world: World) -> None:
    response = page(world, start="2026-11-01", measure="units", product="volumes")
    text = response.content.decode()
    assert options(response, "api_key")["notebooks"] == world.key.public_id
    assert options(response, "collaborator")["Project Member"] == world.project_member.public_id
    assert options(response, "product")["Volumes"] == "volumes"
    assert '<input type="hidden" name="start" value="2026-11-01">' in text
    assert f'action="{reverse("usage", args=["research"])}"' in text
    assert response.context["cancel_url"].endswith(
        "?start=2026-11-01&measure=units&product=volumes"
    )
    assert QueryDict(response.context["clear_url"].partition("?")[2]) == QueryDict(
        "start=2026-11-01&measure=units"
    )


def test_the_search_takes_no_notice_of_case_and_keeps_what_is_chosen(world: World) -> None:
    issued(world.research, world.owner, "Évaluation of prompts")
    found = page(world, find="EVALUATION OF")
    assert list(options(found, "api_key")) == ["Évaluation of prompts"]
    assert options(found, "product") == {}
    assert "Nothing matches “EVALUATION OF”." in words(found)
    kept = page(world, find="evaluation", api_key=world.key.public_id)
    assert set(options(kept, "api_key")) == {"Évaluation of prompts", "notebooks"}
    assert "find" not in kept.context["cancel_url"]


def test_what_only_the_search_finds_is_beyond_the_first_fifty(world: World) -> None:
    for number in range(51):
        issued(world.research, world.owner, f"key {number:02}")
    assert "key 50" not in options(page(world), "api_key")
    assert "Only the first by name are listed." in words(page(world))
    assert list(options(page(world, find="50"), "api_key")) == ["key 50"]


def test_one_and_thirty_values_cost_the_same_queries(world: World) -> None:
    counts = []
    client = signed_in(world.owner)
    path = reverse("usage_filter", args=[world.research.slug])
    client.get(path)
    for number in range(2):
        with queries() as captured:
            assert client.get(path).status_code == 200
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 30):
            issued(world.research, world.owner, f"key {each}")
    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", [{"start": "never"}, {"find": "a\x00b"}, {"product": "tea"}])
def test_bad_addresses_are_no_errors_here(world: World, query: dict[str, str]) -> None:
    assert page(world, **query).status_code == 200
