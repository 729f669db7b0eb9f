"""The dialog that makes an API key: its secret selected, copied, not lost; its day when it is needed."""

import pytest
from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from tests.browser.inspection import find_violations
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


def made_in_dialog(page: Page, world: World) -> None:
    page.goto(reverse("api_keys", args=[world.research.slug]))
    page.get_by_role("link", name="Create API key").click()
    page.get_by_label("Name", exact=True).fill("ci-pipeline")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_have_accessible_name("Copy your new key")


def test_the_dialog_selects_the_secret_and_copies_it(world: World, windows: Windows) -> None:
    page = windows.open(world.owner, permissions=["clipboard-read", "clipboard-write"])
    made_in_dialog(page, world)
    field = page.get_by_label("API key", exact=True)
    expect(field).to_be_focused()
    secret = field.input_value()
    assert page.evaluate("getSelection().toString()") == secret
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("button", name="Copy command").click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(2)
    assert f"Bearer {secret}" in page.evaluate("navigator.clipboard.readText()")


def test_a_press_beside_the_dialog_does_not_lose_the_secret(world: World, windows: Windows) -> None:
    page = windows.open(world.owner)
    made_in_dialog(page, world)
    page.mouse.click(5, 5)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").filter(has_text="ci-pipeline")).to_be_visible()


def test_escape_asks_before_the_secret_is_lost(world: World, windows: Windows) -> None:
    page = windows.open(world.owner)
    made_in_dialog(page, world)
    question = page.get_by_text("Close without storing it?")
    expect(question).to_be_hidden()
    page.keyboard.press("Escape")
    expect(question).to_be_visible()
    expect(page.get_by_role("button", name="Keep it open")).to_be_focused()
    assert find_violations(page) == []
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(page.get_by_label("API key", exact=True)).to_be_focused()
    page.mouse.click(5, 5)
    expect(question).to_be_visible()
    page.get_by_role("link", name="Close anyway").click()
    expect(page.get_by_role("row").filter(has_text="ci-pipeline")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_leaving_the_page_asks_until_the_secret_is_stored(world: World, windows: Windows) -> None:
    page = windows.open(world.owner)
    asked: list[str] = []

    def stay(question: Dialog) -> None:
        asked.append(question.type)
        question.dismiss()

    page.on("dialog", stay)
    page.goto(reverse("roles"))
    made_in_dialog(page, world)
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.get_by_role("dialog")).to_have_accessible_name("Copy your new key")
    page.get_by_role("link", name="I have stored it").click()
    expect(page.get_by_role("row").filter(has_text="ci-pipeline")).to_be_visible()
    assert asked == ["beforeunload"]


def test_the_day_is_asked_for_by_the_last_choice_alone(world: World, windows: Windows) -> None:
    page = windows.open(world.owner)
    page.goto(reverse("api_key_create", args=[world.research.slug]))
    day = page.get_by_label("Last day the key works")
    expect(day).to_be_hidden()
    page.get_by_label("Expires").select_option("On a day…")
    day.fill("2033-01-30")
    page.get_by_label("Name", exact=True).fill("until a day")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("works until 30 Jan 2033")).to_be_visible()
