"""Every dialog and menu of the console, opened in turn."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.addresses.api_keys import rotating, secret_shown
from tests.browser.addresses.every_page import named
from tests.world import World, listed

ON_EXTERNAL = ("Make admin", "Set end date", "Remove user")
WAITING = ("Resend invitation", "Show link", "Withdraw invitation")


def list_dialogs(world: World) -> list[tuple[str, str]]:
    """Pages, each with a link on it that opens a dialog."""
    collaborators, keys, project_settings = named(
        ("collaborators", "api_keys", "project_settings"), slug=world.research.slug
    )
    members, projects, settings, default_key = named(
        ("members", "projects", "organization_settings", "default_key"),
        slug=world.organization.slug,
    )
    return [
        (collaborators, "Add collaborator"),
        (collaborators, "Leave project"),
        (collaborators, "Search or jump to"),
        (keys, "Create API key"),
        (members, "Invite member"),
        (members, "Transfer ownership"),
        (projects, "New project"),
        (settings, "Change terminal login"),
        (settings, "Change sign-in rules"),
        (settings, "Close organization"),
        (settings, "Request more projects"),
        (default_key, "Reveal"),
        (default_key, "Regenerate key"),
        (project_settings, "Change slug"),
        (project_settings, "Edit tags"),
        (project_settings, "Archive project"),
        (reverse("organizations"), "New organization"),
        (reverse("access_tokens"), "Create access token"),
        (reverse("profile"), "Delete account"),
    ]


def open_dialogs(page: Page, world: World) -> Iterator[str]:
    """Pages with each of their dialogs open in turn; yields what is open."""
    listed(world.research, world.owner)  # so that there is a row to leave
    for address, name in list_dialogs(world):
        show_page(page, address)
        page.get_by_role("link", name=name).first.click()
        yield from wait_for_dialog(page, name)
    yield from secret_shown(page, world)


def open_menus(page: Page, world: World) -> Iterator[str]:
    """Lists with the menu of each kind of row open, then the dialog of each of its items."""
    collaborators, keys = named(("collaborators", "api_keys"), slug=world.research.slug)
    members = reverse("members", args=[world.organization.slug])
    turning = rotating(world, world.research, "rotating")
    menus = {
        (collaborators, world.external_row.user.name): ON_EXTERNAL,
        (collaborators, world.project_member.name): ("Remove user",),
        (collaborators, world.invitation.email): WAITING,
        (keys, world.key.name): ("Rotate", "Set expiration", "Rename", "Revoke"),
        (keys, turning.name): ("Show rotation", "Finish rotation now", "Undo rotation"),
        (members, world.project_member.name): ("Make admin", "Make Owner…", "Remove member"),
        (members, world.member_invitation.email): WAITING[:1],
    }
    for (address, owner), items in menus.items():
        yield from open_menu(page, address, owner, items)


def open_menu(page: Page, address: str, owner: str, items: Iterable[str]) -> Iterator[str]:
    """The menu of the owner's row, once, then the dialog of each of its items."""
    for number, item in enumerate(items):
        show_page(page, address)
        page.get_by_label(f"Actions for {owner}", exact=True).click()
        if number == 0:
            yield f"menu of {owner}"
        page.get_by_role("link", name=item, exact=True).click()
        yield from wait_for_dialog(page, item)


def show_page(page: Page, address: str) -> None:
    """The page with nothing open on it; opened once for all that is on it."""
    if urlsplit(page.url).path != address:
        page.goto(address)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def wait_for_dialog(page: Page, name: str) -> Iterator[str]:
    expect(page.get_by_role("dialog").get_by_role("heading", level=1)).to_be_visible()
    yield name
