"""Dialogs of one key: where the focus is, one that leads on to another, a list that is fresh afterwards."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.actors import Actor
from keys.api_keys.services import rotate_key
from tests.browser.drivers import Keyboard
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def page(world: World, windows: Windows) -> Page:
    """The API keys of `research`, as a member of the project sees them."""
    window = windows.open(world.project_member)
    window.goto(reverse("api_keys", args=[world.research.slug]))
    return window


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def menu(page: Page, world: World) -> Locator:
    return page.get_by_label(f"Actions for {world.key.name}", exact=True)


def open_act(page: Page, world: World, act: str) -> Keyboard:
    keyboard = Keyboard(page)
    keyboard.press(menu(page, world))
    keyboard.press(page.get_by_role("link", name=act, exact=True))
    expect(dialog(page).get_by_role("heading", level=1)).to_be_visible()
    return keyboard


def test_enter_pressed_once_too_often_revokes_nothing(page: Page, world: World) -> None:
    open_act(page, world, "Revoke")
    expect(dialog(page).get_by_role("link", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(menu(page, world)).to_be_focused()
    world.key.refresh_from_db()
    assert world.key.is_active


def test_a_dialog_leads_on_to_another_and_the_focus_goes_back_to_the_menu(
    page: Page, world: World
) -> None:
    rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=dt.timedelta(days=1))
    page.reload()
    keyboard = open_act(page, world, "Show rotation")
    keyboard.press(dialog(page).get_by_role("link", name="Undo rotation"))
    heading = dialog(page).get_by_role("heading", level=1)
    expect(heading).to_have_text(f"Undo the rotation of {world.key.name}?")
    expect(dialog(page).get_by_role("link", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(menu(page, world)).to_be_focused()


def test_the_list_says_that_a_key_rotates_however_its_secret_was_left(
    page: Page, world: World
) -> None:
    keyboard = open_act(page, world, "Rotate")
    keyboard.press(dialog(page).get_by_role("button", name="Rotate"))
    expect(dialog(page).get_by_role("textbox", name="API key", exact=True)).to_be_focused()
    page.keyboard.press("Escape")  # asks first
    expect(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    rotating = page.get_by_role("row").filter(has_text=world.key.name)
    expect(rotating).to_contain_text("Rotating")
    expect(dialog(page)).to_be_hidden()


def test_a_mistake_is_shown_in_the_dialog_at_its_field(page: Page, world: World) -> None:
    keyboard = open_act(page, world, "Rename")
    name = dialog(page).get_by_role("textbox", name="Name")
    keyboard.empty(name)
    page.keyboard.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
