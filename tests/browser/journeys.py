"""What every story in the browser does: sits somebody down, signs in, finds its way, reads the answer."""

import re
from typing import Protocol

from playwright.sync_api import Locator, expect

from accounts.models import User
from tests.browser.drivers import Mouse
from tests.support.mail import mailed_to
from tests.world import PASSWORD


class Start(Protocol):
    """Sits another person down at a browser of their own, signed in already when `user` is given.

    The stories of organizations and collaborators sign in by the form, in each way to use a page.
    """

    def __call__(self, user: User | None = None) -> Mouse: ...


def sign_in(hands: Mouse, email: str) -> None:
    enter_password(hands, email)
    expect(hands.page).not_to_have_url(re.compile("/accounts/login/"))


def enter_password(hands: Mouse, email: str) -> None:
    if not hands.page.url.startswith("http"):
        hands.page.goto("/accounts/login/")
    hands.write(hands.page.get_by_label("Email address"), email)
    hands.write(hands.page.get_by_label("Password"), PASSWORD)
    hands.press(hands.page.get_by_role("button", name="Sign in"))


def side_link(hands: Mouse, name: str) -> Locator:
    """The project's group of links stands before the organization's."""
    side = hands.page.get_by_role("navigation", name="Console")
    return side.get_by_role("link", name=name).first


def expect_heading(hands: Mouse, text: str) -> None:
    expect(hands.page.get_by_role("heading", level=1, name=text)).to_be_visible()


def row(hands: Mouse, email: str) -> Locator:
    return hands.page.get_by_role("row").filter(has=hands.page.get_by_text(email, exact=True))


def expect_message(hands: Mouse, text: str) -> None:
    expect(hands.page.get_by_role("status").filter(has_text=text)).to_be_visible()


def open_page(hands: Mouse, name: str, heading: str = "") -> None:
    """A page of the side, found from the end: the organization's links stand below the project's."""
    side = hands.page.get_by_role("navigation", name="Console")
    hands.press(side.get_by_role("link", name=name).last)
    expect_heading(hands, heading or name)


def link_mailed_to(email: str) -> str:
    """The address in the newest mail somebody got."""
    found = re.search(r"https?://\S+", str(mailed_to(email)[-1].body))
    assert found
    return found[0]
