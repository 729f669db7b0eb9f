"""Externals may end API keys of service accounts, but get no secret of accounts that are not theirs."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from keys.api_keys.services import rotate_key, set_expiration
from keys.models import ApiKey
from keys.service_accounts.services import create_account_key
from tests.keys.helpers.api_client import send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account, create_account
from tests.projects.api.callers import WRITE
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
CHANGES: dict[str, tuple[str, Any]] = {
    "rename": ("", {"name": "taken over"}),
    "extend": ("", {"expires_in_seconds": 9 * 24 * 3600}),
    "rotate": ("/rotate", {"overlap_seconds": 0}),
    "undo": ("/cancel_rotation", None),
    "keep": ("/cancel_expiration", None),
}
PAGES = ("rename", "expiration", "rotate", "undo", "expiration/cancel")
ENDS = ("finish", "revoke")


def key_of_account(maker: User, world: World) -> ApiKey:
    """The API key of a service account that `maker` created, which expires."""
    account = create_account(maker, world.research, f"CI of {maker.name}")
    key = create_account_key(actor=Actor.of_user(maker), account=account, name=account.name).key
    return set_expiration(actor=Actor.of_user(maker), key=key, expires_at=timezone.now() + 5 * DAY)


def rotating(maker: User, world: World) -> ApiKey:
    key = key_of_account(maker, world)
    rotate_key(actor=Actor.of_user(maker), key=key, overlap=DAY)
    return key


def secret_of(world: World, holder: str) -> str:
    if holder == "account of the external admin":
        return acting_account(world.external_admin, world.research, "Theirs")[1]
    return made(getattr(world, holder), world.research, scope=WRITE).secret


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("holder", ["external", "external_admin", "account of the external admin"])
def test_externals_change_no_key_of_an_account_of_others_by_the_api(
    world: World, holder: str, change: str
) -> None:
    secret = secret_of(world, holder)
    key = (rotating if change == "undo" else key_of_account)(world.owner, world)
    before = (key.name, key.expires_at, key.secrets.live().count())
    path, body = CHANGES[change]
    here = f"/v1/organization/projects/{world.research.public_id}/api_keys/{key.public_id}"
    assert send(here + path, secret, body).status_code == 403
    key.refresh_from_db()
    assert (key.name, key.expires_at, key.secrets.live().count()) == before
    assert send(here, secret, None, "DELETE").status_code == 200


@pytest.mark.parametrize("change", CHANGES)
def test_others_and_the_maker_change_it_by_the_api(world: World, change: str) -> None:
    path, body = CHANGES[change]
    of_owner = (rotating if change == "undo" else key_of_account)(world.owner, world)
    of_external = (rotating if change == "undo" else key_of_account)(world.external_admin, world)
    for holder, key in (("project_member", of_owner), ("external_admin", of_external)):
        here = f"/v1/organization/projects/{world.research.public_id}/api_keys/{key.public_id}"
        named = {"name": f"by {holder}"} if change == "rename" else body
        assert send(here + path, secret_of(world, holder), named).status_code == 200


def address(key: ApiKey, page: str) -> str:
    return f"{reverse('api_keys', args=[key.project.slug])}{key.public_id}/{page}/"


@pytest.mark.parametrize("person", ["external", "external_admin"])
def test_pages_hide_and_refuse_the_same(world: World, person: str) -> None:
    browser = signed_in(getattr(world, person))
    listed = reverse("api_keys", args=[world.research.slug])
    key, in_rotation = key_of_account(world.owner, world), rotating(world.admin, world)
    html = browser.get(listed).content.decode()
    for page in PAGES:
        for row in (key, in_rotation):
            shows_rotation = row == in_rotation and page == "rotate"
            assert (address(row, page) in html) is shows_rotation
            assert browser.post(address(row, page), {}).status_code in (403, 422)
            status = 200 if shows_rotation else 403
            assert browser.get(address(row, page)).status_code == status
    assert browser.post(address(in_rotation, "rotate"), {"overlap": "24"}).status_code == 403
    shown = words(browser.get(address(in_rotation, "rotate")))
    assert "Finish now" in shown
    assert "Undo rotation" not in shown
    for page, row in (("revoke", key), ("finish", in_rotation), ("revoke", in_rotation)):
        assert browser.post(address(row, page)).status_code == 302


def test_pages_offer_all_of_it_for_accounts_of_their_own(world: World) -> None:
    key, browser = key_of_account(world.external_admin, world), signed_in(world.external_admin)
    html = browser.get(reverse("api_keys", args=[world.research.slug])).content.decode()
    for page in ("rename", "expiration", "rotate", "expiration/cancel"):
        assert address(key, page) in html
        assert browser.get(address(key, page)).status_code == 200
