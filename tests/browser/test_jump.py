"""Search or jump to with the keyboard: Ctrl+K, typing, arrows, Enter, Escape."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.browser.drivers import Keyboard
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def page(world: World, windows: Windows) -> Page:
    window = windows.open(world.owner)
    window.goto(reverse("members", args=[world.organization.slug]))
    return window


def field(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("searchbox")


def result(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog").get_by_role("link", name=name)


def test_what_is_typed_is_found_and_the_arrows_lead_there(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    expect(result(page, "Audit log")).to_be_visible()
    page.keyboard.type("north")
    expect(result(page, "Audit log")).to_have_count(0)
    first, second = result(page, "Default Project"), result(page, "Northwind northwind")
    expect(second).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/settings/organization/northwind/$"))


def test_enter_goes_to_the_first_result_of_what_was_typed_last(page: Page, world: World) -> None:
    page.keyboard.press("Control+k")
    expect(field(page)).to_be_focused()
    page.keyboard.type("resear")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/settings/projects/{world.research.slug}/$"))


def test_escape_closes_it_and_gives_the_focus_back(page: Page) -> None:
    link = page.get_by_role("link", name="Search or jump to")
    Keyboard(page).reach(link)
    for opens in ("Enter", "Control+k"):
        page.keyboard.press(opens)
        expect(field(page)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(link).to_be_focused()
