"""An organization from the first invitation to another Owner, told once for each way to use a page."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import SupportRequestState
from accounts.models import SupportRequest, User
from tests.browser.drivers import Mouse
from tests.browser.journeys import (
    Start,
    enter_password,
    expect_heading,
    expect_message,
    link_mailed_to,
    open_page,
    row,
    sign_in,
)
from tests.browser.windows import Windows
from tests.support.factors import code_of, with_app
from tests.world import World

pytestmark = pytest.mark.browser


def test_two_people_run_an_organization_and_hand_it_over(
    world: World, start: Start, windows: Windows
) -> None:
    SupportRequest.objects.update(state=SupportRequestState.DECLINED)
    owner, guest, support = start(), start(), start()
    sign_in(owner, world.owner.email)
    invite(owner, world.stranger.email)
    accept_by_mail(guest, world.stranger.email)
    make_a_set(owner)
    ask_for_more(owner)
    grant(support, world.staff.email)
    make_one_more(owner)
    offer_ownership(owner, world.stranger.email)
    accept_ownership(guest)
    remove_the_former_owner(guest, world.owner.email)
    locked_out = owner.page.reload()
    assert locked_out is not None
    assert locked_out.status == 404
    read_and_export_the_audit_log(guest)
    assert not windows.complaints


def invite(hands: Mouse, email: str) -> None:
    open_page(hands, "Members")
    hands.press(hands.page.get_by_role("link", name="Invite member"))
    hands.write(hands.page.get_by_label(re.compile("^Email address")), email)
    hands.press(hands.page.get_by_role("button", name="Send invitation"))
    expect_message(hands, email)
    expect(row(hands, email)).to_contain_text("Email queued")


def accept_by_mail(hands: Mouse, email: str) -> None:
    hands.page.goto(link_mailed_to(email))
    hands.press(hands.page.get_by_role("link", name="Sign in"))
    expect_heading(hands, "Sign in")
    sign_in(hands, email)
    hands.press(hands.page.get_by_role("button", name="Accept"))
    expect_message(hands, "Welcome to Northwind.")


def make_a_set(hands: Mouse) -> None:
    """Three of five projects are there: one of the three names is left out."""
    open_page(hands, "Projects")
    hands.press(hands.page.get_by_role("link", name="New project").last)
    hands.press(hands.page.get_by_role("link", name="By team"))
    hands.empty(hands.page.get_by_label("Project 3"))
    hands.press(hands.page.get_by_role("button", name="Create projects"))
    expect_message(hands, "Created ml-research, platform-eng")
    expect(hands.page.get_by_role("main")).to_contain_text("uses 5 of 5 projects")


def ask_for_more(hands: Mouse) -> None:
    hands.press(hands.page.get_by_role("main").get_by_role("link", name="Request more projects"))
    hands.write(hands.page.get_by_label("Why do you need more projects?"), "One for billing.")
    hands.press(hands.page.get_by_role("button", name="Send request"))
    expect_message(hands, "Request sent.")


def grant(hands: Mouse, email: str) -> None:
    """In Django admin, with a second factor as all staff."""
    staff = User.objects.get(email=email)
    staff.authenticator_set.all().delete()
    secret, _ = with_app(staff)
    enter_password(hands, email)
    hands.write(hands.page.get_by_label("Code"), code_of(secret))
    hands.press(hands.page.get_by_role("button", name="Continue"))
    expect(hands.page).not_to_have_url(re.compile("/accounts/login/"))
    hands.page.goto("/admin/accounts/supportrequest/")
    hands.press(hands.page.get_by_role("row").get_by_role("link").last)
    hands.press(hands.page.get_by_role("link", name="Grant"))
    hands.empty(hands.page.get_by_label(re.compile("limit", re.IGNORECASE)))
    hands.write(hands.page.get_by_label(re.compile("limit", re.IGNORECASE)), "6")
    hands.write(hands.page.get_by_label(re.compile("note", re.IGNORECASE)), "Signed.")
    hands.press(hands.page.get_by_role("button", name="Grant"))
    expect(hands.page.locator(".messagelist")).to_be_visible()


def make_one_more(hands: Mouse) -> None:
    open_page(hands, "Projects")
    hands.press(hands.page.get_by_role("main").get_by_role("link", name="New project"))
    hands.write(hands.page.get_by_label("Name", exact=True), "Billing")
    hands.press(hands.page.get_by_role("button", name="Create project"))
    expect_message(hands, "Billing is ready.")


def offer_ownership(hands: Mouse, email: str) -> None:
    open_page(hands, "Members")
    hands.press(hands.page.get_by_role("link", name="Transfer ownership"))
    hands.write(hands.page.get_by_label("New Owner's email address"), email)
    hands.press(hands.page.get_by_role("button", name="Offer ownership"))
    expect_message(hands, "has seven days to accept")


def accept_ownership(hands: Mouse) -> None:
    open_page(hands, "Members")
    hands.press(hands.page.get_by_role("link", name="Review and accept"))
    hands.press(hands.page.get_by_role("button", name="Accept ownership"))
    expect_message(hands, "You are now the Owner of Northwind.")


def remove_the_former_owner(hands: Mouse, email: str) -> None:
    hands.press(row(hands, email).get_by_label("Actions for Owner"))
    hands.press(hands.page.get_by_role("link", name="Remove member"))
    expect_heading(hands, "Remove Owner from Northwind?")
    hands.press(hands.page.get_by_role("button", name="Remove member"))
    expect(row(hands, email)).to_have_count(0)


def read_and_export_the_audit_log(hands: Mouse) -> None:
    open_page(hands, "Audit log")
    acts = [
        "Invitation sent",
        "Invitation accepted",
        "Project created",
        "Support request sent",
        "Support granted a request",
        "Ownership offered",
        "Ownership transferred",
        "Member removed",
    ]
    table = hands.page.get_by_role("table")
    for act in acts:
        expect(table.get_by_role("cell", name=act, exact=True).first).to_be_visible()
    address = hands.page.get_by_role("link", name="Export CSV").get_attribute("href")
    answer = hands.page.request.get(hands.page.url.split("?")[0] + str(address))
    text = answer.text()
    assert answer.headers["content-type"].startswith("text/csv")
    assert [act for act in acts if act not in text] == []
