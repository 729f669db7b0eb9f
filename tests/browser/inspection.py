"""What is wrong with a page as it stands: what axe finds in both themes, what is too wide for a phone."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

# axe parses the colors of every text's ancestors anew, which takes it a third of its time.
REMEMBER_COLORS = """(() => {
  const Color = axe.commons.color.Color, parse = Color.prototype.parseString, parsed = new Map();
  Color.prototype.parseString = function (text) {
    if (parsed.has(text)) [this.r, this.g, this.b, this.alpha] = parsed.get(text);
    else parsed.set(text, (parse.call(this, text), [this.r, this.g, this.b, this.alpha]));
    return this;
  };
})();"""
AXE = Axe().axe_script + REMEMBER_COLORS
# Only violations are asked for: the full answer takes longer to transfer than axe takes to find it.
# `preload` serves rules on media alone, and writes a <style> which the page's policy refuses.
OPTIONS: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
# Themes differ in colors alone, so what else axe looks for is looked for in one of them.
RULES: dict[str, Any] = {
    "light": OPTIONS,
    "dark": {**OPTIONS, "runOnly": ["color-contrast", "link-in-text-block"]},
}
TEXT_COLORS = {"light": "rgb(21, 24, 30)", "dark": "rgb(236, 238, 242)"}
# Django admin has the theme in a meta element. Colors are compared as they are in the end, not in
# the middle of a transition.
SET_THEME = """theme => {
  const root = document.documentElement;
  if ("theme" in root.dataset) root.dataset.theme = theme;
  else document.querySelector("meta[name='color-scheme']").content = theme;
  document.getAnimations().forEach(animation => animation.finish());
  return getComputedStyle(document.body).color;
}"""
RUN_AXE = "options => axe.run(document, options).then(answer => answer.violations)"

DESK = ViewportSize(width=1280, height=720)
PHONE = ViewportSize(width=360, height=740)
# How far the page is wider than the window, and what sticks out to the right of it, apart from what
# is only for screen readers and from what a part of the page lets people scroll by itself.
MEASURE_WIDTH = """() => {
  const root = document.documentElement, width = root.clientWidth;
  const scrolls = (element) => element && (["auto", "scroll"].includes(getComputedStyle(element).overflowX)
    || scrolls(element.parentElement));
  const beyond = Math.max(root.scrollWidth, document.body.scrollWidth) - width;
  const elements = beyond <= 0 ? [] : [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility({visibilityProperty: true})
      && element.getBoundingClientRect().right > width + 1 && !scrolls(element)
      && !element.closest(".visually-hidden"))
    .map((element) => element.outerHTML.slice(0, 90));
  return {width: innerWidth, beyond, elements};
}"""


def find_violations(page: Page, state: str = "") -> list[str]:
    """What axe finds, in both themes: rule, place, reason. `state` names what is open on the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [line for theme in RULES for line in find_violations_in(page, theme, state)]


def find_violations_in(page: Page, theme: str, state: str) -> list[str]:
    color = page.evaluate(SET_THEME, theme)
    assert color == TEXT_COLORS[theme], f"{page.url} {state}: not {theme}, its text is {color}"
    return [
        f"{page.url} {theme} {state}: {violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in page.evaluate(RUN_AXE, RULES[theme])
        for node in violation["nodes"]
    ]


def find_overflow(page: Page, state: str = "") -> list[str]:
    """What makes the page scroll sideways in its window."""
    answer = page.evaluate(MEASURE_WIDTH)
    assert page.viewport_size
    assert answer["width"] == page.viewport_size["width"]
    beyond = answer["beyond"]
    return [f"{page.url} {state}: {beyond} px, {answer['elements']}"] if beyond > 0 else []


def find_faults(page: Page, state: str = "") -> list[str]:
    """Violations in a window as wide as a desk's, and what is too wide for a phone's.

    Begins with the width that the window has, as each change lays out the page anew.
    """
    if page.viewport_size == PHONE:
        overflow = find_overflow(page, state)
        page.set_viewport_size(DESK)
        return overflow + find_violations(page, state)
    violations = find_violations(page, state)
    page.set_viewport_size(PHONE)
    return violations + find_overflow(page, state)
