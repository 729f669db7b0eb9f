"""The table of a usage page with more lines than fit on a page."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World

pytestmark = pytest.mark.django_db


def page(world: World, **query: Any) -> Any:
    return signed_in(world.owner).get(reverse("usage", args=[world.research.slug]), query)


def test_long_tables_have_pages(world: World) -> None:
    for number in range(51):
        used(
            world.key,
            timezone.now().date(),
            model=f"model-{number:02}",
            quantity=1_000_000 - number,
        )
    first, second = page(world), page(world, page="2")
    assert len(first.context["rows"]) == 50
    assert [row.model for row in second.context["rows"]] == ["model-50"]
    assert "51 lines" in words(first)
    assert re.search(r'href="\?page=2" rel="next"', first.content.decode())
