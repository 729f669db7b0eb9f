"""People invited from a CSV file, told once for each way to use a page; the preview in a narrow window."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.inspection import PHONE, find_overflow, find_violations
from tests.browser.journeys import Start, expect_heading, expect_message, open_page, row
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
EXCEL = "Email;Name;Role\r\nann@x.example;Ann;Admin\r\nbob@x.example;Bob;\r\nnobody;No Body;\r\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(EXCEL.encode("utf-8-sig"))
    return path


def test_an_owner_invites_the_people_in_a_file(
    world: World, start: Start, windows: Windows, file: Path
) -> None:
    owner = start(world.owner)
    open_page(owner, "Members")
    owner.press(owner.page.get_by_role("link", name="Invite member"))
    owner.press(owner.page.get_by_role("link", name="invite them from a CSV file"))
    expect_heading(owner, "Invite members from a CSV file")
    owner.page.locator("input[type=file]").set_input_files(file)
    owner.press(owner.page.get_by_role("button", name="Check list"))
    expect(row(owner, "nobody")).to_contain_text("is not an email address")
    owner.press(owner.page.get_by_role("button", name="Send 2 invitations"))
    expect_message(owner, "2 people were invited to Northwind. 1 row was skipped.")
    for email, role in (("ann@x.example", "Admin"), ("bob@x.example", "Member")):
        expect(row(owner, email)).to_contain_text(role)
    assert not windows.complaints


def test_the_preview_has_no_fault_on_a_phone_either(
    world: World, windows: Windows, file: Path
) -> None:
    page = windows.open(world.owner, viewport=PHONE)
    page.goto(reverse("members_invite_file", args=[world.organization.slug]))
    assert find_violations(page) == []
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check list").click()
    expect(page.get_by_text("2 of 3 people can be added.")).to_be_visible()
    page.get_by_text("Change the list").click()
    assert find_violations(page, "preview") == []
    assert not find_overflow(page, "preview")
    page.get_by_label("Or paste the rows").fill("ann@x.example")
    page.get_by_role("button", name="Send 2 invitations").click()
    expect(page.get_by_text("has changed since. Check it again.")).to_be_visible()
    expect(page.get_by_role("button", name="Send 1 invitation")).to_be_visible()
    assert not windows.complaints
