"""Passkeys in Chromium with its virtual authenticator: added, used alone and as a second factor, lost."""

import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import AuditEvent, User
from tests.browser.inspection import find_violations
from tests.browser.windows import Windows
from tests.support.factors import with_app
from tests.support.mail import mailed_to
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser
NEW_PASSWORD = "an entirely different long one"


class Authenticator:
    """A security key with a PIN that is always right, plugged into the page."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self.client = page.context.new_cdp_session(page)
        self.client.send("WebAuthn.enable")
        options: dict[str, Any] = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        added = self.client.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = added["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        found = self.client.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials

    def lose(self) -> None:
        self.client.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


@pytest.fixture(autouse=True)
def insecure_origin(settings: Settings) -> None:
    """The live server speaks http, as the loopback demo does."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True


def add_passkey(page: Page, name: str = "Laptop") -> list[str]:
    """Adds a passkey on the security page; the recovery codes that came with it."""
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Add a passkey")
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    return codes.all_inner_texts()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def enter_password(page: Page, user: User, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_added_and_signs_in_without_an_address(world: World, windows: Windows) -> None:
    page = windows.open(world.member)
    key = Authenticator(page)
    codes = add_passkey(page)
    assert len(codes) == 10
    assert find_violations(page, "codes") == []
    (credential,) = key.credentials()
    assert credential["isResidentCredential"]
    sign_out(page)
    page.goto("/accounts/login/?next=/roles/")
    assert find_violations(page, "sign-in") == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Roles")
    page.goto("/accounts/sessions/")
    expect(page.get_by_text("with a passkey")).to_be_visible()
    # It is a fresh sign-in: nothing is asked again.
    page.goto("/accounts/security/recovery-codes/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create new recovery codes?")
    assert windows.complaints == []


def test_after_the_password_the_passkey_is_the_second_factor(
    world: World, windows: Windows
) -> None:
    page = windows.open(world.member)
    Authenticator(page)
    codes = add_passkey(page)
    sign_out(page)
    enter_password(page, world.member)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    assert find_violations(page, "second factor") == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/accounts/sessions/")
    expect(page.get_by_text("with a password and a passkey")).to_be_visible()
    # Lost: a recovery code takes its place, once.
    for expected in ("Second factor", ""):
        sign_out(page)
        enter_password(page, world.member)
        page.get_by_label("Code").fill(codes[0])
        page.get_by_role("button", name="Continue").click()
        if expected:
            page.wait_for_url(lambda url: "/accounts/" not in url)
        else:
            expect(page.get_by_text("This code is wrong")).to_be_visible()
    assert AuditEvent.objects.filter(act="factor.code_used").count() == 1
    assert windows.complaints == []


def test_the_passkey_is_the_only_factor_of_someone_without_a_password(
    world: World, windows: Windows
) -> None:
    page = windows.open(world.owner)
    key = Authenticator(page)
    codes = add_passkey(page)
    page.goto("/accounts/security/password/remove/")
    page.get_by_role("button", name="Remove password").click()
    expect(page.get_by_text("You sign in with a passkey.").first).to_be_visible()
    sign_out(page)
    enter_password(page, world.owner)
    expect(page.get_by_text("are not correct")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    # Everything that asks for freshness, also when it has to ask.
    world.owner.refresh_from_db()
    assert not world.owner.has_usable_password()
    forget_freshness(page)
    page.goto(f"/settings/organization/{world.organization.slug}/default-key/reveal/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it's you")
    assert find_violations(page, "confirm") == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Default Key")
    key.lose()
    set_password_by_email(page, world.owner)
    enter_password(page, world.owner, NEW_PASSWORD)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    # The lost one is removed, and another one takes its place.
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add passkey").click()
    Authenticator(page)
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("was added")).to_be_visible()
    assert windows.complaints == []


def set_password_by_email(page: Page, user: User) -> None:
    page.goto("/accounts/password/reset/")
    page.get_by_label("Email address").fill(user.email)
    page.get_by_role("button", name="Send link").click()
    page.wait_for_url("**/done/")
    link = re.search(r"(/accounts/password/reset/key/\S+)", mailed_to(user.email)[-1].body)
    assert link
    page.goto(link[1])
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.wait_for_url("**/done/")


def forget_freshness(page: Page) -> None:
    """As if five minutes had passed."""
    from django.conf import settings

    from accounts.access.freshness import FRESH

    name = settings.SESSION_COOKIE_NAME
    value = next(c["value"] for c in page.context.cookies() if c["name"] == name)
    client = Client()
    client.cookies[name] = value
    session = client.session
    del session[FRESH]
    session.save()


def test_a_key_that_does_not_verify_its_user_is_refused(world: World, windows: Windows) -> None:
    page = windows.open(world.member)
    Authenticator(page, verifies=False)
    page.goto("/accounts/security/passkeys/add/")
    page.get_by_label("Name").fill("Without PIN")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("alert").filter(has_text="didn't use a passkey")).to_be_visible()
    assert not world.member.has_passkey


def test_a_passkey_of_somebody_else_is_no_second_factor(world: World, windows: Windows) -> None:
    page = windows.open(world.member)
    Authenticator(page)
    add_passkey(page)
    with_app(world.admin)
    sign_out(page)
    enter_password(page, world.admin)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()


def test_an_answer_cannot_be_replayed(world: World, windows: Windows) -> None:
    """What the browser sent is sent again, with the same session and with a new one."""
    page = windows.open(world.member)
    Authenticator(page)
    add_passkey(page)
    sign_out(page)
    page.goto("/accounts/login/")
    with page.expect_request("**/accounts/login/passkey/") as sent:
        page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    form = sent.value.post_data_json
    assert form
    credential = form["credential"]
    for fresh in (False, True):
        replayer = Client()
        if fresh:
            replayer.post("/accounts/login/passkey/options/")
        answer = replayer.post("/accounts/login/passkey/", {"credential": credential})
        assert answer["Location"] == "/accounts/login/"
        assert replayer.get("/accounts/profile/").status_code == 302
