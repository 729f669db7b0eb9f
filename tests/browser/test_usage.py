"""The usage page in a browser: panels, legend and keyboard, without script, and on paper."""

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.addresses.usage import usage_pages
from tests.browser.inspection import PHONE, find_overflow, find_violations
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
WRONG = "?start=2026-13-01&group_by=nothing&product=tea"


def opened(windows: Windows, world: World, query: str = "", **window: Any) -> Page:
    page = windows.open(world.owner, **window)
    page.goto(reverse("usage", args=[world.research.slug]) + query)
    return page


@pytest.mark.parametrize("window", [{}, {"viewport": PHONE}])
def test_panels_and_errors_are_accessible_and_fit_a_telephone(
    world: World, windows: Windows, window: Any
) -> None:
    usage_pages(world)
    found = []
    for query in ("?group_by=api_key&exclude_product=volumes", WRONG):
        page = opened(windows, world, query, **window)
        for panel in ("", ".pick-period", "dialog"):
            if panel == "dialog":
                page.get_by_role("link", name="Filter", exact=False).first.click()
                expect(page.locator("dialog .offers")).to_be_visible()
            elif panel:
                page.locator(f"{panel} > summary").click()
            found += [*find_violations(page, panel), *find_overflow(page, panel)]
            page.keyboard.press("Escape")
    assert not found, "\n".join(found)


def test_the_legend_takes_parts_out_and_the_others_stand_on_the_floor(
    world: World, windows: Windows
) -> None:
    usage_pages(world)
    page = opened(windows, world, "?group_by=api_key")
    bar = page.locator(".bar:has(rect:nth-of-type(3))").last
    second = bar.locator("rect").nth(2)
    before = float(second.get_attribute("y") or 0)
    series = (bar.locator("rect").nth(1).get_attribute("class") or "")[1]
    page.locator(f"[data-series='{series}']").press("Space")
    expect(bar.locator(f".p{series}")).to_be_hidden()
    assert float(second.get_attribute("y") or 0) > before
    page.locator(f"[data-series='{series}']").press("Space")
    assert float(second.get_attribute("y") or 0) == before
    assert not windows.complaints


def test_a_bar_shows_its_parts_and_leads_into_its_day(world: World, windows: Windows) -> None:
    usage_pages(world)
    # Longer than the usage goes back, so that no bar is compared with an earlier one.
    today = timezone.now().date()
    period = f"start={today - dt.timedelta(days=11)}&end={today}"
    page = opened(windows, world, f"?group_by=api_key&{period}")
    bar = page.locator("a.bar:has(rect:nth-of-type(3))").last

    bar.focus()
    box = page.locator(".parts")
    expect(box.locator("p")).to_have_count(1 + bar.locator("rect:not(.hit)").count())
    expect(box).to_contain_text("%")
    for part in box.locator("p[class^=s]").all():
        named = part.locator("span").first.inner_text()
        entry = page.locator(".legend label", has_text=re.compile(f"^{re.escape(named)}$"))
        if entry.count():  # not of the others, which are counted there
            color = part.get_attribute("class") or ""
            assert color in (entry.locator("input").get_attribute("class") or "").split()
    assert page.locator("a.bar[tabindex='0']").count() == 1
    bar.press("ArrowLeft")
    expect(page.locator("a.bar:focus")).to_have_count(1)
    assert page.locator("a.bar:focus").get_attribute("href") != bar.get_attribute("href")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    bar.focus()
    assert find_violations(page) == []
    target = bar.get_attribute("href") or ""
    bar.press("Enter")
    page.wait_for_url(f"**{target}")
    expect(page.get_by_label("Granularity")).to_contain_text("Hourly (automatic)")
    assert not windows.complaints


def test_a_bar_says_what_it_is_compared_with(world: World, windows: Windows) -> None:
    usage_pages(world)
    today = timezone.now().date()
    week = f"?start={today - dt.timedelta(days=6)}&end={today}&granularity=day"
    page = opened(windows, world, week)
    bar = page.locator("a.bar").nth(5)
    bar.focus()
    compared = page.locator(".parts .before")
    expect(compared).to_contain_text("$6.69")
    expect(compared).to_contain_text("%")
    expect(page.locator(".before-entry")).to_be_visible()
    assert find_violations(page) == []
    assert not windows.complaints


def test_a_finger_sees_the_parts_of_a_bar_before_it_goes_there(
    world: World, windows: Windows
) -> None:
    usage_pages(world)
    page = opened(windows, world, "?group_by=api_key", has_touch=True)
    address = page.url
    page.locator("a.bar:has(rect:nth-of-type(3)) .hit").last.tap()
    expect(page.locator(".parts")).to_be_visible()
    assert page.url == address
    page.locator(".parts a").tap()
    page.wait_for_url("**start=**")


def test_a_filter_is_chosen_with_the_keyboard(world: World, windows: Windows) -> None:
    usage_pages(world)
    page = opened(windows, world)
    page.get_by_role("link", name="Filter").press("Enter")
    search = page.get_by_label("Search values")
    expect(search).to_be_focused()
    search.press_sequentially("SERVERLESS")
    expect(page.locator(".offers details[open]")).to_have_count(1)
    expect(page.locator(".offers li:visible")).to_have_count(1)
    only = page.get_by_role("checkbox", name="Only Serverless inference")
    page.get_by_role("checkbox", name="Not Serverless inference").press("Space")
    only.press("Space")
    expect(page.get_by_role("checkbox", name="Not Serverless inference")).not_to_be_checked()
    page.get_by_role("dialog").get_by_role("button", name="Apply").press("Enter")
    expect(page.get_by_role("link", name="Remove Product: Serverless inference")).to_be_visible()
    page.get_by_label("Group by").select_option("Group by: API key")
    expect(page.get_by_role("columnheader", name="API key")).to_be_visible()
    assert "product=serverless-inference" in page.url


def test_it_works_without_script(world: World, windows: Windows) -> None:
    usage_pages(world)
    page = opened(windows, world, java_script_enabled=False)
    page.locator(".pick-period > summary").click()
    page.get_by_label("Start", exact=True).fill("2020-01-01")
    page.get_by_label("End", exact=True).fill("2020-01-31")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No usage in this period")).to_be_visible()
    page.locator(".pick-period > summary").click()
    page.get_by_role("link", name="Last 30 days").click()
    page.get_by_label("Group by").select_option("Group by: API key")
    page.get_by_role("button", name="Apply").last.click()
    expect(page.locator(".bar")).to_have_count(30)
    first = page.locator(".legend input").first
    first.press("Space")
    expect(page.locator(".bar .p0").first).to_be_hidden()
    page.get_by_role("link", name="Filter").click()
    page.get_by_label("Search values").fill("key 5")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator(".offers")).not_to_contain_text("key 4")
    page.get_by_role("checkbox", name="Only key 5").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("link", name="Remove API key: key 5")).to_be_visible()
    assert "group_by=api_key" in page.url


def test_on_paper_there_are_the_numbers_and_nothing_to_press(
    world: World, windows: Windows
) -> None:
    usage_pages(world)
    page = opened(windows, world, "?group_by=api_key")
    page.emulate_media(media="print")
    for gone in (".side", ".filters", ".page-header .button", ".card-footer a"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator("figcaption")).to_be_in_viewport()
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.locator(".plot")).to_be_visible()
    assert len(page.pdf(format="A4")) > 10_000
