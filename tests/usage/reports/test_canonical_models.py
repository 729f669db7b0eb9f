"""Reports show the names of a model as one, and no alias changes a recorded row or a total."""

import csv
import datetime as dt
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call
from tests.support.clock import set_clock
from tests.support.openapi_contract import documented
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.usage.helpers.factories import used
from tests.world import World
from usage.amounts import COST_DIGITS, to_decimal
from usage.catalogue.services.aliases import change_alias, create_alias, delete_alias
from usage.model_names import AliasRules
from usage.models import DailyTotal, HourlyTotal, ModelAlias, ModelName, Series, UsageRecord
from usage.reports.lines import COLORS

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 3)
SMALL = "llama-3.1-8b"
START = int(dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp())
END = int(dt.datetime(2026, 11, 15, tzinfo=dt.UTC).timestamp())


def page(world: World, **query: Any) -> Any:
    period = {"start": "2026-11-01", "end": "2026-11-14"}
    url = reverse("usage", args=[world.research.slug])
    return signed_in(world.owner).get(url, {**period, **query})


def by_model(world: World, **query: Any) -> dict[str, Decimal]:
    """The cost of each model in the table of the page."""
    report = page(world, group_by="model", **query).context["report"]
    bars: Counter[int] = Counter()
    for bar in report.sum_bars():
        bars.update(bar)
    parts = {group.series: group.amount for group in report.groups if group.series < COLORS}
    assert {series: bars[series] for series in parts} == parts
    costs: Counter[str] = Counter()
    for line in report.lines:
        costs[line.model_name] += line.amounts.cost
    assert (
        sum(costs.values()) == report.total == sum(sum(bar.values()) for bar in report.sum_bars())
    )
    return {name: to_decimal(cost, COST_DIGITS) for name, cost in costs.items()}


def in_file(world: World, form: str = "csv", **query: Any) -> dict[str, Decimal]:
    text = b"".join(page(world, format=form, group_by="model", **query).streaming_content).decode()
    costs: dict[str, Decimal] = {}
    for row in csv.DictReader(text.splitlines()):
        costs[row["model"]] = costs.get(row["model"], Decimal()) + Decimal(row["cost (USD)"])
    return costs


def in_buckets(secret: str, query: str) -> dict[str, Decimal]:
    """The costs of each line item, or the input tokens of each model."""
    answer = documented(call(f"/v1/organization/{query}&start_time={START}&end_time={END}", secret))
    assert answer.status_code == 200, answer.content
    sums: dict[str, Decimal] = {}
    for bucket in answer.json()["data"]:
        for result in bucket["results"]:
            name = result.get("line_item") or result.get("model") or ""
            amount = result.get("amount")
            value = amount["decimal"] if amount else result["output_tokens"]
            sums[name] = sums.get(name, Decimal()) + Decimal(value)
    return sums


def alias(world: World, pattern: str, target: str = "") -> ModelAlias:
    return create_alias(actor=Actor.of_user(world.staff), pattern=pattern, target=target)


@pytest.fixture
def usage_of_names(world: World) -> None:
    for number, name in enumerate((SMALL, "LLaMA-3.1-8B", f"gateway/{SMALL}", "nova")):
        used(world.key, DAY, model=name, quantity=10**6 * 10**number)
    used(world.other_key, DAY, model="a-secret-of-contoso")
    alias(world, "gateway/*")


@pytest.mark.usefixtures("usage_of_names")
def test_names_of_a_model_are_one_row_in_all_reports(world: World) -> None:
    whole = Decimal("0.88") * 111
    expected = {SMALL: whole, "nova": Decimal(880)}
    assert by_model(world) == in_file(world) == expected
    assert by_model(world, granularity="hour") == expected
    secret = issue_admin_key(world.owner, world.organization).secret
    item = f"serverless-inference, {SMALL}, output_tokens"
    costs = in_buckets(secret, "costs?limit=30&group_by[]=line_item")
    assert costs[item] == whole
    sent = f"serverless-inference, gateway/{SMALL}, output_tokens"
    filtered = in_buckets(secret, f"costs?limit=30&group_by[]=line_item&line_items[]={sent}")
    assert filtered == {item: whole}
    tokens = in_buckets(secret, "usage/completions?limit=30&group_by[]=model")
    assert tokens == {SMALL: 111 * 10**6, "nova": 10**9}
    for name in ("Llama-3.1-8b", f"gateway/{SMALL}"):
        path = f"usage/completions?limit=30&group_by[]=model&models[]={name}"
        assert in_buckets(secret, path) == {SMALL: 111 * 10**6}
    path = f"/v1/organization/projects/{world.research.public_id}/usage?group_by=model"
    answer = documented(call(f"{path}&start=2026-11-01&end=2026-11-14", secret)).json()
    groups = {group["id"]: Decimal(group["amount"]) for group in answer["groups"]}
    assert groups == expected
    # The file of records has what was sent.
    assert set(in_file(world, "records")) == {SMALL, "LLaMA-3.1-8B", f"gateway/{SMALL}", "nova"}


@pytest.mark.usefixtures("usage_of_names")
@pytest.mark.parametrize("name", [SMALL, "LLaMA-3.1-8B", f"gateway/{SMALL}", "llama-3.1-8B"])
def test_a_filter_by_any_name_finds_all(world: World, name: str) -> None:
    assert by_model(world, model=name) == {SMALL: Decimal("0.88") * 111}
    assert by_model(world, exclude_model=name) == {"nova": Decimal(880)}
    assert set(in_file(world, "records", model=name)) == {SMALL, "LLaMA-3.1-8B", f"gateway/{SMALL}"}


