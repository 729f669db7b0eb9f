"""An API key from the first request with it to the last, told once for each way to use a page."""

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drivers import Mouse
from tests.browser.journeys import Start, expect_heading, expect_message, side_link
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
NAME = "nightly-evals"
PASSES, REFUSED = 200, 401


def test_a_member_makes_a_key_rotates_and_revokes_it(
    world: World, start: Start, windows: Windows
) -> None:
    def asked(secret: str) -> int:
        return answer_to(windows.address, secret)

    hands = start(world.project_member)
    open_keys(hands)
    first = create(hands)
    assert asked(first) == PASSES
    set_expiration(hands)
    second = rotate(hands)
    assert second != first
    assert [asked(first), asked(second)] == [PASSES, PASSES]
    expect(row(hands)).to_contain_text("Rotating")
    finish(hands)
    assert [asked(first), asked(second)] == [REFUSED, PASSES]
    cancel_expiration(hands)
    revoke(hands)
    assert [asked(first), asked(second)] == [REFUSED, REFUSED]
    expect(row(hands)).to_have_count(0)
    for secret in (first, second):
        assert secret not in hands.page.content()
    assert not windows.complaints


def answer_to(address: str, secret: str) -> int:
    """What the console says to a gateway that asks about the key."""
    headers = {"Authorization": f"Bearer {secret}"}
    request = urllib.request.Request(f"{address}/v1/auth", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def row(hands: Mouse) -> Locator:
    return hands.page.get_by_role("row").filter(has_text=NAME)


def open_keys(hands: Mouse) -> None:
    hands.press(side_link(hands, "Projects"))
    expect_heading(hands, "Projects")
    hands.press(hands.page.get_by_role("main").get_by_role("link", name="Research", exact=True))
    expect(hands.page).to_have_url(re.compile("/settings/projects/research/$"))
    hands.press(side_link(hands, "API keys"))
    expect_heading(hands, "API keys")


def create(hands: Mouse) -> str:
    hands.press(hands.page.get_by_role("link", name="Create API key").first)
    hands.write(hands.page.get_by_role("textbox", name="Name", exact=True), NAME)
    hands.press(hands.page.get_by_role("button", name="Create", exact=True))
    return stored(hands)


def stored(hands: Mouse) -> str:
    """The secret of the page that shows it, which is then left for good."""
    field = hands.page.get_by_role("textbox", name="API key", exact=True)
    expect(field).to_be_visible()
    expect(field).to_have_attribute("readonly", "")
    copy = hands.page.get_by_role("button", name="Copy key")
    if hands.with_script:
        hands.press(copy)
        expect(hands.page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    else:
        expect(copy).to_be_hidden()
    secret = field.input_value()
    hands.press(hands.page.get_by_role("link", name="I have stored it"))
    expect(field).to_have_count(0)
    expect_heading(hands, "API keys")
    return secret


def choose_act(hands: Mouse, act: str, heading: str) -> None:
    hands.press(hands.page.get_by_label(f"Actions for {NAME}", exact=True))
    hands.press(row(hands).get_by_role("link", name=act, exact=True))
    expect_heading(hands, heading)


def set_expiration(hands: Mouse) -> None:
    choose_act(hands, "Set expiration", f"Set the expiration of {NAME}")
    hands.choose(hands.page.get_by_label("Expires", exact=False).first, "30 days")
    hands.press(hands.page.get_by_role("button", name="Set expiration"))
    expect_message(hands, f"{NAME} works until")


def rotate(hands: Mouse) -> str:
    choose_act(hands, "Rotate", f"Rotate {NAME}")
    hands.press(hands.page.get_by_role("button", name="Rotate"))
    expect(
        hands.page.get_by_text("Until then, you can finish or undo the rotation")
    ).to_be_visible()
    return stored(hands)


def finish(hands: Mouse) -> None:
    choose_act(hands, "Show rotation", f"{NAME} is being rotated")
    hands.press(hands.page.get_by_role("link", name="Finish now"))
    expect_heading(hands, f"Finish the rotation of {NAME} now?")
    hands.press(hands.page.get_by_role("button", name="Finish now"))
    expect_message(hands, f"{NAME} has been rotated. Its old secret no longer works.")


def cancel_expiration(hands: Mouse) -> None:
    choose_act(hands, "Cancel expiration", f"Cancel the expiration of {NAME}?")
    hands.press(hands.page.get_by_role("button", name="Cancel expiration"))
    expect_message(hands, f"{NAME} never expires.")


def revoke(hands: Mouse) -> None:
    choose_act(hands, "Revoke", f"Revoke {NAME}?")
    hands.press(hands.page.get_by_role("button", name="Revoke"))
    expect_message(hands, f"{NAME} was revoked.")
