"""What a route of the API gets for its declaration: callers, checked values, errors, lists, a description."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from console.api.document import document
from keys.enums import TokenScope
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.personal_tokens import made
from tests.support.openapi_contract import documented
from tests.support.pages import queries
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
THINGS = "/v1/things"


@pytest.fixture(autouse=True)
def _small_api(settings: Settings) -> Iterator[None]:
    settings.ROOT_URLCONF = "tests.console.helpers.api_urls"
    document.cache_clear()
    yield
    document.cache_clear()


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def token(world: World) -> str:
    return made(world.owner, world.organization, scope=TokenScope.WRITE).secret


def send(token: str, method: str = "POST", path: str = THINGS, body: Any = b"", **more: Any) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return documented(
        Client(raise_request_exception=False).generic(
            method,
            path,
            content,
            content_type=more.get("content_type", "application/json"),
            headers={"authorization": f"Bearer {token}"} if token else {},
        )
    )


def test_a_body_becomes_a_struct_and_a_struct_the_answer(token: str) -> None:
    answer = send(token, body={"name": "Lamp", "color": "blue"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer.json() == {
        "object": "thing",
        "id": "proj_cXkeYTh7DfxpsGrk6nra",
        "name": "Lamp",
        "color": "blue",
    }
    assert send(token, body={"name": "Lamp", "geography": None}).status_code == 200
    assert {"RateLimit", "RateLimit-Policy"} <= set(answer.headers)


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({}, "name", "name is missing."),
        ({"name": ""}, "name", "name is text of 1 to 20 characters such as Lamp."),
        ({"name": 7}, "name", "name is text of 1 to 20 characters such as Lamp."),
        ({"name": None}, "name", "name is text of 1 to 20 characters such as Lamp."),
        ({"name": "Lamp", "colour": 1}, "colour", "colour is not a field that this address takes."),
        ({"name": "Lamp", "color": "yellow"}, "color", "color is red or blue."),
        ({"name": "Lamp", "owners": {}}, "owners", "owners is a list."),
        ({"name": "Lamp", "owners": [{}]}, "owners[0].id", "owners[0].id is missing."),
        (
            {"name": "Lamp", "owners": [{"id": f"proj_{'0' * 20}", "weight": "x"}]},
            "owners[0].weight",
            "owners[0].weight is a whole number.",
        ),
        (
            {"name": "Lamp", "owners": [{"id": "x"}]},
            "owners[0].id",
            "owners[0].id is an id such as proj_cXkeYTh7DfxpsGrk6nra.",
        ),
        ({"name": "Lamp", "title": 1}, "title", "title is text."),
        ([], None, "The body is an object."),
        ({"name": "Fan"}, "name", "name: there is no Fan."),
    ],
)
def test_a_wrong_field_is_named_with_what_to_send(
    token: str, body: Any, param: str | None, message: str
) -> None:
    answer = send(token, body=body)
    error = error_of(answer)
    assert (answer.status_code, error["param"], error["message"]) == (422, param, message)
    assert (error["type"], error["code"]) == ("invalid_request_error", None)


def test_a_field_of_the_reference_api_that_we_do_not_have_is_said_to_be_so(token: str) -> None:
    answer = send(token, body={"name": "Lamp", "geography": "eu"})
    error = error_of(answer)
    assert (answer.status_code, error["param"], error["code"]) == (
        422,
        "geography",
        "not_supported",
    )


ID = b'"id": "proj_cXkeYTh7DfxpsGrk6nra"'


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
        ('{"name": "Lamp"}'.encode("utf-16"), "application/json", 400),
        (b'{"name": "Lamp", "name": "Fan"}', "application/json", 400),
        (
            b'{"name": "Lamp", "owners": [{%b, "weight": 1, "weight": 2}]}' % ID,
            "application/json",
            400,
        ),
        (b"[" * 100_000, "application/json", 422),
        (b'{"name": "Lamp"}', "text/plain", 415),
        (b"name=Lamp", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 422),
        (b"", "", 422),
    ],
)
def test_a_body_that_cannot_be_read(
    token: str, body: bytes, content_type: str, status: int
) -> None:
    assert send(token, body=body, content_type=content_type).status_code == status


def test_an_act_without_a_body_takes_any_type(world: World, token: str) -> None:
    for content_type in ("application/json", "text/plain", ""):
        answer = send(token, "DELETE", f"{THINGS}/a_b", content_type=content_type)
        assert answer.json()["name"] == f"{world.owner.email} a_b"


def test_only_the_declared_credentials_permission_and_scope_come_in(
    world: World, token: str
) -> None:
    body = {"name": "Lamp"}
    reader = made(world.owner, world.organization, "reader").secret
    member = made(world.member, world.organization, scope=TokenScope.WRITE).secret
    assert send(token, body=body).status_code == 200
    assert send("", body=body).status_code == 401
    assert send("x", body=body).status_code == 401
    refusals = [send(secret, body=body) for secret in (reader, member, world.key_secret)]
    assert [answer.status_code for answer in refusals] == [403, 403, 403]
    messages = [error_of(answer)["message"] for answer in refusals]
    assert messages[0].startswith("This access token may only read.")
    assert messages[2] == "This address takes a personal access token."
    assert send(member, "GET").status_code == 200


def test_other_methods_are_refused_before_the_credential(token: str) -> None:
    answer = send("", "PATCH")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_errors_of_the_view_carry_the_rate_limit_too(world: World, settings: Settings) -> None:
    member = made(world.member, world.organization, scope=TokenScope.WRITE).secret
    settings.RATE_LIMIT_READ = 1
    refusal = send(member, body={"name": "Lamp"})
    assert (refusal.status_code, refusal["Cache-Control"]) == (403, "no-store")
    assert refusal["RateLimit"].startswith('"reads";r=0')
    over = send(member, body={"name": "Lamp"})
    assert (over.status_code, "Retry-After" in over.headers) == (429, True)


def pages(token: str, limit: int, order: str) -> list[list[str]]:
    """The names on each page, by the cursors."""
    names, after = [], ""
    while True:
        answer = send(token, "GET", f"{THINGS}?limit={limit}&order={order}{after}").json()
        names.append([thing["name"] for thing in answer["data"]])
        if not answer["has_more"]:
            return names
        after = f"&after={answer['last_id']}"


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_is_read_page_by_page(world: World, token: str, order: str) -> None:
    names = list(
        world.organization.projects.order_by("created_at", "pk").values_list("name", flat=True)
    )
    if order == "desc":
        names.reverse()
    for limit in (1, 2, 100):
        read = pages(token, limit, order)
        assert [name for page in read for name in page] == names
        assert all(len(page) <= limit for page in read)


def test_a_list_goes_on_behind_an_id_and_behind_a_row_that_is_gone(
    world: World, token: str
) -> None:
    first = send(token, "GET", f"{THINGS}?limit=1").json()
    by_id = send(token, "GET", f"{THINGS}?after={first['data'][0]['id']}").json()
    by_cursor = send(token, "GET", f"{THINGS}?after={first['last_id']}").json()
    assert by_id["data"] == by_cursor["data"] != []
    foreign = world.other_project.public_id
    for wrong in (foreign, "x", "a:b", first["last_id"] + "x", "%00"):
        answer = send(token, "GET", f"{THINGS}?after={wrong}")
        assert (answer.status_code, error_of(answer)["param"]) == (422, "after"), wrong


def test_a_page_costs_the_same_queries_whatever_its_length(token: str) -> None:
    counts = set()
    for limit in (1, 100):
        with queries() as captured:
            send(token, "GET", f"{THINGS}?limit={limit}")
        counts.add(len(captured))
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("limit=0", "limit", "limit is a whole number from 1 to 100."),
        ("limit=1e1", "limit", "limit is a whole number from 1 to 100."),
        ("order=up", "order", "order is asc or desc."),
        ("archived=perhaps", "archived", "archived is true or false."),
        ("colors[]=red&colors[]=green", "colors[][1]", "colors[][1] is red or blue."),
    ],
)
def test_a_wrong_parameter_is_named(token: str, query: str, param: str, message: str) -> None:
    answer = send(token, "GET", f"{THINGS}?{query}")
    error = error_of(answer)
    assert (answer.status_code, error["param"], error["message"]) == (422, param, message)


def test_parameters_are_read_by_their_types_and_others_ignored(token: str) -> None:
    query = "limit=2&archived=true&colors[]=red&colors[]=blue&utm_source=x"
    assert send(token, "GET", f"{THINGS}?{query}").status_code == 200


def test_the_document_describes_both_methods_of_an_address() -> None:
    things = document()["paths"][THINGS]
    assert (things["get"]["operationId"], things["post"]["operationId"]) == (
        "things_get",
        "things_post",
    )
    names = [parameter["name"] for parameter in things["get"]["parameters"]]
    assert names == ["limit", "after", "order", "colors[]", "archived"]
    assert set(things["post"]["responses"]) == {
        *("200", "400", "401", "403", "413", "415", "422", "429", "503"),
    }
    content = things["post"]["requestBody"]["content"]["application/json"]
    assert content["example"] == {"name": "Lamp"}
    answer = things["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    listed = document()["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert listed["required"] == ["object", "data", "first_id", "last_id", "has_more"]
    (reference,) = document()["paths"][f"{THINGS}/{{reference}}"]["delete"]["parameters"]
    assert (reference["name"], reference["in"]) == ("reference", "path")
