"""GET /v1/organization/projects/{id}/usage: the usage page for programs, with its parameters and sums."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.support.openapi_contract import documented
from tests.support.pages import signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 11, 1)
MONTH = {"start": "2026-11-01", "end": "2026-11-30"}


@pytest.fixture(autouse=True)
def usage(world: World) -> None:
    """Usage of two keys and a person on three days, and of another project."""
    second = issued(world.research, world.owner, "deploy").key
    for number in range(3):
        day = FIRST + dt.timedelta(days=7 * number)
        used(world.key, day, quantity=1_000_003 + number)
        used(second, day, quantity=31, item="input_tokens", model="")
    used(world.external, FIRST, quantity=5, project=world.research)
    used(issued(world.production, world.owner, "other").key, FIRST, quantity=77)


def read(secret: str, project: str, **query: str) -> Any:
    address = f"/v1/organization/projects/{project}/usage?{urlencode({**MONTH, **query})}"
    return documented(call(address, secret))


def read_file(world: World, **query: str) -> list[dict[str, str]]:
    answer = signed_in(world.owner).get(
        reverse("usage", args=[world.research.slug]), {"format": "csv", **MONTH, **query}
    )
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode())))  # type: ignore[call-overload]


@pytest.mark.parametrize("group_by", ["product", "line_item", "api_key", "collaborator"])
@pytest.mark.parametrize(
    ("measure", "column"), [("cost", "cost (USD)"), ("units", "units")], ids=["cost", "units"]
)
def test_sums_are_those_of_the_file(world: World, group_by: str, measure: str, column: str) -> None:
    secret = issue_admin_key(world.owner, world.organization).secret
    query = {"group_by": group_by, "measure": measure}
    report = read(secret, world.research.public_id, **query).json()
    expected = sum(Decimal(line[column]) for line in read_file(world, **query))
    assert Decimal(report["total"]) == expected > 0
    assert sum(Decimal(group["amount"]) for group in report["groups"]) == expected
    assert sum(Decimal(period["amount"]) for period in report["periods"]) == expected
    lines = [line for group in report["groups"] for line in group["lines"]]
    name = "cost" if measure == "cost" else "quantity"
    assert sum(Decimal(line[name]) for line in lines) == expected
    assert report["unit"] == (None if measure == "cost" else "token")
    assert len(report["periods"]) == 30


def test_filters_are_those_of_the_page(world: World) -> None:
    secret = issue_admin_key(world.owner, world.organization).secret
    report = read(secret, world.research.public_id, group_by="api_key", api_key="none").json()
    (group,) = report["groups"]
    assert (group["id"], group["amount"]) == ("none", "0.0000044")
    excluded = read(secret, world.research.public_id, exclude_line_item="output_tokens").json()
    assert [line["model"] for group in excluded["groups"] for line in group["lines"]] == [None]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": "2026-12-01"}, "end"),
        ({"group_by": "project"}, "group_by"),
        ({"measure": "weight"}, "measure"),
        ({"unit": "parsec"}, "unit"),
        ({"api_key": "key_missing"}, "api_key"),
        ({"granularity": "hour", "start": "2026-01-01"}, "granularity"),
    ],
)
def test_wrong_parameters_are_named(world: World, query: dict[str, str], param: str) -> None:
    secret = issue_admin_key(world.owner, world.organization).secret
    answer = read(secret, world.research.public_id, **query)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)


def test_only_those_read_it_who_may_open_the_page(world: World) -> None:
    project = world.research.public_id
    expected = {
        world.admin: 200, world.project_admin: 200, world.project_member: 200, world.member: 404,
    }  # fmt: skip
    for person, status in expected.items():
        secret = made(person, world.organization).secret
        assert read(secret, project).status_code == status, person
    assert read(made(world.external, world.research).secret, project).status_code == 403
    assert read(world.key_secret, project).status_code == 403
    admin_key = issue_admin_key(world.owner, world.organization).secret
    foreign, unknown = (
        read(admin_key, reference)
        for reference in (world.other_project.public_id, "proj_00000000000000000000")
    )
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
