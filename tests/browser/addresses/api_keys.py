"""Pages of API keys in every state, and the dialog with a secret; part of the list in every_page.py."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actors import Actor
from keys.api_keys.services import revoke_key, rotate_key
from keys.models import ApiKey
from projects.models import Project
from tests.keys.helpers.factories import many_keys
from tests.routes.table import KEY_ROW
from tests.support.clock import DAY
from tests.world import World, issued

LONG_NAME = "a-name-as-long-as-one-can-be-without-any-place-to-break-it-" + "x" * 41


def key_pages(world: World) -> list[str]:
    """What can be done with a key, with one that is rotated, and what cannot with one that is revoked.

    The Default Project, whose list is visited by itself, has keys in every state then.
    """
    default, owner = world.default, Actor.of_user(world.owner)
    issued(default, world.owner, "expires-soon", expires_at=timezone.now() + 3 * DAY)
    revoked = issued(default, world.owner, "revoked").key
    revoke_key(actor=owner, key=revoked)
    [expired] = many_keys(default, world.former, 1, "expired")
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    keys = (world.key, rotating(world, default, LONG_NAME), revoked)
    return [*(page for key in keys for page in of_key(key)), f"{reverse('search')}?q=expire"]


def of_key(key: ApiKey) -> list[str]:
    kwargs = {"slug": key.project.slug, "reference": key.public_id}
    return [reverse(name, kwargs=kwargs) for name in KEY_ROW]


def rotating(world: World, project: Project, name: str) -> ApiKey:
    """A key that has an end and is being rotated."""
    end = timezone.now() + 90 * DAY
    key = issued(project, world.owner, name, expires_at=end).key
    rotate_key(actor=Actor.of_user(world.owner), key=key, overlap=DAY)
    return key


def secret_shown(page: Page, world: World) -> Iterator[str]:
    """The dialog that asks for a day, and then shows the secret."""
    page.goto(reverse("api_keys", args=[world.research.slug]))
    page.get_by_role("link", name="Create API key").click()
    page.get_by_label("Name", exact=True).fill("for some years")
    page.get_by_label("Expires").select_option("On a day…")
    page.get_by_label("Last day the key works").fill("2033-01-30")
    yield "a day for the end"
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("dialog")).to_have_accessible_name("Copy your new key")
    yield "a secret"
