"""For browser tests: the world behind the live server, windows of people, three ways to use a page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser.drivers import Keyboard, Mouse, WithoutScript
from tests.browser.journeys import Start
from tests.browser.windows import PATIENCE, Windows
from tests.world import World, build_world


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """`page.goto("/accounts/login/")` goes to the console under test."""
    return str(live_server.url)


@pytest.fixture
def world(live_server: LiveServer, settings: Settings) -> World:
    """The shared world; links in its mail lead to the console under test."""
    settings.BASE_URL = str(live_server.url)
    return build_world()


@pytest.fixture(scope="session")
def all_windows(browser: Browser, base_url: str) -> Windows:
    expect.set_options(timeout=PATIENCE)
    return Windows(browser, base_url)


@pytest.fixture
def windows(all_windows: Windows) -> Iterator[Windows]:
    yield all_windows
    all_windows.close_all()


@pytest.fixture(params=[Mouse, Keyboard, WithoutScript], ids=lambda driver: driver.__name__)
def start(request: pytest.FixtureRequest, windows: Windows) -> Start:
    driver: type[Mouse] = request.param
    options = {} if driver.with_script else {"java_script_enabled": False}

    def sit_down(user: User | None = None) -> Mouse:
        page = windows.open(user, **options)
        if user is not None:
            page.goto("/")
        return driver(page)

    return sit_down
