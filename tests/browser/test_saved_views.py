"""Saving the view of a usage page and opening it again, in a browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.addresses.usage import usage_pages
from tests.browser.inspection import PHONE, find_overflow, find_violations
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("has_script", [True, False])
def test_a_view_is_saved_listed_and_opened(
    world: World, windows: Windows, *, has_script: bool
) -> None:
    usage_pages(world)
    page = windows.open(world.owner, java_script_enabled=has_script, viewport=PHONE)
    page.goto(reverse("usage", args=["research"]) + "?group_by=api_key")
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("Keys of this month")
    if has_script:
        assert find_violations(page, "dialog") == []
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_text("Keys of this month was saved.")).to_be_visible()
    page.get_by_role("link", name="Saved views").click()
    if has_script:
        assert [*find_violations(page), *find_overflow(page)] == []
    page.get_by_role("link", name="Keys of this month", exact=True).click()
    expect(page.get_by_label("Group by")).to_have_value("api_key")
    assert not windows.complaints
