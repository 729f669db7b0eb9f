"""Dialogs and menus with the keyboard: the focus stays inside, Escape closes, the focus comes back."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.browser.drivers import Keyboard, is_focused
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
ADD, REMOVE = "Add collaborator", "Remove user"


@pytest.fixture
def page(world: World, windows: Windows) -> Page:
    """The Collaborators page of `research` as its organization's Owner sees it."""
    window = windows.open(world.owner)
    window.goto(reverse("collaborators", args=[world.research.slug]))
    return window


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def focus_is_inside(page: Page) -> bool:
    """Whether Tab has led into the page below; the browser's own bars are no part of it."""
    script = "element => element.contains(document.activeElement) || document.activeElement === document.body"
    return bool(dialog(page).evaluate(script))


def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    opener = page.get_by_role("link", name=ADD)
    Keyboard(page).press(opener)
    expect(dialog(page)).to_have_accessible_name(ADD)
    expect(page.get_by_label("Email address")).to_be_focused()
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 8:
        page.keyboard.press(key)
        assert focus_is_inside(page), key
    page.keyboard.press("Escape")
    expect(dialog(page)).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_safe_button_has_the_focus_when_something_would_be_lost(
    page: Page, world: World
) -> None:
    summary = page.get_by_label(f"Actions for {world.external_row.user.name}", exact=True)
    keyboard = Keyboard(page)
    keyboard.press(summary)
    keyboard.press(page.get_by_role("link", name=REMOVE))
    cancel = dialog(page).get_by_role("link", name="Cancel")
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog(page)).to_be_hidden()
    expect(summary).to_be_focused()
    assert world.external_row.__class__.objects.filter(pk=world.external_row.pk).exists()


def test_escape_and_the_arrows_work_in_a_menu(page: Page, world: World) -> None:
    summary = page.get_by_label(f"Actions for {world.external_row.user.name}", exact=True)
    Keyboard(page).reach(summary)
    page.keyboard.press("ArrowDown")
    first = page.get_by_role("link", name="Make admin")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name=REMOVE)).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    assert is_focused(summary)


def test_a_mistake_is_shown_in_the_dialog_at_its_field(page: Page, world: World) -> None:
    keyboard = Keyboard(page)
    keyboard.press(page.get_by_role("link", name=ADD))
    email = dialog(page).get_by_label("Email address")
    keyboard.write(email, "no address")
    page.keyboard.press("Enter")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    expect(email).to_have_value("no address")
    expect(email).to_have_accessible_description(re.compile("“no” is not an email address"))


def test_the_list_shows_who_was_invited_although_others_were_refused(
    page: Page, world: World
) -> None:
    page.goto(reverse("members", args=[world.organization.slug]))
    page.get_by_role("link", name="Invite member").click()
    dialog(page).get_by_label("Email addresses").fill("somebody.new@elsewhere.example, nonsense")
    dialog(page).get_by_role("button", name="Send invitation").click()
    expect(dialog(page)).to_contain_text("Invited: somebody.new@elsewhere.example.")
    page.keyboard.press("Escape")
    invited = page.get_by_role("row").filter(has_text="somebody.new@elsewhere.example")
    expect(invited).to_be_visible()
    expect(dialog(page)).to_be_hidden()


def test_the_first_stop_leads_past_the_side(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
