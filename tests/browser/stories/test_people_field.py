"""Members are suggested while one types: with the mouse, with the keyboard alone, and without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.drivers import Keyboard, Mouse
from tests.browser.inspection import find_violations
from tests.browser.journeys import Start, expect_message, row
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


def test_someone_is_added_by_a_part_of_the_name(
    world: World, start: Start, windows: Windows
) -> None:
    hands = start(world.owner)
    hands.page.goto("/settings/projects/production/collaborators/")
    hands.press(hands.page.get_by_role("link", name="Add collaborator").first)
    field = hands.page.get_by_label("Name or email address")
    if hands.with_script:
        hands.write(field, "project adm")
        choose(hands)
        expect(field).to_have_value("")
        hands.write(field, world.member.email)
    else:
        hands.press(hands.page.get_by_role("link", name="Find a member in the list"))
        hands.write(hands.page.get_by_label("Name or email address"), "project adm")
        hands.press(hands.page.get_by_role("button", name="Find"))
        hands.press(hands.page.get_by_role("link", name="Project Admin"))
        expect(field).to_have_value(world.project_admin.email)
    hands.press(hands.page.get_by_role("button", name="Confirm"))
    expect_message(hands, "Now collaborators of Production" if hands.with_script else "is now")
    expect(row(hands, world.project_admin.email)).to_contain_text("New")
    assert not windows.complaints


def choose(hands: Mouse) -> None:
    option = hands.page.get_by_role("option", name="Project Admin")
    expect(option).to_be_visible()
    assert find_violations(hands.page, "suggestions") == []
    if isinstance(hands, Keyboard):
        hands.page.keyboard.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        hands.page.keyboard.press("Enter")
    else:
        hands.press(option)
    expect(hands.page.get_by_role("button", name="Remove Project Admin")).to_be_visible()


def test_the_new_owner_is_found_by_name(world: World, windows: Windows) -> None:
    page = windows.open(world.owner)
    page.goto("/settings/organization/northwind/members/transfer/")
    page.get_by_label("New Owner's email address").fill("project memb")
    page.get_by_role("option", name="Project Member").click()
    expect(page.get_by_label("New Owner's email address")).to_have_value(world.project_member.email)
    assert not windows.complaints
