"""Pages of personal access tokens, with some in every state; part of the list in every_page.py."""

from django.urls import reverse

from accounts.actors import Actor
from keys.enums import TokenScope
from keys.personal_tokens.services import revoke_own_token
from tests.keys.helpers.personal_tokens import made
from tests.world import World

LONG_NAME = "a-name-as-long-as-one-can-be-without-any-place-to-break-it-" + "x" * 41


def token_pages(world: World) -> list[str]:
    """Both lists with tokens in them, and the revoking of one that works and of one that is revoked."""
    made(world.owner, world.organization, "expires soon", days=7)
    long = made(world.owner, world.research, LONG_NAME, scope=TokenScope.WRITE, days=365).token
    theirs = made(world.external, world.research).token
    revoked = made(world.owner, world.organization, "revoked").token
    revoke_own_token(actor=Actor.of_user(world.owner), token=revoked)
    slug, everybodys = world.organization.slug, reverse("organization_tokens", args=["~current"])
    return [
        reverse("access_tokens"),
        reverse("organization_tokens", args=[slug]),
        f"{everybodys}?q=nobody-of-that-name",
        *(reverse("access_token_revoke", args=[one.public_id]) for one in (long, revoked)),
        reverse("organization_token_revoke", args=[slug, theirs.public_id]),
    ]
