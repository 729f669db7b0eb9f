"""Usage as files: what the page shows, and every record, exact to the last digit."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.pages import own_queries, queries, signed_in
from tests.usage.helpers.event_client import corrected, event, pipe, results
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db


def today() -> dt.date:
    return timezone.now().date()


def answer(world: World, form: str, name: str = "cost_analytics", **query: Any) -> Any:
    of = world.organization if name == "cost_analytics" else world.research
    path = reverse(name, args=[of.slug])
    return signed_in(world.owner).get(path, {"format": form, **query})


def exported(world: World, form: str = "csv", **query: Any) -> list[dict[str, str]]:
    response = answer(world, form, **query)
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(response).decode())))


def test_it_has_a_line_for_each_day_and_line_of_the_table(world: World) -> None:
    yesterday = today() - dt.timedelta(days=1)
    used(world.key, yesterday, quantity=1)
    used(world.key, today(), quantity=2)
    used(world.key, today(), product="volumes", item="gb_hours", model="", project=world.default)
    period = {"start": yesterday.isoformat(), "end": today().isoformat()}
    assert exported(world, **period)[0] == {
        "day (UTC)": yesterday.isoformat(),
        "product": "serverless-inference",
        "line item": "output_tokens",
        "model": "llama-3.3-70b",
        "unit": "token",
        "units": "1",
        "cost (USD)": "0.00000088",
        "requests": "1",
    }
    lines = exported(world, group_by="project", **period)
    assert [(line["project slug"], line["units"]) for line in lines] == [
        ("research", "1"),
        (world.default.slug, "1000000"),
        ("research", "2"),
    ]
    hours = exported(world, granularity="hour", **period)
    assert hours[0]["hour (UTC)"] == f"{yesterday} 12:00"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"group_by": "api_key"},
        {"group_by": "collaborator", "exclude_product": "volumes"},
        {"group_by": "project", "granularity": "hour"},
        {"measure": "units", "unit": "token"},
        {"product": "volumes"},
    ],
)
def test_it_comes_to_what_the_page_shows(world: World, query: dict[str, str]) -> None:
    for number in range(3):
        key = issued(world.production, world.owner, f"key {number}").key
        used(key, today(), quantity=7 + number)
        used(key, today(), product="volumes", item="gb_hours", quantity=1, project=world.default)
    period = {"start": today().isoformat(), "end": today().isoformat()}
    page = answer(world, "", **period, **query).context["report"]
    lines = exported(world, **period, **query)
    assert sum(Decimal(line["cost (USD)"]) for line in lines) * 10**10 == sum(
        line.amounts.cost for line in page.lines
    )
    assert sum(Decimal(line["units"]) for line in lines) * 10**6 == sum(
        line.amounts.quantity for line in page.lines
    )
    assert len(lines) == len(page.lines)


def test_a_year_is_read_in_parts_that_meet_without_gap_or_overlap(world: World) -> None:
    first = dt.date(2025, 1, 1)
    for number in range(0, 365, 5):
        used(world.key, first + dt.timedelta(days=number), quantity=number + 1)
    lines = exported(world, start="2025-01-01", end="2025-12-31")
    assert [line["units"] for line in lines] == [str(number + 1) for number in range(0, 365, 5)]


def test_no_cell_is_a_formula_and_numbers_stay_numbers(world: World) -> None:
    for start in "=+-@":
        key = issued(world.research, world.owner, f"{start}1+1").key
        used(key, today(), model=f"{start}cmd", event_id=f"{start}event")
    for line in exported(world, group_by="api_key"):
        assert line["API key"][0] == line["model"][0] == "'"
    for line in exported(world, "records"):
        assert line["event id"][0] == line["model"][0] == "'"


def test_a_sign_after_a_separator_is_no_formula_either(world: World) -> None:
    key = issued(world.research, world.owner, "a;=1+1").key
    used(key, today(), model="a;@cmd", event_id="a\t=event")
    used(key, today(), model="\t=cmd", event_id='a"b;"+x')
    assert {line["API key"] for line in exported(world, group_by="api_key")} == {"a;'=1+1"}
    lines = exported(world, "records")
    assert {line["event id"] for line in lines} == {"a\t'=event", 'a"b;"\'+x'}
    assert {line["model"] for line in lines} == {"a;'@cmd", "'\t'=cmd"}


@pytest.mark.parametrize("form", ["csv", "records"])
def test_all_files_end_their_lines_alike_and_offer_a_mark(world: World, form: str) -> None:
    used(world.key, today())
    file = b"".join(answer(world, form))
    assert file.endswith(b"\n")
    assert b"\r" not in file
    assert b"".join(answer(world, form, bom="1")) == b"\xef\xbb\xbf" + file
    assert "bom=1" in answer(world, "").content.decode()


def test_records_are_said_in_full(world: World) -> None:
    secret = pipe(world)
    results(secret, event(world, quantity="1000.0"))
    results(
        secret,
        event(world, id="=evil", product="volumes", line_item="gb_hours", unit="gb-hour", dimensions={}),
    )  # fmt: skip
    corrected(secret, {"id": "back", "event_id": "=evil", "kind": "void", "reason": "Never ran."})
    found = {line["event id"]: line for line in exported(world, "records")}
    first, second, void = found["req-1:output"], found["'=evil"], found["back"]
    record = UsageRecord.objects.order_by("pk")[0]
    assert first == {
        "event id": "req-1:output",
        "time (UTC)": said(record.time),
        "product": "serverless-inference",
        "line item": "output_tokens",
        "model": "llama-3.3-70b",
        "quantity": "1000",
        "unit": "token",
        "unit price (USD)": "0.00000088",
        "cost (USD)": "0.00088",
        "project id": world.research.public_id,
        "meant project id": world.research.public_id,
        "reason": "key_project",
        "kind": "usage",
        "key id": world.key.public_id,
        "user id": "",
        "original": "",
        "recorded at (UTC)": said(record.recorded_at),
    }
    assert (second["event id"], second["model"]) == ("'=evil", "")
    assert second["project id"] == world.default.public_id
    assert (void["kind"], void["original"]) == ("void", "'=evil")
    assert Decimal(void["cost (USD)"]) == -Decimal(second["cost (USD)"])
    assert void["quantity"] == "-1000"


def said(moment: dt.datetime) -> str:
    text = f"{moment:%Y-%m-%d %H:%M:%S.%f}"
    return text.rstrip("0").rstrip(".")


def test_records_are_those_of_the_filter_and_scope(world: World) -> None:
    used(world.key, today(), event_id="here")
    used(
        world.key,
        today(),
        product="volumes",
        item="gb_hours",
        project=world.default,
        event_id="default",
    )
    used(world.key, today() - dt.timedelta(days=70), event_id="long ago")
    used(world.external, today(), project=world.research, event_id="theirs")
    used(world.other_key, today(), event_id="of others")

    def ids(**query: Any) -> set[str]:
        return {line["event id"] for line in exported(world, "records", **query)}

    assert ids() == {"here", "default", "theirs"}
    assert ids(name="usage") == {"here", "theirs"}
    assert ids(product="volumes") == {"default"}
    assert ids(exclude_api_key=world.key.public_id) == {"theirs"}
    assert ids(api_key="none") == {"theirs"}
    assert ids(collaborator=world.external.public_id) == {"theirs"}
    assert ids(exclude_collaborator=world.external.public_id) == {"here", "default"}


@pytest.mark.parametrize("form", ["csv", "records"])
def test_many_lines_cost_as_many_queries_as_one(world: World, form: str) -> None:
    counts = []
    for number in range(2):
        used(world.key, today())
        exported(world, form, group_by="api_key")
        with queries() as captured:
            exported(world, form, group_by="api_key")
        counts.append(len(own_queries(captured)))
        for each in range(0 if number else 30):
            used(issued(world.research, world.owner, f"key {each}").key, today())
    assert counts[0] == counts[1]


def test_a_file_without_lines_has_its_headings(world: World) -> None:
    for form in ("csv", "records"):
        body = b"".join(answer(world, form)).decode()
        assert body.count("\n") == 1
        assert "cost (USD)" in body
