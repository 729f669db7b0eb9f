"""Lists in Django admin: every column can be reached, on a laptop and on a phone, and the page stays put."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize

from tests.browser.addresses.admin_rows import add_rows_of_every_model
from tests.browser.addresses.plan import set_longest_names
from tests.browser.inspection import find_overflow
from tests.browser.windows import Windows
from tests.routes.library_table import MODELS
from tests.world import World

pytestmark = pytest.mark.browser
WIDTHS = (1360, 1280, 390)
# Scrolls as a person does, since scripts can also scroll what is cut off for people.
FAR = 5_000
LAST_COLUMN = """(() => {
  const heading = document.querySelector("#result_list thead th:last-child");
  if (!heading) return "the list has no rows";
  const box = heading.getBoundingClientRect();
  const top = document.elementFromPoint(Math.min(box.right, innerWidth) - 3, box.top + box.height / 2);
  const inside = box.right <= innerWidth && (heading === top || heading.contains(top));
  return inside ? "" : `${heading.textContent.trim()} ends at ${Math.round(box.right)} px`;
})()"""


def find_cut_off_column(page: Page) -> str:
    """Scrolls the list to its right end. Returns what is wrong with its last column, or nothing."""
    results = page.locator("#changelist .results")
    if results.count():
        results.scroll_into_view_if_needed()
        results.locator("thead").hover(position={"x": 20, "y": 5})
        page.mouse.wheel(FAR, 0)
        page.wait_for_timeout(80)
    reason: str = page.evaluate(LAST_COLUMN)
    return reason


@pytest.mark.parametrize("width", WIDTHS)
def test_the_last_column_of_every_list_can_be_reached(
    world: World, windows: Windows, width: int
) -> None:
    add_rows_of_every_model(world)
    set_longest_names(world)
    page = windows.open(world.staff, viewport=ViewportSize(width=width, height=800))
    faults = []
    for model in MODELS:
        page.goto(reverse(f"admin:{model}_changelist"))
        if reason := find_cut_off_column(page):
            faults.append(f"{model} at {width} px: {reason}")
        faults += find_overflow(page)
    assert not faults, "\n".join(faults)
