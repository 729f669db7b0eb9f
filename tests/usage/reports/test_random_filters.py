"""Random filters: the same figure on top of the page, in its table, in its chart and in its file.

A filter also never changes the color of a product, model, key, project or person.
"""

import csv
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, to_decimal
from usage.enums import Dimension, Measure
from usage.reports.formatting import format_exact_amount
from usage.reports.report import Report
from usage.reports.tags import AnyDimension

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
ITEMS = (
    ("serverless-inference", "output_tokens"),
    ("serverless-inference", "input_tokens"),
    ("volumes", "gb_hours"),
    ("code-interpreter", "sessions"),
)
MODELS = ("llama-3.3-70b", "llama-3.1-8b", "deepseek-r1", "")
STEPS = ("", "hour", "day", "week", "month")


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch, world: World) -> dict[Dimension, list[str]]:
    """Two months of usage by several keys and people, and what it can be filtered by."""
    set_clock(monkeypatch, max(NOW, timezone.now()))
    keys = [world.key, *(issued(world.research, world.owner, f"key {n}").key for n in range(9))]
    keys.append(issued(world.production, world.project_member, "deploy").key)
    set_clock(monkeypatch, NOW)
    draw = random.Random(20261125)
    for _ in range(150):
        product, item = draw.choice(ITEMS)
        model = draw.choice(MODELS[:3]) if product == "serverless-inference" else ""
        by: Any = draw.choice([*keys, world.member])
        day = NOW.date() - dt.timedelta(days=draw.randrange(60))
        place = None if by in keys else world.default
        quantity = draw.choice((1, 7, 1_234, 9_999_999))
        at = dt.time(draw.randrange(24))
        used(
            by,
            day,
            quantity=quantity,
            product=product,
            item=item,
            model=model,
            project=place,
            at=at,
        )
    return {
        Dimension.PRODUCT: [product for product, _ in ITEMS],
        Dimension.LINE_ITEM: [item for _, item in ITEMS],
        Dimension.MODEL: [model or "none" for model in MODELS],
        Dimension.PROJECT: [world.research.slug, world.production.slug, world.default.slug],
        Dimension.API_KEY: [*(key.public_id for key in keys), "none"],
        Dimension.COLLABORATOR: [
            *(each.public_id for each in (world.owner, world.member, world.project_member)),
            "none",
        ],
    }


def draw_query(draw: random.Random, values: dict[Dimension, list[str]]) -> dict[str, Any]:
    start = dt.date(2026, 10, 1) + dt.timedelta(days=draw.randrange(50))
    end = start + dt.timedelta(days=draw.choice((0, 1, 3, 7, 30)))
    query: dict[str, Any] = {
        "start": f"{start}",
        "end": f"{end}",
        "group_by": draw.choice(list(Dimension)).value,
        "granularity": draw.choice(STEPS),
        "measure": draw.choice(list(Measure)).value,
    }
    for dimension in draw.sample(list(Dimension), draw.randrange(4)):
        name = draw.choice((dimension.value, f"exclude_{dimension.value}"))
        query[name] = draw.sample(values[dimension], draw.randrange(1, 3))
    return query


def read_file(client: Client, path: str, query: dict[str, Any], column: str) -> list[Decimal]:
    answer = client.get(path, {**query, "format": "csv"})
    text = b"".join(answer.streaming_content).decode()
    return [Decimal(row[column]) for row in csv.DictReader(text.splitlines())]


def read_table(
    client: Client, path: str, query: dict[str, Any], measure: Measure
) -> Iterator[Decimal]:
    """Yields the exact amounts of all lines on all pages of the table."""
    number, pages = 1, 1
    while number <= pages:
        context: Any = client.get(path, {**query, "page": number}).context
        pages = int(context["page"]["label"].split()[-1])
        for row in context["rows"]:
            text = row.exact_cost if measure == Measure.COST else row.exact_units
            yield Decimal(text.lstrip("$"))
        number += 1


def check_colors(report: Report, colors: dict[tuple[AnyDimension, int], set[int]]) -> None:
    for group in report.groups:
        if group.series < 8:  # not of the others, which share one
            colors[report.group_by, group.key].add(group.color)


def test_page_chart_table_and_file_agree_whatever_is_filtered(
    world: World, values: dict[Dimension, list[str]], *, long_run: bool
) -> None:
    client = signed_in(world.owner)
    path = reverse("cost_analytics", args=[world.organization.slug])
    draw = random.Random(7)
    colors: dict[tuple[AnyDimension, int], set[int]] = defaultdict(set)
    with_usage = 0
    for _ in range(200 if long_run else 50):
        query = draw_query(draw, values)
        response: Any = client.get(path, query)
        assert response.status_code == 200, (query, words(response)[:1500])
        report = response.context["report"]
        measure = report.measure
        digits = COST_DIGITS if measure == Measure.COST else QUANTITY_DIGITS
        total = to_decimal(report.total, digits)
        figure = response.context["figures"][0]
        assert figure.exact == response.context["total_exact"]
        assert figure.exact == format_exact_amount(measure, report.total)
        assert figure.value == response.context["total"]
        bars = response.context["chart"].bars
        assert len(bars) == len(report.steps)
        assert sum(sum(bar.values()) for bar in report.sum_bars()) == report.total
        assert sum(read_table(client, path, query, measure)) == total, query
        column = "cost (USD)" if measure == Measure.COST else "units"
        assert sum(read_file(client, path, query, column)) == total, query
        check_colors(report, colors)
        with_usage += bool(report.total)
    assert with_usage > 15
    assert {len(seen) for seen in colors.values()} == {1}
