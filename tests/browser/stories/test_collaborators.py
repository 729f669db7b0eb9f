"""A project's collaborators from the first to the removed one, told once for each way to use a page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.drivers import Mouse
from tests.browser.journeys import Start, expect_heading, expect_message, row, side_link, sign_in
from tests.browser.windows import Windows
from tests.support.mail import mailed_to
from tests.world import World

pytestmark = pytest.mark.browser


def test_an_owner_brings_people_into_a_project_and_out_again(
    world: World, start: Start, windows: Windows
) -> None:
    owner, guest, mailed = start(), start(), start()
    sign_in(owner, world.owner.email)
    open_collaborators(owner)
    add(owner, world.member.email, "Member is now a collaborator of Production.")
    expect(row(owner, world.member.email)).to_contain_text("Member")
    allow_externals(owner)
    for outsider in (world.stranger, world.other_member):
        add(owner, outsider.email, f"{outsider.email} is invited to Production")
        expect(row(owner, outsider.email)).to_contain_text("Invited by Owner")

    accept_in_the_console(guest, world.stranger.email)
    accept_by_mail(mailed, world.other_member.email)
    owner.page.reload()
    for outsider in (world.stranger, world.other_member):
        expect(row(owner, outsider.email)).to_contain_text("External")

    change_role(owner, "Stranger", "Admin")
    remove(owner, "Stranger")
    expect(row(owner, world.stranger.email)).to_have_count(0)
    locked_out, still_in = guest.page.reload(), mailed.page.reload()
    assert locked_out is not None
    assert locked_out.status == 404
    expect(guest.page.locator("body")).not_to_contain_text("Production")
    assert still_in is not None
    assert still_in.status == 200
    assert not windows.complaints


def open_collaborators(hands: Mouse) -> None:
    hands.press(side_link(hands, "Projects"))
    expect_heading(hands, "Projects")
    hands.press(hands.page.get_by_role("main").get_by_role("link", name="Production", exact=True))
    expect(hands.page).to_have_url(re.compile("/settings/projects/production/$"))
    hands.press(side_link(hands, "Collaborators"))
    expect_heading(hands, "Collaborators")


def add(hands: Mouse, email: str, message: str) -> None:
    hands.press(hands.page.get_by_role("link", name="Add collaborator").first)
    hands.write(hands.page.get_by_label("Email address"), email)
    hands.press(hands.page.get_by_role("button", name="Confirm"))
    expect_message(hands, message)


def allow_externals(hands: Mouse) -> None:
    hands.press(side_link(hands, "Settings"))
    box = hands.page.get_by_label("Allow external collaborators")
    hands.tick(box)
    expect(box).to_be_checked()
    hands.press(hands.page.get_by_role("button", name="Save changes"))
    expect_message(hands, "Settings saved.")
    hands.press(side_link(hands, "Collaborators"))
    expect_heading(hands, "Collaborators")


def accept_in_the_console(hands: Mouse, email: str) -> None:
    sign_in(hands, email)
    hands.press(hands.page.get_by_role("link", name="View invitations"))
    expect(hands.page).to_have_url(re.compile("/invitations/$"))
    hands.press(hands.page.get_by_role("link", name="Northwind · Production"))
    accept(hands)


def accept_by_mail(hands: Mouse, email: str) -> None:
    """Opens the link of the mail while signed out."""
    (message,) = mailed_to(email)
    (link,) = re.findall(r"https?://\S+", str(message.body))
    hands.page.goto(link)
    hands.press(hands.page.get_by_role("link", name="Sign in"))
    expect_heading(hands, "Sign in")
    sign_in(hands, email)
    accept(hands)


def accept(hands: Mouse) -> None:
    hands.press(hands.page.get_by_role("button", name="Accept"))
    expect_message(hands, "Welcome to Northwind.")
    expect_heading(hands, "Production")


def change_role(hands: Mouse, name: str, role: str) -> None:
    hands.press(hands.page.get_by_role("link", name=f"change the role of {name}"))
    hands.pick(hands.page.get_by_role("group", name="Project role"), role)
    hands.press(hands.page.get_by_role("button", name="Change role"))
    expect_message(hands, f"{name} is now {role} of Production.")


def remove(hands: Mouse, name: str) -> None:
    hands.press(hands.page.get_by_label(f"Actions for {name}"))
    hands.press(hands.page.get_by_role("link", name="Remove user"))
    expect_heading(hands, f"Remove {name} from Production?")
    hands.press(hands.page.get_by_role("button", name="Remove user"))
    expect_message(hands, f"{name} is no longer listed in Production.")
