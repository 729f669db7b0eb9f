"""Pages of admin API keys; part of the list in every_page.py."""

from django.urls import reverse

from tests.browser.addresses.personal_tokens import LONG_NAME
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.world import World


def admin_key_pages(world: World) -> list[str]:
    """The list with and without keys in it, creating one and revoking one."""
    issue_admin_key(world.owner, world.organization)
    long = issue_admin_key(world.owner, world.organization, LONG_NAME).key
    slug = world.organization.slug
    here = reverse("admin_keys", args=[slug])
    return [
        here,
        f"{here}?q=nothing-of-that-name",
        reverse("admin_key_create", args=[slug]),
        reverse("admin_key_revoke", args=[slug, long.public_id]),
    ]
