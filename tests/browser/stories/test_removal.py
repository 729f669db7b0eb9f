"""People are removed and some of their keys with them, told once for each way to use a page."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from keys.verification.verdicts import verify_key
from tests.browser.drivers import Keyboard, Mouse
from tests.browser.inspection import find_violations
from tests.browser.journeys import Start, expect_heading, expect_message, open_page, row
from tests.browser.windows import Windows
from tests.keys.helpers.factories import many_keys
from tests.world import World, issued

pytestmark = pytest.mark.browser


def test_an_owner_removes_people_and_some_of_their_keys(
    world: World, start: Start, windows: Windows
) -> None:
    maker = world.project_member
    runs = issued(world.research, maker, "eval-runs").secret
    others = [issued(world.production, maker, name).secret for name in ("gateway", "batch")]
    owner = start(world.owner)
    owner.page.goto(reverse("collaborators", args=[world.research.slug]))
    ask(owner, maker.name, "Remove user")
    expect_heading(owner, "Remove Project Member from Research?")
    owner.tick(owner.page.get_by_role("checkbox", name="eval-runs"))
    owner.press(owner.page.get_by_role("button", name="Remove user"))
    expect_message(owner, "no longer listed in Research. 1 API key was revoked.")
    expect(row(owner, maker.email)).to_have_count(0)
    assert codes(runs, world.key_secret, *others) == ["revoked", "valid", "valid", "valid"]

    open_page(owner, "Members")
    ask(owner, maker.name, "Remove member")
    expect_heading(owner, "Remove Project Member from Northwind?")
    expect(owner.page.get_by_role("checkbox", name="notebooks")).to_be_visible()
    owner.tick(owner.page.get_by_role("checkbox", name="All 3 keys"))
    owner.press(owner.page.get_by_role("button", name="Remove member"))
    expect_message(owner, "was removed from Northwind. 3 API keys were revoked.")
    assert codes(world.key_secret, *others) == ["revoked"] * 3
    assert not windows.complaints


def ask(hands: Mouse, name: str, item: str) -> None:
    hands.press(hands.page.get_by_label(f"Actions for {name}", exact=True))
    hands.press(hands.page.get_by_role("link", name=item))


def codes(*secrets: str) -> list[str]:
    return [str(verify_key(secret).code) for secret in secrets]


@pytest.fixture
def page(world: World, windows: Windows) -> Page:
    """The question about somebody with a hundred keys, in its dialog."""
    many_keys(world.research, world.project_member, 99)
    window = windows.open(world.owner)
    window.goto(reverse("collaborators", args=[world.research.slug]))
    ask(Mouse(window), world.project_member.name, "Remove user")
    expect(window.get_by_role("dialog").get_by_role("checkbox")).to_have_count(51)
    return window


def test_enter_pressed_once_too_often_removes_no_one(page: Page, world: World) -> None:
    """The focus is on the title: from there Tab leads past the boxes to the safe button first."""
    expect(page.get_by_role("dialog").get_by_role("heading", level=1)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="All 100 keys")).to_be_focused()
    keyboard = Keyboard(page)
    keyboard.reach(page.get_by_role("dialog").get_by_role("link", name="Cancel"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove user")).to_be_focused()
    page.keyboard.press("Escape")
    assert world.research.collaborators.filter(user=world.project_member).exists()


def test_a_hundred_keys_leave_both_buttons_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": 1360, "height": 720})
    for role, name in (
        ("heading", "Remove Project"),
        ("button", "Remove user"),
        ("link", "Cancel"),
    ):
        found = page.get_by_role("dialog").get_by_role(role, name=name)  # type: ignore[arg-type]
        expect(found).to_be_in_viewport(ratio=1)
    assert find_violations(page, "with a hundred keys") == []


def test_a_wrong_id_is_said_in_the_dialog_at_the_boxes(page: Page, world: World) -> None:
    box = page.get_by_role("checkbox", name="many-000")
    box.evaluate("box => { box.value = 'key_00000000000000000000'; box.checked = true; }")
    page.get_by_role("button", name="Remove user").click()
    group = page.get_by_role("dialog").get_by_role("group", name="Also revoke keys created by")
    expect(group).to_have_accessible_description(re.compile("Choose from the keys listed."))
    expect(group).to_contain_text("Choose from the keys listed.")
    assert find_violations(page, "with a wrong id") == []
    assert world.research.collaborators.filter(user=world.project_member).exists()
