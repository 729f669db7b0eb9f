"""`tg login` as people do it: the command says an address, they open it, sign in, approve, and are in."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.windows import Windows
from tests.client.tg.command import SECONDS, Tg, address_said_by
from tests.load.server import Server
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser


def test_a_login_is_approved_in_a_browser_and_ended_there(
    world: World, windows: Windows, live_server: LiveServer, tmp_path: Path
) -> None:
    port = int(live_server.url.rpartition(":")[2])
    tg = Tg(Server(port, tmp_path / "log"), tmp_path)
    process = tg.start("login", "--no-browser", "--no-json", "--non-interactive")
    page = windows.open()
    page.goto(address_said_by(process))
    page.get_by_label("Email address").fill(world.project_member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in this terminal?")
    expect(page.get_by_text("Approve only if you just started this yourself")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Go back to your terminal")).to_be_visible()
    text, _ = process.communicate(timeout=SECONDS)
    assert "Logged in." in text, text
    assert tg.asked("switch", world.research.public_id)["status"] == "ok"
    page.reload()
    row = page.get_by_role("row", name="Together CLI (tg)")
    expect(row).to_contain_text("Research")
    row.get_by_role("link", name="Sign out").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("No terminals are signed in")).to_be_visible()
    assert "This login was ended" in tg.run("whoami", "--no-json").text
    assert windows.complaints == []
