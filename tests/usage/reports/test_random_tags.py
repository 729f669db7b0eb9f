"""Random tags and usage: each value comes to what a walk over all events says, and all to the whole."""

import csv
import datetime as dt
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from keys.models import ApiKey
from projects.models import Project
from tests.support.pages import signed_in
from tests.usage.helpers.factories import PRICES, used
from tests.usage.helpers.tags import tagged
from tests.world import World, issued
from usage.amounts import COST_DIGITS, compute_cost
from usage.reports.labels import fetch_labels
from usage.reports.report import Report

pytestmark = pytest.mark.django_db
FIRST, LAST, DAY = dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.timedelta(days=1)
NAMES, VALUES = ("team", "env"), ("a", "b", "c")
TIMES = (dt.time(0), dt.time(12), dt.time(23, 59, 59))
Owner = Project | ApiKey


@dataclass
class History:
    """Days with tags, and what usage of each value costs in 10⁻¹⁰ USD, by name and value ('' for none)."""

    draw: random.Random
    periods: dict[tuple[Owner, str], list[tuple[dt.date, dt.date | None, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    costs: dict[str, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )

    def tag(self, owner: Owner, name: str) -> None:
        """Some periods one after the other, with and without days between them."""
        day = FIRST - self.draw.randrange(20) * DAY
        while self.draw.random() < 0.75 and day < LAST:
            start = day + self.draw.randrange(5) * DAY
            end = start + self.draw.randrange(1, 12) * DAY if self.draw.random() < 0.8 else None
            value = self.draw.choice(VALUES)
            tagged(owner, name, value, start, end)
            self.periods[owner, name].append((start, end, value))
            if end is None:
                return
            day = end

    def find_value(self, owner: Owner, name: str, day: dt.date) -> str:
        for start, end, value in self.periods[owner, name]:
            if start <= day and (end is None or day < end):
                return value
        return ""

    def use(self, by: Any, billed: Project, intended: Project) -> None:
        day, quantity = FIRST + self.draw.randrange(30) * DAY, self.draw.randrange(1, 10**9)
        at = self.draw.choice(TIMES)
        used(by, day, at=at, project=billed, meant=intended, quantity=quantity)
        cost = compute_cost(quantity * 10**6, PRICES["token"])
        for name in NAMES:
            own = self.find_value(by, name, day) if isinstance(by, ApiKey) else ""
            self.costs[name][own or self.find_value(intended, name, day)] += cost


@pytest.fixture
def history(world: World, *, long_run: bool) -> History:
    history = History(random.Random(20261130))
    keys = [world.key, *(issued(world.research, world.owner, f"key {n}").key for n in range(4))]
    keys += [issued(world.production, world.owner, f"deploy {n}").key for n in range(3)]
    for owner in (*keys, world.research, world.production, world.default):
        for name in NAMES:
            history.tag(owner, name)
    for _ in range(1_000 if long_run else 150):
        by = history.draw.choice([*keys, world.member])
        if isinstance(by, ApiKey):
            history.use(by, history.draw.choice((by.project, world.default)), by.project)
        else:
            intended = history.draw.choice((world.research, world.default))
            history.use(by, world.default, intended)
    return history


@dataclass(frozen=True)
class Pages:
    client: Client
    url: str

    def get(self, query: Mapping[str, Any]) -> Any:
        days = {"start": f"{FIRST}", "end": f"{LAST}"}
        return self.client.get(self.url, {**days, **query})

    def read(self, **query: Any) -> Report:
        response = self.get(query)
        assert response.status_code == 200, query
        report: Report = response.context["report"]
        return report

    def download(self, **query: Any) -> list[dict[str, str]]:
        text = b"".join(self.get(query).streaming_content).decode()
        return list(csv.DictReader(text.splitlines()))


def sum_file(rows: list[dict[str, str]], column: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row[column]] += int(Decimal(row["cost (USD)"]) * 10**COST_DIGITS)
    return sums


def sum_groups(report: Report) -> dict[str, int]:
    labels = fetch_labels(report.scope, report.group_by, [group.key for group in report.groups])
    return {labels[group.key].text if group.key else "": group.amount for group in report.groups}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("step", ["hour", "day", "week", "month"])
def test_values_add_up_to_the_whole(world: World, history: History, name: str, step: str) -> None:
    url = reverse("cost_analytics", args=[world.organization.slug])
    pages, expected = Pages(signed_in(world.owner), url), history.costs[name]
    whole = pages.read(granularity=step).total
    assert sum(expected.values()) == whole
    assert len(expected) == 4
    by_tag: dict[str, Any] = {"group_by": f"tag:{name}", "granularity": step}
    report = pages.read(**by_tag)
    assert report.total == whole
    assert sum_groups(report) == expected
    for group in report.groups:
        bars = (bar.get(group.series, 0) for bar in report.sum_bars())
        assert sum(bars) == group.amount
    for form in ("csv", "records"):
        assert sum_file(pages.download(**by_tag, format=form), f"tag:{name}") == expected
    for value, cost in expected.items():
        reference = value or "none"
        assert pages.read(granularity=step, **{f"tag:{name}": reference}).total == cost
        others = pages.read(granularity=step, **{f"exclude_tag:{name}": reference})
        assert others.total == whole - cost
