"""The official client over https, through the nginx of deploy/nginx."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from accounts.models import User
from tests.client.tg.command import SECONDS, Tg, address_said_by
from tests.client.tls.nginx import HOST, Front, fronting
from tests.gateways.sent import bearer, send
from tests.load.server import Server, serving
from tests.support.pages import freshly_signed_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
URL = f"https://{HOST}"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def server(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, public=getattr(request, "param", URL)) as server:
        yield server


@pytest.fixture
def front(server: Server, tmp_path: Path) -> Iterator[Front]:
    with fronting(server.port, tmp_path) as front:
        yield front


@pytest.fixture
def outside(
    server: Server, front: Front, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """Somebody out in the world, who trusts the throw-away authority."""
    for name, value in front.environment.items():
        monkeypatch.setenv(name, value)
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.fixture
def tg(server: Server, front: Front, tmp_path: Path) -> Tg:
    return Tg(server, tmp_path, front.environment)


def approve(outside: httpx.Client, user: User, address: str) -> None:
    """In a browser over https, with the form of the page."""
    session = freshly_signed_in(user).cookies["session"].value
    outside.cookies.set("__Host-session", session, domain=HOST)
    page = outside.get(address)
    assert page.status_code == 200, page.text
    token = TOKEN.search(page.text)
    assert token
    form = {"csrfmiddlewaretoken": token[1]}
    answer = outside.post(address, data=form, headers={"Referer": str(page.url)})
    assert answer.status_code == 302, answer.text


@pytest.mark.parametrize(
    "server", [URL, pytest.param(f"{URL}:8443", marks=pytest.mark.long)], indirect=True
)
def test_a_login_over_https(world: World, server: Server, tg: Tg, outside: httpx.Client) -> None:
    found = outside.get("/.well-known/openid-configuration").json()
    names = ("token_endpoint", "device_authorization_endpoint", "revocation_endpoint")
    assert found["issuer"] == server.url
    assert all(found[name].startswith(f"{server.url}/oauth/") for name in names)
    process = tg.start("login", "--no-browser", "--no-json", "--non-interactive")
    approve(outside, world.project_member, address_said_by(process))
    text, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, "Logged in." in text) == (0, True), text
    assert tg.asked("whoami")["user"]["id"] == world.project_member.public_id


@pytest.mark.long
def test_projects_switch_and_logout_over_https(world: World, tg: Tg, outside: httpx.Client) -> None:
    assert tg.login(world.project_member).code == 0
    listed = tg.asked("projects", "list")["data"]
    assert [one["name"] for one in listed] == ["Default Project", "Production", "Research"]
    tg.asked("switch", world.research.public_id)
    tg.expire(world.research.public_id)
    assert tg.asked("whoami")["project"]["slug"] == "research"
    stranger = tg.run("switch", world.production.public_id, "--no-json", SSL_CERT_FILE="")
    assert "certificate verify failed" in stranger.text
    assert tg.asked("logout") == {"status": "ok"}


@pytest.mark.long
def test_nginx_answers_for_a_console_that_is_away(
    world: World, tg: Tg, server: Server, outside: httpx.Client
) -> None:
    tg.login(world.project_member)
    server.kill()
    said = tg.run("whoami", "--no-json")
    assert "The console is being repaired. Try again in a few seconds." in said.text
    assert "Traceback" not in said.text
    said = tg.run("switch", world.research.public_id, "--no-json")
    assert "The console is being repaired. Try again in a few seconds." in said.text
    for path in ("/v1/projects", "/oauth/token", "/account/", "/.well-known/openid-configuration"):
        answer = outside.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert path == "/account/" or answer.json()["error"]


@pytest.mark.long
def test_what_is_too_large_or_not_encrypted(
    world: World, front: Front, outside: httpx.Client
) -> None:
    for size in (1_100_000, 2_200_000):
        answer = outside.post("/v1/usage/events", content=b" " * size)
        assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")
    assert "max-age" in outside.get("/account/login/").headers["Strict-Transport-Security"]
    led = send(front.plain, path="/account/?a=1", host=HOST)
    assert (led.status, led.one("Location")) == (301, f"{URL}/account/?a=1")
    refused = send(front.plain, *bearer(world.key_secret), path="/v1/projects", host=HOST)
    assert (refused.status, refused.json()["error"]["type"]) == (403, "permission_error")
