"""The small charts in the rows of usage pages."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from tests.support.pages import signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.reports.figures.sparks import HEIGHT, MOST_BARS, WIDTH, draw_spark


def heights(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"v-([\d.]+)", path)]


def test_bars_are_as_high_as_their_amounts_and_little_is_seen() -> None:
    assert heights(draw_spark([1, 2, 4, 0])) == [5, 10, 20]
    assert heights(draw_spark([10**18, 1])) == [HEIGHT, 1]


def test_nothing_and_a_single_bar_are_not_drawn() -> None:
    for amounts in ([], [0, 0], [5], [-3, 0]):
        assert draw_spark(amounts) == ""


def test_hours_of_a_month_are_added_up_to_what_can_be_seen() -> None:
    path = draw_spark([1] * 744)
    assert len(heights(path)) <= MOST_BARS
    assert set(heights(path)) == {HEIGHT}
    last = float(re.findall(r"M([\d.]+)", path)[-1])
    assert last < WIDTH


@pytest.mark.django_db
def test_groups_and_the_total_have_one_and_the_others_have_none(world: World) -> None:
    days = [dt.date(2026, 11, day) for day in (3, 4)]
    for number in range(10):
        key = issued(world.research, world.owner, f"key {number}").key
        for day in days:
            used(key, day, quantity=(number + 1) * 1_000)
    path = reverse("usage", args=[world.research.slug])
    query = {"start": "2026-11-01", "end": "2026-11-30", "group_by": "api_key"}
    response: Any = signed_in(world.owner).get(path, query)
    sparks = [row.total.spark for row in response.context["rows"] if row.total]
    assert [bool(spark) for spark in sparks] == [True] * 8 + [False] * 2
    assert heights(response.context["total_spark"]) == [HEIGHT, HEIGHT]
    assert response.content.decode().count('<svg width="96" height="20" aria-hidden="true">') == 9
