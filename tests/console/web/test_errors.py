"""Error answers: a page in the console's look, JSON below the API's addresses, nothing of the request."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.world import build_world

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.console.helpers.error_urls")]
STATUSES = (400, 403, 404, 405, 409, 429, 500, 503)
TITLES = {
    400: "Bad request",
    403: "have permission to do this",
    404: "Not found",
    405: "Method not allowed",
    409: "This has changed",
    413: "Request too large",
    429: "Too many",
    500: "Something went wrong",
    503: "temporarily unavailable",
}
TOO_LARGE = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_is_a_page_in_our_look(client: Client, status: int) -> None:
    response = client.get(f"/fails/{status}/")
    page = response.content.decode()
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert TITLES[status] in page
    assert "<title>" in page
    assert "css" in page


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_shows_nothing_of_the_request(client: Client, status: int) -> None:
    response = client.get(f"/fails/{status}/?q=leak-of-the-query")
    page = response.content.decode()
    for text in ("<form", "nonce", "csrf", "/fails/", "leak-of", "the secret", "Traceback"):
        assert text not in page
    assert response["X-Request-Id"] not in page


@pytest.mark.parametrize("status", STATUSES)
def test_below_the_apis_addresses_an_error_is_json(client: Client, status: int) -> None:
    response = client.get(f"/v1/fails/{status}/")
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    error: dict[str, Any] = json.loads(response.content)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert error["type"]
    assert "the secret" not in response.content.decode()


@pytest.mark.parametrize("status", STATUSES)
def test_below_oauth_an_error_has_the_form_of_oauth(client: Client, status: int) -> None:
    response = client.get(f"/oauth/fails/{status}/")
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    error: dict[str, str] = json.loads(response.content)
    assert set(error) == {"error", "error_description"}
    assert all(error.values())
    assert "the secret" not in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/v1", "/v3", "/v3/no", "/oauth", "/.well-known", "/v1/projects/"]
)
def test_nothing_below_the_apis_addresses_is_a_page(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/json")


def test_a_conflict_is_not_sent_again_by_the_client(client: Client) -> None:
    assert client.get("/v1/fails/409/")["X-Should-Retry"] == "false"


def test_an_unknown_address_of_the_api_is_a_json_404(client: Client) -> None:
    response = client.get("/v1/no/such/thing")
    assert (response.status_code, response["Content-Type"]) == (404, "application/json")
    assert response.json()["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize("status", [429, 503])
def test_try_again_says_when(client: Client, status: int, prefix: str) -> None:
    assert int(client.get(f"{prefix}/fails/{status}/")["Retry-After"]) > 0


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 500])
def test_other_errors_do_not_ask_to_try_again(client: Client, status: int) -> None:
    assert "Retry-After" not in client.get(f"/fails/{status}/")


def test_a_closed_connection_to_the_database_is_503(client: Client) -> None:
    response = client.get("/disconnected/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_a_wrong_method_names_the_right_ones(client: Client) -> None:
    assert client.post("/healthz")["Allow"] == "GET, HEAD"
    assert client.get("/theme/")["Allow"] == "POST"
    assert client.put("/accounts/profile/")["Allow"] == "GET, HEAD, POST"
    assert client.get("/fails/405/")["Allow"] == "GET"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_wrong_method_is_decided_before_anything_is_looked_up(
    client: Client, method: str
) -> None:
    """The same answer for a stranger, for an unknown id and without a session."""
    world = build_world()
    answers = set()
    for person in (None, world.owner, world.stranger):
        if person:
            client.force_login(person)
        for slug in (world.research.slug, "no-such-thing"):
            response = client.generic(method, f"/settings/projects/{slug}/")
            answers.add((response.status_code, response["Allow"], response.content))
    assert len(answers) == 1
    assert next(iter(answers))[:2] == (405, "GET, HEAD")


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    for path in ("/healthz", "/no/such/thing/"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")


@pytest.mark.parametrize("path", ["/theme/", "/accounts/login/", "/v1/anything"])
def test_a_body_that_is_too_large_is_413(client: Client, path: str) -> None:
    response = client.post(path, {"theme": TOO_LARGE})
    assert response.status_code == 413
    expected = "application/json" if path.startswith("/v1/") else "text/html; charset=utf-8"
    assert response["Content-Type"] == expected
    assert TITLES[413] in response.content.decode()


def test_too_many_fields_are_a_bad_request_and_no_500(client: Client) -> None:
    fields = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert client.post("/theme/", fields).status_code == 400


def test_a_form_without_its_token_is_refused_in_our_look() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()


def test_a_persons_404_is_the_same_for_every_url(client: Client) -> None:
    world = build_world()
    for person in (None, world.owner, world.external, world.staff):
        if person:
            client.force_login(person)
        urls = ("/no/such/thing/", "/fails/404/", "/fails/404/?q=text", "/x/")
        assert len({client.get(url).content for url in urls}) == 1, person


def test_the_404_does_not_depend_on_any_cookie(client: Client) -> None:
    plain = client.get("/no/such/thing/").content
    for name in ("theme", "organization", "project", "session"):
        client.cookies[name] = "dark"
    assert client.get("/no/such/thing/").content == plain
