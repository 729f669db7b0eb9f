"""Pages of service accounts; part of the list in every_page.py."""

from django.urls import reverse

from accounts.actors import Actor
from keys.service_accounts.services import create_account_key
from tests.browser.addresses.personal_tokens import LONG_NAME
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.world import World


def account_pages(world: World) -> list[str]:
    """An account with tokens and keys, one with a long name and without a role, and every act on them."""
    research = world.research
    full = create_account(world.owner, research, "Nightly build")
    token = issue_account_token(world.owner, full).token
    create_account_key(actor=Actor.of_user(world.owner), account=full, name="of the build")
    empty = create_account(world.owner, research, LONG_NAME, "none")
    external = create_account(world.external_admin, research, "Partner sync", "member")
    names = ("service_account", "service_account_rename", "service_account_role")
    acts = (*names, "service_account_remove", "service_account_key_create")
    slug = research.slug
    return [
        *(reverse(name, args=[slug]) for name in ("service_accounts", "service_account_create")),
        *(reverse(name, args=[slug, full.public_id]) for name in acts),
        reverse("service_account_token_create", args=[slug, full.public_id]),
        reverse("service_account_token_revoke", args=[slug, token.public_id]),
        *(reverse("service_account", args=[slug, row.public_id]) for row in (empty, external)),
        reverse("service_account_role", args=[slug, external.public_id]),
        reverse("service_account_remove", args=[slug, empty.public_id]),
        reverse("collaborators", args=[slug]),
    ]
