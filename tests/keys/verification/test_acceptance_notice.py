"""Where an act ends keys, its page says for how long gateways may accept them, if at all."""

import pytest
from django.urls import reverse
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import User
from keys.credentials.services import create_credential
from keys.models import ServiceCredential
from tests.support.pages import freshly_signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def pages(world: World) -> list[tuple[User, str]]:
    create_credential(actor=Actor.of_user(world.staff), name="gateway")
    credential = ServiceCredential.objects.get()
    organization, project = [world.organization.slug], [world.research.slug]
    row = world.project_member.memberships.get()
    return [
        (world.owner, reverse("project_archive", args=project)),
        (world.owner, reverse("organization_close", args=organization)),
        (world.owner, reverse("default_key_regenerate", args=organization)),
        (
            world.owner,
            reverse("collaborator_remove", args=[*project, world.project_member_row.public_id]),
        ),
        (world.owner, reverse("member_remove", args=[*organization, row.user.public_id])),
        (world.staff, reverse("admin:accounts_organization_suspend", args=[row.organization_id])),
        (world.staff, reverse("admin:accounts_organization_close", args=[row.organization_id])),
        (world.staff, reverse("admin:keys_servicecredential_revoke", args=[credential.pk])),
    ]


def test_every_page_that_ends_keys_states_the_bound_and_none_without_one(
    world: World, settings: Settings
) -> None:
    for person, address in pages(world):
        browser = freshly_signed_in(person)
        settings.KEY_CACHE_SECONDS = 30
        said = words(browser.get(address))
        assert "Gateways" in said, address
        assert "for up to 30 s" in said, address
        settings.KEY_CACHE_SECONDS = 0
        assert "Gateways" not in words(browser.get(address)), address
