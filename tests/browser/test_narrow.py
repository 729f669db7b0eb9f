"""On a phone the side is a button. (That no page is too wide for one: test_every_page.py.)"""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.inspection import PHONE, find_overflow
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


def test_the_side_folds_into_a_button(world: World, windows: Windows) -> None:
    page = windows.open(world.owner, viewport=PHONE)
    page.goto(reverse("collaborators", args=[world.research.slug]))
    side = page.get_by_role("navigation", name="Console")
    expect(side).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(side).to_be_visible()
    assert not find_overflow(page, "side")
    side.get_by_role("link", name="Members").click()
    expect(page.get_by_role("heading", level=1, name="Members")).to_be_visible()
    expect(side).to_be_hidden()
