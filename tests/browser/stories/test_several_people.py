"""Several people changed and removed at once, told once for each way to use a page; the boxes on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.inspection import PHONE, find_overflow, find_violations
from tests.browser.journeys import Start, expect_heading, expect_message, open_page, row
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


def test_an_owner_changes_and_removes_several(world: World, start: Start, windows: Windows) -> None:
    owner = start(world.owner)
    members = (world.member, world.project_member)
    open_page(owner, "Members")
    for user in members:
        owner.tick(owner.page.get_by_role("checkbox", name=f"Select {user.name}", exact=True))
    number = "2 " if owner.with_script else ""
    owner.press(owner.page.get_by_role("button", name=f"Set role of {number}selected"))
    expect_heading(owner, "Change the role of 2 members")
    owner.press(owner.page.get_by_role("button", name="Change roles"))
    expect_message(owner, "2 people are now Admin of Northwind.")
    for user in members:
        expect(row(owner, user.email)).to_contain_text("Admin")

    owner.page.goto(reverse("collaborators", args=[world.research.slug]))
    users = (world.project_member, world.external)
    for user in users:
        owner.tick(owner.page.get_by_role("checkbox", name=f"Select {user.name}", exact=True))
    owner.press(owner.page.get_by_role("button", name=f"Remove {number}selected"))
    expect_heading(owner, "Remove 2 users from Research?")
    owner.press(owner.page.get_by_role("button", name="Remove 2 users"))
    expect_message(owner, "2 people are no longer listed in Research.")
    expect(row(owner, world.external.email)).to_have_count(0)
    assert not windows.complaints


@pytest.mark.parametrize("name", ["members", "collaborators"])
def test_the_boxes_have_no_fault_on_a_phone_either(
    world: World, windows: Windows, name: str
) -> None:
    slug = world.organization.slug if name == "members" else world.research.slug
    page = windows.open(world.owner, viewport=PHONE)
    page.goto(reverse(name, args=[slug]))
    button = page.get_by_role("button", name="Remove selected")
    expect(button).to_be_disabled()
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.get_by_role("button", name="Set role of")).to_be_enabled()
    assert find_violations(page, "all selected") == []
    assert not find_overflow(page, "all selected")
    assert not windows.complaints
