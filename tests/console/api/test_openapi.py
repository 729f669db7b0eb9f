"""The OpenAPI document: every address of the API is in it, it is valid, and it is served to everybody."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from console.api.document import document
from console.web.errors import API_PREFIXES
from tests.routes.urlconf import Route, all_routes
from tests.support.openapi_contract import documented

PATH = "/v1/openapi.json"


def routes_of_the_api() -> list[Route]:
    """All below its prefixes, but for the file that people and scanners read."""
    below = [one for one in all_routes() if f"/{one.pattern}/".startswith(API_PREFIXES)]
    return [one for one in below if one.name != "security_txt"]


def operations() -> dict[str, dict[str, object]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_address_of_the_api_is_described_and_no_other() -> None:
    there = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{one.pattern}") for one in routes_of_the_api()}
    assert there == set(document()["paths"])
    assert there


def test_every_operation_is_a_method_that_its_view_takes() -> None:
    for route in routes_of_the_api():
        if "<" in route.pattern:
            continue
        path = reverse(route.name)
        refused = Client(raise_request_exception=False).generic("PROPFIND", path)
        assert refused.status_code in (405, 404), path
        described = {method.upper() for method in document()["paths"][path]}
        assert set(refused["Allow"].split(", ")) - {"HEAD"} == described, path


def test_operations_have_different_names() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert sorted(map(str, names)) == sorted(set(map(str, names)))


def test_every_name_in_it_leads_somewhere() -> None:
    names = set(re.findall(r'"#/components/(\w+)/([\w-]+)"', json.dumps(document())))
    assert names
    for kind, name in names:
        assert name in document()["components"][kind], name
    used = {name for kind, name in names if kind == "schemas"}
    assert used == set(document()["components"]["schemas"])


def test_every_credential_it_asks_for_is_explained() -> None:
    asked = {
        name
        for path in document()["paths"].values()
        for operation in path.values()
        for one in operation["security"]
        for name in one
    }
    assert asked == set(document()["components"]["securitySchemes"])


def test_examples_are_what_their_schemas_say() -> None:
    import jsonschema_rs

    for name, operation in operations().items():
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]  # type: ignore[attr-defined]
        for content in (one.get("content", {}) for one in bodies):
            for media in content.values():
                if "example" in media and "…" not in json.dumps(
                    media["example"], ensure_ascii=False
                ):
                    schema = {**media["schema"], "components": document()["components"]}
                    assert jsonschema_rs.is_valid(schema, media["example"]), name


@pytest.mark.django_db
def test_it_is_served_to_everyone_and_once_to_who_has_it() -> None:
    answer = documented(Client().get(PATH))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer.json() == document()
    again = Client().get(PATH, headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().post(PATH).status_code == 405
