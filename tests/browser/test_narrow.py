"""Nothing scrolls sideways on a telephone of 360 px, whatever people are called."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, ViewportSize, expect

from accounts.models import Organization, User
from projects.models import Project
from tests.browser.addresses.every_page import Visit, opened, visits, walk
from tests.browser.conftest import Windows
from tests.world import World

pytestmark = pytest.mark.browser
TELEPHONE: Any = {"viewport": ViewportSize(width=360, height=740)}
LONGEST = "W" * 100
# What sticks out to the right of the window, apart from what is only for screen readers and from
# what a part of the page lets people scroll by itself.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX)
    || scrolls(element.parentElement));
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility({visibilityProperty: true})
      && element.getBoundingClientRect().right > width + 1 && !scrolls(element)
      && !element.closest(".visually-hidden"))
    .map((element) => element.outerHTML.slice(0, 90));
}"""


def too_wide(page: Page, where: str = "") -> list[str]:
    root = "document.documentElement"
    beyond = page.evaluate(
        f"Math.max({root}.scrollWidth, document.body.scrollWidth) - {root}.clientWidth"
    )
    return [f"{page.url} {where}: {beyond} px, {page.evaluate(STICKING_OUT)}"] if beyond > 0 else []


def with_longest_names(world: World) -> None:
    Organization.objects.update(name=LONGEST)
    Project.objects.filter(is_default=False).update(name=LONGEST)
    User.objects.exclude(pk=world.external.pk).update(name=LONGEST)
    long_address = f"{'w' * 64}@{'w' * 60}.example"
    User.objects.filter(pk=world.owner.pk).update(email=long_address)


@pytest.mark.parametrize("half", [0, 1])
def test_no_page_is_wider_than_a_telephone_or_breaks_its_policy(
    world: World, windows: Windows, half: int
) -> None:
    """Both in one walk, as opening a page is what takes time; see test_policy.py."""
    plan = [Visit(visit.user, visit.addresses[half::2]) for visit in visits(world)]
    with_longest_names(world)
    found = [line for page in walk(windows, plan, **TELEPHONE) for line in too_wide(page)]
    assert not found, "\n".join(found)
    assert not windows.complaints


def test_no_dialog_or_menu_is_wider_than_a_telephone_or_breaks_the_policy(
    world: World, windows: Windows
) -> None:
    page = windows.open(world.owner, **TELEPHONE)
    found = [line for what in opened(page, world) for line in too_wide(page, what)]
    assert not found, "\n".join(found)
    assert not windows.complaints


def test_the_side_folds_into_a_button(world: World, windows: Windows) -> None:
    page = windows.open(world.owner, **TELEPHONE)
    page.goto(reverse("collaborators", args=[world.research.slug]))
    side = page.get_by_role("navigation", name="Console")
    expect(side).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(side).to_be_visible()
    assert not too_wide(page, "side")
    side.get_by_role("link", name="Members").click()
    expect(page.get_by_role("heading", level=1, name="Members")).to_be_visible()
    expect(side).to_be_hidden()


def test_a_table_too_wide_would_be_noticed(windows: Windows) -> None:
    page = windows.open(**TELEPHONE)
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main').style.width = '700px'")
    assert too_wide(page)
