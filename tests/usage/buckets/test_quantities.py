"""GET /v1/organization/usage/…: what is counted where, in groups, and only by those who may see it."""

import datetime as dt
from typing import Any

import pytest

from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import set_clock
from tests.support.openapi_contract import documented
from tests.usage.helpers.factories import used
from tests.world import World
from usage.enums import UsageField
from usage.models import LineItem

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 12, 30, tzinfo=dt.UTC)
FIRST = dt.date(2026, 11, 19)
PATHS = sorted({field.path for field in UsageField})
START = int(dt.datetime(2026, 11, 19, tzinfo=dt.UTC).timestamp())


@pytest.fixture
def admin_key(monkeypatch: pytest.MonkeyPatch, world: World) -> str:
    set_clock(monkeypatch, NOW)
    return issue_admin_key(world.owner, world.organization, "FinOps").secret


def read(secret: str, path: str, query: str = "") -> Any:
    address = f"/v1/organization/usage/{path}?start_time={START}&{query}"
    return documented(call(address, secret))


def read_results(secret: str, path: str, query: str = "") -> list[dict[str, Any]]:
    """The results of all buckets, without what is null."""
    answer = read(secret, path, query)
    assert answer.status_code == 200, answer.content
    return [
        {name: value for name, value in result.items() if value is not None}
        for bucket in answer.json()["data"]
        for result in bucket["results"]
    ]


def test_tokens_and_requests_by_model(world: World, admin_key: str) -> None:
    used(world.key, FIRST, quantity=100)
    used(world.key, FIRST, quantity=7, item="input_tokens")
    used(world.external, FIRST, quantity=20, model="deepseek-r1", project=world.research)
    used(world.key, FIRST, quantity=3, product="code-interpreter", item="sessions", model="")
    results = read_results(admin_key, "completions", "group_by[]=model&group_by[]=user_id")
    usual = {
        "object": "organization.usage.completions.result", "input_cached_tokens": 0,
        "input_audio_tokens": 0, "output_audio_tokens": 0, "num_model_requests": 1,
    }  # fmt: skip
    creator = world.key.created_by
    assert creator
    first = {
        **usual, "model": "llama-3.3-70b", "user_id": creator.public_id,
        "input_tokens": 7, "output_tokens": 100,
    }  # fmt: skip
    second = {
        **usual, "model": "deepseek-r1", "user_id": world.external.public_id,
        "input_tokens": 0, "output_tokens": 20,
    }  # fmt: skip
    assert sorted(results, key=lambda result: result["input_tokens"]) == [second, first]
    filtered = read_results(admin_key, "completions", "models[]=deepseek-r1")
    assert [result["output_tokens"] for result in filtered] == [20]
    assert read_results(admin_key, "code_interpreter_sessions") == [
        {"object": "organization.usage.code_interpreter_sessions.result", "num_sessions": 3}
    ]


def test_parts_of_tokens_count_in_the_whole(world: World, admin_key: str) -> None:
    used(world.key, FIRST, quantity=100)
    used(world.key, FIRST, quantity=7, item="input_tokens")
    items = LineItem.objects.filter(product__code="serverless-inference")
    items.filter(code="input_tokens").update(reported_as=UsageField.COMPLETIONS_CACHED_INPUT)
    (result,) = read_results(admin_key, "completions")
    assert (result["input_tokens"], result["input_cached_tokens"]) == (7, 7)
    items.filter(code="input_tokens").update(reported_as="")
    (result,) = read_results(admin_key, "completions")
    assert (result["input_tokens"], result["output_tokens"]) == (0, 100)
    items.update(reported_as="")
    assert read_results(admin_key, "completions") == []


@pytest.mark.parametrize("field", UsageField, ids=lambda field: field.value)
def test_each_field_is_in_the_results_of_its_path(
    world: World, admin_key: str, field: UsageField
) -> None:
    used(world.key, FIRST, quantity=5)
    LineItem.objects.filter(product__code="serverless-inference").update(reported_as="")
    LineItem.objects.filter(code="output_tokens", product__code="serverless-inference").update(
        reported_as=field
    )
    for path in PATHS:
        results = read_results(admin_key, path, f"project_ids[]={world.research.public_id}")
        assert [result[field.field] for result in results] == ([5] if path == field.path else [])


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=32", "limit"),
        ("bucket_width=1h&limit=169", "limit"),
        ("bucket_width=1m", "bucket_width"),
        ("group_by[]=batch", "group_by[][0]"),
        ("batch=true", "batch"),
        ("sizes[]=256x256", "sizes[]"),
    ],
)
def test_wrong_parameters_are_named(admin_key: str, query: str, param: str) -> None:
    answer = read(admin_key, "completions", query)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)


def test_hours_of_a_page(world: World, admin_key: str) -> None:
    used(world.key, FIRST, quantity=5, at=dt.time(23, 59))
    answer = read(admin_key, "completions", "bucket_width=1h").json()
    assert [len(bucket["results"]) for bucket in answer["data"]] == [0] * 23 + [1]
    assert answer["has_more"] is True
    rest = read(admin_key, "completions", f"bucket_width=1h&page={answer['next_page']}").json()
    assert (len(rest["data"]), rest["has_more"]) == (13, False)


def test_only_those_who_may_see_cost_analytics_read_it(world: World) -> None:
    for person, status in ((world.owner, 200), (world.admin, 200), (world.member, 403)):
        token = made(person, world.organization, scope=TokenScope.READ).secret
        for path in PATHS:
            assert read(token, path).status_code == status
    assert read(world.key_secret, "completions").status_code == 403
