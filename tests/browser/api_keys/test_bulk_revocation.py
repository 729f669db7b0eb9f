"""Keys chosen in the report and revoked together, for each way to use a page; the box for all of them."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from keys.verification.verdicts import verify_key
from tests.browser.inspection import find_violations
from tests.browser.journeys import Start, expect_heading, expect_message, open_page
from tests.browser.windows import Windows
from tests.keys.helpers.factories import hoard
from tests.world import World, issued

pytestmark = pytest.mark.browser


def test_an_owner_revokes_what_no_one_needs(world: World, start: Start, windows: Windows) -> None:
    batch = issued(world.production, world.owner, "batch").secret
    runs = issued(world.production, world.owner, "runs").secret
    owner = start(world.owner)
    open_page(owner, "API keys")
    owner.press(owner.page.get_by_role("link", name="Never expires 3"))
    for name in ("Select notebooks in Research", "Select batch in Production"):
        owner.tick(owner.page.get_by_role("checkbox", name=name))
    button = "Revoke 2 selected" if owner.with_script else "Revoke selected"
    owner.press(owner.page.get_by_role("button", name=button))
    expect_heading(owner, "Revoke 2 API keys?")
    owner.press(owner.page.get_by_role("button", name="Revoke 2 keys"))
    expect_message(owner, "2 keys were revoked.")
    expect(owner.page.get_by_role("link", name="Never expires 1")).to_have_attribute(
        "aria-current", "page"
    )
    codes = [str(verify_key(secret).code) for secret in (world.key_secret, batch, runs)]
    assert codes == ["revoked", "revoked", "valid"]
    assert not windows.complaints


@pytest.fixture
def page(world: World, windows: Windows) -> Page:
    """The report with four keys."""
    hoard(world.production, world.owner, 3)
    window = windows.open(world.owner)
    window.goto(reverse("organization_keys", args=[world.organization.slug]))
    return window


def test_one_box_selects_all_of_the_page_and_says_when_some_are(page: Page) -> None:
    every = page.get_by_role("checkbox", name="Select all on this page")
    boxes = page.locator("tbody").get_by_role("checkbox")
    button = page.get_by_role("button", name="Revoke")
    expect(button).to_be_disabled()
    every.check()
    expect(button).to_have_text("Revoke 4 selected")
    boxes.first.uncheck()
    expect(every).to_have_js_property("indeterminate", value=True)
    expect(button).to_have_text("Revoke 3 selected")
    assert find_violations(page, "with some selected") == []
    every.check()
    expect(boxes.first).to_be_checked()
    every.uncheck()
    expect(button).to_be_disabled()


def test_what_was_selected_is_still_counted_after_going_back(page: Page) -> None:
    page.locator("tbody").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Revoke 1 selected").click()
    expect(page.get_by_role("heading", level=1, name="Revoke 1 API key?")).to_be_visible()
    page.go_back()
    box = page.locator("tbody").get_by_role("checkbox").first
    ticked = int(box.is_checked())
    name = f"Revoke {ticked} selected" if ticked else "Revoke selected"
    expect(page.get_by_role("button", name="Revoke")).to_have_text(name)