@pytest.mark.usefixtures("usage_of_names")
def test_the_color_is_that_of_the_canonical_model(world: World) -> None:
    key = ModelName.objects.get(name=SMALL).pk
    for query in ({}, {"model": "LLaMA-3.1-8B"}, {"start": "2026-11-03", "end": "2026-11-03"}):
        groups = page(world, group_by="model", **query).context["report"].groups
        assert [group.color for group in groups if group.key == key] == [key % COLORS]


@pytest.mark.usefixtures("usage_of_names")
def test_the_filter_offers_canonical_names_and_searches_all(world: World) -> None:
    path = reverse("usage_filter", args=[world.research.slug])
    period = {"start": "2026-11-01", "end": "2026-11-14"}
    for search, labels in (("", {SMALL, "nova"}), ("gateway", {SMALL})):
        filters = signed_in(world.owner).get(path, {**period, "find": search}).context["filters"]
        (group,) = [group for group in filters if group.dimension == "model"]
        assert {option.label for option in group.options} == labels, search


@pytest.mark.usefixtures("usage_of_names")
def test_a_name_that_others_sent_is_answered_like_one_that_nobody_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, timezone.now())  # a page says how old its figures are
    used(world.other_key, DAY, model="gateway/Nova")
    used(world.other_key, DAY, model="gateway/a-secret-of-contoso")
    alias(world, "secret-*", "a-secret-of-contoso")
    for foreign, unknown in (
        ("gateway/Nova", "gateway/NOVA"),
        ("a-secret-of-contoso", "no-such-model"),
        ("gateway/a-secret-of-contoso", "gateway/no-such"),
        ("secret-alias", "no-such"),
    ):
        answers = [page(world, model=name) for name in (foreign, unknown)]
        assert answers[0].status_code == answers[1].status_code
        assert words(answers[0]).replace(foreign, unknown) == words(answers[1]), foreign


def recorded() -> list[list[tuple[Any, ...]]]:
    """Every column of every row that usage left."""
    return [
        sorted(
            table.objects.values_list(
                *[field.attname for field in table._meta.concrete_fields if field.attname != "pk"]
            ),
            key=str,
        )
        for table in (UsageRecord, Series, DailyTotal, HourlyTotal)
    ]


def act(world: World, draw: random.Random) -> None:
    """Any act on aliases that is not refused."""
    staff = Actor.of_user(world.staff)
    pattern = draw.choice(["a/*", "b/*", "*-x", "*-Y", "a/one", "ONE", "two-x"])
    target = "" if "*" in pattern and draw.random() < 0.7 else f"to-{draw.randrange(2)}"
    same = ModelAlias.objects.filter(pattern__iexact=pattern).first()
    if same is None:
        create_alias(actor=staff, pattern=pattern, target=target)
    elif draw.random() < 0.5:
        change_alias(actor=staff, alias=same, pattern=pattern, target=target)
    else:
        delete_alias(actor=staff, alias=same)


def test_no_alias_changes_a_recorded_row_or_a_total(world: World, *, long_run: bool) -> None:
    draw = random.Random(1309)
    stems = ("one", "ONE", "two", "Two", SMALL)
    names = [
        f"{before}{stem}{after}"
        for before in ("", "a/", "B/")
        for stem in stems
        for after in ("", "-x", "-y")
    ]
    sent: Counter[str] = Counter()
    for _ in range(60):
        name, quantity = draw.choice(names), draw.randrange(1, 10**7)
        item = draw.choice(("input_tokens", "output_tokens"))
        day = DAY + dt.timedelta(days=draw.randrange(9))
        used(
            world.key, day, model=name, quantity=quantity, item=item, at=dt.time(draw.randrange(24))
        )
        sent[name] += quantity
    rows, total = recorded(), sum(by_model(world).values())
    for _ in range(40 if long_run else 12):
        act(world, draw)
        assert recorded() == rows
        rules = AliasRules.fetch()
        expected: Counter[str] = Counter()
        for name, quantity in sent.items():
            expected[rules.find_end(name).lower()] += quantity
        shown = by_model(world)
        assert sum(shown.values()) - total == 0
        assert {name.lower() for name in shown} == set(expected)
        assert len(shown) == len(expected)
        assert in_file(world) == shown
        for name in draw.sample(sorted(sent), 3):
            (group,) = by_model(world, model=name).items()
            assert group == (group[0], shown[group[0]])
            assert group[0].lower() == rules.find_end(name).lower()
    assert_totals_are_the_records()


def test_names_of_a_model_cost_no_query_more(world: World) -> None:
    counts = []
    for number in range(2):
        for each in range(1 + 20 * number):
            used(world.key, DAY, model=f"{'x' * each}/{SMALL}")
            used(world.key, DAY, model=SMALL)
        for query in ({"group_by": "model"}, {"group_by": "model", "model": SMALL}):
            page(world, **query)
            with queries() as captured:
                assert page(world, **query).status_code == 200
            counts.append(len(own_queries(captured)))
        if number == 0:
            for each in range(21):
                alias(world, f"{'x' * each}/*")
    assert counts[:2] == counts[2:]
