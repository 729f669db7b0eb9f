"""Every page once: axe finds nothing in both themes, nothing scrolls sideways on a phone of 360 px
whatever people are called, no page breaks the Content-Security-Policy it is sent with, no script
fails and no file is missing. All on one visit, as opening a page is what takes time.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from tests.browser.addresses.dialogs import open_dialogs, open_menus
from tests.browser.addresses.every_page import Visit, walk
from tests.browser.addresses.plan import PARTS, plan_visits, take_part
from tests.browser.inspection import find_faults, find_overflow, find_violations
from tests.browser.plurals import find_plurals_of_one
from tests.browser.windows import FAILED, POLICY, Windows
from tests.world import World

pytestmark = pytest.mark.browser
Opener = Callable[[Page, World], Iterator[str]]


@pytest.fixture
def plan(base_url: str, settings: Settings) -> list[Visit]:
    settings.BASE_URL = base_url
    return plan_visits()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_fault(plan: list[Visit], windows: Windows, part: int) -> None:
    pages = walk(windows, take_part(plan, part))
    faults = [line for page in pages for line in (*find_faults(page), *find_miscounts(page))]
    assert not faults, "\n".join(faults)
    assert not windows.complaints


def find_miscounts(page: Page) -> list[str]:
    return [f"{page.url}: {text}" for text in find_plurals_of_one(page.content())]


def test_a_plural_of_one_is_reported() -> None:
    wrong = ["<p>1 members", "<b>There is 1 pending invitations</b>", "1\n API keys"]
    right = [
        "1 member",
        "11 members",
        "0.1 units",
        "<i>1</i> Members",
        "1 of 5 projects",
        "$1 tokens",
    ]
    assert [text for text in wrong if not list(find_plurals_of_one(text))] == []
    assert [text for text in right if list(find_plurals_of_one(text))] == []


@pytest.mark.parametrize("open_each", [open_dialogs, open_menus])
def test_no_dialog_or_menu_has_a_fault(world: World, windows: Windows, open_each: Opener) -> None:
    page = windows.open(world.owner)
    faults = [line for state in open_each(page, world) for line in find_faults(page, state)]
    assert not faults, "\n".join(faults)
    assert not windows.complaints


def test_a_picture_without_words_is_reported(windows: Windows) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any("image-alt" in line for line in find_violations(page))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_too_faint_in_one_theme_is_reported(windows: Windows, theme: str) -> None:
    """In the other the same colors are far enough apart."""
    page = windows.open()
    page.goto("/accounts/login/")
    faint = {"light": "light-dark(#ddd, #eee)", "dark": "light-dark(#111, #333)"}
    page.evaluate("color => { document.querySelector('h1').style.color = color; }", faint[theme])
    faults = find_violations(page)
    assert faults
    assert all(f" {theme} : color-contrast" in line for line in faults), faults


def test_a_table_too_wide_is_reported(windows: Windows) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main').style.width = '700px'")
    assert not find_overflow(page)
    assert any("px" in line for line in find_faults(page)), find_faults(page)


def test_a_style_in_the_page_is_reported(windows: Windows) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    with page.expect_console_message(lambda message: POLICY in message.text):
        page.evaluate("document.body.setAttribute('style', 'color: red')")
    assert any(POLICY in complaint for complaint in windows.complaints)


def test_a_file_that_is_missing_is_reported(windows: Windows) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    with page.expect_console_message(lambda message: FAILED in message.text):
        page.evaluate("document.body.append(Object.assign(new Image(), {src: '/static/none.svg'}))")
    assert any("/static/none.svg" in complaint for complaint in windows.complaints)
