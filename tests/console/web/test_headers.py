"""Headers and cookies of every answer, over loopback http and over https."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import PASSWORD, build_world

pytestmark = pytest.mark.django_db
PAGES = ("/accounts/login/", "/no/such/thing/", "/healthz", "/accounts/profile/", "/theme/")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_protecting_headers(client: Client, path: str) -> None:
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'"):
        assert directive in policy
    for directive in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Request-Id"]


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("get", "/v1/auth", "testserver", 401),
        ("post", "/v1/keys/verify", "testserver", 401),
        ("get", "/v1/keys/verify", "testserver", 405),
        ("head", "/v1/keys/verify", "testserver", 405),
        ("post", "/v1/auth", "elsewhere.example", 400),
    ],
)
def test_refusals_of_gateways_carry_the_headers_of_all_others(
    client: Client, method: str, path: str, host: str, status: int
) -> None:
    other = client.get("/v1/nothing")
    response = getattr(client, method)(path, headers={"host": host})
    assert response.status_code == status
    own = {"Content-Length", "Content-Type", "X-Request-Id", "Cache-Control", "Vary"}
    assert {name: response.get(name) for name in set(other.headers) - own} == {
        name: value for name, value in other.headers.items() if name not in own
    }
    assert response["Cache-Control"] == "no-store"


def test_two_requests_have_two_ids(client: Client) -> None:
    assert client.get("/healthz")["X-Request-Id"] != client.get("/healthz")["X-Request-Id"]


def test_the_client_cannot_choose_the_request_id(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "mine"})["X-Request-Id"] != "mine"


@pytest.mark.parametrize("path", ["/healthz", "/v1/auth", "/no/such/page/"])
def test_a_trusted_proxy_gives_the_request_its_id(client: Client, settings: Any, path: str) -> None:
    given = "0123456789abcdef" * 2
    headers = {"X-Request-Id": given}
    assert client.get(path, headers=headers)["X-Request-Id"] != given
    settings.TRUSTED_PROXIES = 1
    assert client.get(path, headers=headers)["X-Request-Id"] == given
    for wrong in (given[1:], given + "0", given.upper(), f"{given[:30]}\r\n"):
        answer = client.get(path, headers={"X-Request-Id": wrong})
        assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-Id"])
        assert answer["X-Request-Id"] != given


def test_no_signed_in_answer_may_be_stored(client: Client) -> None:
    world = build_world()
    client.force_login(world.owner)
    research = world.research.slug
    paths = [
        reverse("home"),
        reverse("roles"),
        reverse("collaborators", args=[research]),
        reverse("collaborator_add", args=[research]),
        "/no/such/thing/",
        reverse("project", args=[world.other_project.slug]),
        reverse("account_email"),
    ]
    for path in paths:
        assert "no-store" in client.get(path)["Cache-Control"], path
        assert "private" in client.get(path)["Cache-Control"], path


def test_the_pages_of_sign_in_may_not_be_stored_either(client: Client) -> None:
    for name in ("account_login", "account_signup", "account_reset_password"):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]


def test_cookies_on_loopback_http_are_plain_named_and_closed_to_scripts(client: Client) -> None:
    world = build_world()
    client.get(reverse("account_login"))
    data = {"login": world.owner.email, "password": PASSWORD}
    client.post(reverse("account_login"), data)
    client.get(reverse("collaborators", args=[world.research.slug]))
    client.post(reverse("theme"), {"theme": "dark"})
    assert {"session", "csrf", "theme", "organization", "project"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert not cookie["secure"], name


def test_the_session_id_changes_at_sign_in(client: Client) -> None:
    world = build_world()
    client.force_login(world.external)
    before = client.cookies["session"].value
    client.post(reverse("account_logout"))
    data = {"login": world.owner.email, "password": PASSWORD}
    client.post(reverse("account_login"), data)
    assert client.cookies["session"].value not in ("", before)


HINTS = {f"__Host-{name}" for name in ("theme", "accounts_seen", "organization", "messages")}
ASK_OVER_HTTPS = """
import json, django
django.setup()
from django.contrib import messages
from django.http import HttpResponse
from django.test import RequestFactory
from accounts.access.organization import ORGANIZATION_HINT
from accounts.models import User
from accounts.sign_in.browsers import remember_browser
from accounts.web.cookies import keep_in_cookie
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.test import Client
from django.conf import settings
secure = Client(SERVER_NAME="console.example.com")
page, plain = secure.get("/accounts/login/", secure=True), secure.get("/accounts/login/")
theme = secure.post("/theme/", {"theme": "dark"}, secure=True)
request, kept = RequestFactory().get("/"), HttpResponse()
SessionMiddleware(lambda request: kept).process_request(request)
MessageMiddleware(lambda request: kept).process_request(request)
messages.success(request, "Saved.")
MessageMiddleware(lambda request: kept).process_response(request, kept)
remember_browser(request, kept, User(public_id="user_1"))
keep_in_cookie(kept, ORGANIZATION_HINT, "northwind")
def flags(cookies):
    return {n: [bool(c["secure"]), bool(c["httponly"]), c["samesite"], c["path"], c["domain"]]
            for n, c in cookies.items()}
print(json.dumps({
    "headers": dict(page.headers), "status": page.status_code,
    "cookies": flags(page.cookies) | flags(theme.cookies) | flags(kept.cookies),
    "plain": [plain.status_code, plain["Location"]],
    "health": secure.get("/healthz").status_code,
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
                settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE],
}))
"""


@cache
def over_https() -> dict[str, Any]:
    """What an installation at https://console.example.com answers, asked in a process of its own."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.console.helpers.https_settings"}
    words = [sys.executable, "-c", ASK_OVER_HTTPS]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_https_is_pinned_for_a_year() -> None:
    assert over_https()["status"] == 200
    assert over_https()["headers"]["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains; preload"
    )


def test_plain_http_is_sent_to_https_health_checks_aside() -> None:
    assert over_https()["plain"] == [301, "https://console.example.com/accounts/login/"]
    assert over_https()["health"] == 200


def test_cookies_over_https_are_secure_and_bound_to_the_host() -> None:
    assert over_https()["session"] == ["__Host-session", True, True, "Lax"]
    cookies = over_https()["cookies"]
    assert set(cookies) == {"__Host-csrf", *HINTS}
    for name, flags in cookies.items():
        assert flags == [True, True, "Lax", "/", ""], name


def test_loopback_http_is_not_pinned(client: Client) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz")
