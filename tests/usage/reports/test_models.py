"""Usage by model: groups, filters and files, and what a reader may know of models."""

import csv
import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 3)
SMALL, LARGE = "llama-3.1-8b", "llama-3.3-70b"


@pytest.fixture
def usage_of_models(world: World) -> None:
    used(world.key, DAY, model=SMALL, quantity=1_000_000)
    used(world.key, DAY, model=SMALL, item="input_tokens", quantity=2_000_000)
    used(world.key, DAY, model=LARGE, quantity=4_000_000)
    used(world.key, DAY, product="volumes", item="gb_hours", model="", quantity=3)
    used(world.other_key, DAY, model="a-secret-of-contoso")


PERIOD = {"start": "2026-11-01", "end": "2026-11-30"}


def page(world: World, **query: Any) -> Any:
    url = reverse("usage", args=[world.research.slug])
    return signed_in(world.owner).get(url, {**PERIOD, **query})


def names(response: Any) -> list[str]:
    rows = response.context["rows"]
    return [row.total.name.text for row in rows if row.total]


@pytest.mark.usefixtures("usage_of_models")
def test_lines_stand_below_their_model(world: World) -> None:
    response = page(world, group_by="model")
    assert set(names(response)) == {SMALL, LARGE, "No model"}
    items = {row.item for row in response.context["rows"]}
    assert items == {"Output tokens", "Input tokens", "GB-hours"}
    assert response.context["report"].total == page(world).context["report"].total


@pytest.mark.usefixtures("usage_of_models")
def test_models_are_filtered_by_name(world: World) -> None:
    only = page(world, group_by="model", model=[SMALL])
    without = page(world, group_by="model", exclude_model=[SMALL])
    assert names(only) == [SMALL]
    assert set(names(without)) == {LARGE, "No model"}
    parts = [each.context["report"].total for each in (only, without)]
    assert sum(parts) == page(world).context["report"].total
    assert names(page(world, group_by="model", model="none")) == ["No model"]


@pytest.mark.usefixtures("usage_of_models")
def test_the_filter_offers_the_models_that_were_used(world: World) -> None:
    path = reverse("usage_filter", args=[world.research.slug])
    filters = signed_in(world.owner).get(path, PERIOD).context["filters"]
    (group,) = [g for g in filters if g.dimension == "model"]
    assert {option.label for option in group.options} == {SMALL, LARGE, "No model"}


@pytest.mark.usefixtures("usage_of_models")
def test_a_model_of_another_customer_is_answered_like_an_unknown_model(world: World) -> None:
    for name in ("a-secret-of-contoso", "no-such-model"):
        response = page(world, model=name)
        assert response.status_code == 422
        assert f"Model: there is no {name}." in words(response)


@pytest.mark.usefixtures("usage_of_models")
def test_the_file_has_what_the_page_has(world: World) -> None:
    response = page(world, group_by="model", model=LARGE, format="csv")
    text = b"".join(response.streaming_content).decode()
    assert {row["model"] for row in csv.DictReader(text.splitlines())} == {LARGE}


@pytest.mark.usefixtures("usage_of_models")
def test_a_model_stays_chosen_in_periods_without_its_usage(world: World) -> None:
    used(world.key, DAY, model="our-own-finetune")
    for start, end in (("2026-11-04", "2026-11-05"), ("2026-01-01", "2026-01-31")):
        response = page(world, model="our-own-finetune", start=start, end=end)
        assert response.status_code == 200
        assert "No matching usage" in words(response)
