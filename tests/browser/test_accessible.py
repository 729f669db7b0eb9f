"""axe finds nothing on any page, in both themes, with dialogs and menus open and closed."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.addresses.admin import of_admin
from tests.browser.addresses.every_page import Visit, opened, visits, walk
from tests.browser.conftest import Windows
from tests.world import World

pytestmark = pytest.mark.browser
# Themes differ in colours alone, so what else axe looks for is looked for in one of them.
RULES = {"light": {}, "dark": {"runOnly": ["color-contrast", "link-in-text-block"]}}
# Colours are compared as they are in the end, not in the middle of a transition.
PUT_ON = """theme => {
  document.documentElement.dataset.theme = theme;
  document.getAnimations().forEach(animation => animation.finish());
}"""
LIGHT_TEXT = "rgb(236, 238, 242)"
WITHOUT_POLICY: Any = {"bypass_csp": True}


def findings(page: Page, where: str = "") -> list[str]:
    """What axe finds on the page as it is now, in both themes: rule, place, reason."""
    page.evaluate(Axe().axe_script)
    return [finding for theme in RULES for finding in findings_in(page, theme, where)]


def admin_findings(page: Page, theme: str) -> list[str]:
    """As for other pages, but the theme of these is the cookie's alone."""
    page.evaluate(Axe().axe_script)
    return findings_in(page, theme, "")


def findings_in(page: Page, theme: str, where: str) -> list[str]:
    page.evaluate(PUT_ON, theme)
    answer = page.evaluate("rules => axe.run(document, rules)", RULES[theme])
    return [
        f"{page.url} {theme} {where}: {found['id']} at {node['target']}: {node['failureSummary']}"
        for found in answer["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("half", [0, 1])
def test_axe_finds_nothing_on_any_page(world: World, windows: Windows, half: int) -> None:
    """In two halves, as the longest test: the other process would wait for it."""
    half_visits = [Visit(visit.user, visit.addresses[half::2]) for visit in visits(world)]
    pages = walk(windows, half_visits, **WITHOUT_POLICY)
    found = [finding for page in pages for finding in findings(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_axe_finds_nothing_in_django_admin(world: World, windows: Windows, theme: str) -> None:
    pages = walk(windows, [Visit(world.staff, of_admin(world))], theme=theme, **WITHOUT_POLICY)
    found = [finding for page in pages for finding in admin_findings(page, theme)]
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_open_dialogs_and_menus(world: World, windows: Windows) -> None:
    page = windows.open(world.owner, **WITHOUT_POLICY)
    found = [finding for what in opened(page, world) for finding in findings(page, what)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("who", "address"), [("owner", "/roles/"), ("staff", "/admin/")])
def test_the_theme_is_the_one_chosen_or_else_the_systems(
    world: World, windows: Windows, who: str, address: str
) -> None:
    """So that the runs above have looked at two different things."""
    seen = {}
    for theme, scheme in (("light", "dark"), ("dark", "light"), ("system", "dark")):
        page = windows.open(getattr(world, who), theme, color_scheme=scheme)
        page.goto(address)
        seen[theme] = page.evaluate("getComputedStyle(document.body).color")
    assert seen == {"light": "rgb(21, 24, 30)", "dark": LIGHT_TEXT, "system": LIGHT_TEXT}


def test_the_theme_can_be_chosen_in_django_admin(world: World, windows: Windows) -> None:
    page = windows.open(world.staff, "light")
    page.goto("/admin/accounts/user/?q=north")
    page.get_by_role("button", name="Dark").click()
    assert page.url.endswith("/admin/accounts/user/?q=north")
    assert page.evaluate("getComputedStyle(document.body).color") == LIGHT_TEXT


def test_axe_would_find_a_picture_without_words(windows: Windows) -> None:
    page = windows.open(**WITHOUT_POLICY)
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any("image-alt" in finding for finding in findings(page))
