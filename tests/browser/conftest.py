"""For browser tests: the world behind the live server, windows of people, what browsers complain of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings as console_settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, ViewAs
from accounts.support.services.viewing import VIEW_AS
from tests.browser.drivers import Keyboard, Mouse, WithoutScript
from tests.browser.journeys import Start
from tests.support.pages import freshly_signed_in
from tests.world import World, build_world

PATIENCE = 8_000  # milliseconds for any one thing to appear
POLICY = "Content Security Policy"
# Chromium writes violations to the console; the event also names those it keeps to itself.
REPORT = f"""addEventListener("securitypolicyviolation", (event) => {{
  console.error("{POLICY}", event.violatedDirective, event.blockedURI, event.sourceFile);
}});"""


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """`page.goto("/accounts/login/")` goes to the console under test."""
    return str(live_server.url)


@pytest.fixture
def world(live_server: LiveServer, settings: Settings) -> World:
    """The shared world; links in its mail lead to the console under test."""
    settings.BASE_URL = str(live_server.url)
    return build_world()


@dataclass(frozen=True)
class Windows:
    """Opens a window of its own for each person, as if on a computer of their own.

    `complaints` collects what the browsers say of the pages: violations of their policy, scripts
    that fail, files that are missing.
    """

    new_context: Callable[..., BrowserContext]
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, user: User | None = None, theme: str = "system", **context: Any) -> Page:
        """An empty window; of somebody signed in already when `user` is given."""
        window = self.new_context(**context)
        window.set_default_timeout(PATIENCE)
        self.listen(window)
        cookies = {"theme": theme}
        if user is not None:
            client = freshly_signed_in(user)
            keep_viewing(client, user)
            name = console_settings.SESSION_COOKIE_NAME
            cookies[name] = client.cookies[name].value
        window.add_cookies(
            [{"name": key, "value": value, "url": self.address} for key, value in cookies.items()]
        )
        return window.new_page()

    def listen(self, window: BrowserContext) -> None:
        def hear(message: ConsoleMessage) -> None:
            if POLICY in message.text:
                where = message.page.url if message.page else ""
                self.complaints.append(f"{where}: {message.text}")

        def see(response: Response) -> None:
            if "/static/" in response.url and response.status >= 400:
                self.complaints.append(f"{response.url}: {response.status}")

        window.add_init_script(REPORT)
        window.on("console", hear)
        window.on("response", see)
        window.on("weberror", lambda failure: self.complaints.append(str(failure.error)))


def keep_viewing(client: Client, staff: User) -> None:
    """Whoever views as somebody does so in this window, too."""
    if view := ViewAs.objects.unended().filter(staff=staff).first():
        session = client.session
        session[VIEW_AS] = view.public_id
        session.save()


@pytest.fixture
def windows(new_context: Callable[..., BrowserContext], base_url: str) -> Windows:
    return Windows(new_context, base_url)


@pytest.fixture(params=[Mouse, Keyboard, WithoutScript], ids=lambda hands: hands.__name__)
def start(request: pytest.FixtureRequest, windows: Windows) -> Start:
    """Each call sits another person down at a browser of their own."""
    hands: type[Mouse] = request.param
    return lambda: hands(windows.open(java_script_enabled=hands.with_script))
