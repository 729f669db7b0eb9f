"""The link of a pending invitation is one press away: with the mouse, the keyboard, and without script."""

import pytest
from playwright.sync_api import Page, expect

from accounts.enums import Action
from accounts.models import AuditEvent
from accounts.models.invitation import Link
from tests.browser.inspection import find_violations
from tests.browser.journeys import Start
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser


def test_a_link_is_copied_in_one_click(world: World, start: Start, windows: Windows) -> None:
    hands = start(world.owner)
    for name, invitation in (
        ("settings/organization/northwind/members", world.member_invitation),
        ("settings/projects/research/collaborators", world.invitation),
    ):
        hands.page.goto(f"/{name}/")
        link = invitation.token(Link.COPIED)
        button = hands.page.get_by_role("button", name=f"invitation to {invitation.email}")
        if hands.with_script:
            hands.press(button)
            expect(button).to_contain_text("Copied")
            expect(button).to_be_focused()
            assert paste(hands.page).endswith(f"/invitations/{link}/")
            # axe needs script, without which it would never come to an end.
            assert find_violations(hands.page, name) == []
        else:
            hands.press(button)
            field = hands.page.get_by_label("Invitation link", exact=True)
            expect(field).to_be_focused()
            assert field.input_value().endswith(f"/invitations/{link}/")
    assert AuditEvent.objects.filter(act=Action.INVITATION_LINK_COPIED).count() == 2
    assert not windows.complaints


def paste(page: Page) -> str:
    """Returns what the clipboard holds, as a field without a length receives it."""
    page.evaluate("document.body.append(document.createElement('textarea'))")
    field = page.locator("body > textarea").last
    field.focus()
    page.keyboard.press("ControlOrMeta+v")
    text = field.input_value()
    field.evaluate("field => field.remove()")
    return text
