"""An Admin who becomes a Member may still know admin API keys: the page names and can revoke them."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.members.departure import Departure
from accounts.permissions import OrganizationRole
from keys.admin_keys.services import create_admin_key, revoke_admin_key
from keys.models import AdminKey
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import send
from tests.support.pages import signed_in, words
from tests.world import World, accept, invited_member, person

pytestmark = pytest.mark.django_db


def make_keys(world: World) -> dict[str, AdminKey]:
    """Keys that go back to the Admin, one of which is revoked, and one of the Owner."""
    first = issue_admin_key(world.admin, world.organization, "Scripts").key
    child = create_admin_key(
        actor=Actor(first.principal), organization=world.organization, name="Made by scripts"
    ).key
    other = issue_admin_key(world.owner, world.organization, "Terraform").key
    revoke_admin_key(actor=Actor.of_user(world.owner), organization=world.organization, key=first)
    own = issue_admin_key(world.admin, world.organization, "Back office").key
    return {"child": child, "own": own, "other": other}


def live(keys: dict[str, AdminKey]) -> set[str]:
    for key in keys.values():
        key.refresh_from_db()
    return {name for name, key in keys.items() if not key.is_over}


def role_path(world: World) -> str:
    return reverse("member_role", args=[world.organization.slug, world.admin.public_id])


@pytest.mark.parametrize("box", [{}, {"revoke_admin_keys": "on"}])
def test_the_page_names_them_and_revokes_them_on_request(world: World, box: dict[str, str]) -> None:
    keys, browser = make_keys(world), signed_in(world.owner)
    text = words(browser.get(role_path(world)))
    assert "2 admin API keys they created keep working with the rights of an Admin" in text
    assert "Made by scripts" in text
    assert "Back office" in text
    assert "Terraform" not in text
    assert browser.post(role_path(world), {"role": "member", **box}).status_code == 302
    assert live(keys) == ({"other"} if box else set(keys))
    assert world.organization.memberships.get(user=world.admin).role == OrganizationRole.MEMBER


def test_no_box_without_such_keys_and_none_is_revoked_for_an_admin(world: World) -> None:
    browser = signed_in(world.owner)
    assert "admin API key" not in words(browser.get(role_path(world)))
    keys = make_keys(world)
    unchanged = {"role": "admin", "revoke_admin_keys": "on"}
    assert browser.post(role_path(world), unchanged).status_code == 302
    browser.post(role_path(world), {"role": "member"})
    promoted = {"role": "admin", "revoke_admin_keys": "on"}
    assert browser.post(role_path(world), promoted).status_code == 302
    assert live(keys) == set(keys)


def test_the_page_for_several_members_does_the_same(world: World) -> None:
    keys, browser = make_keys(world), signed_in(world.owner)
    second = person("second@northwind.example", "Second Admin")
    accept(invited_member(world.organization, second.email, OrganizationRole.ADMIN), second)
    keys["second"] = issue_admin_key(second, world.organization, "Of the second").key
    path = reverse("members_role", args=[world.organization.slug])
    people = {"people": [world.admin.public_id, second.public_id]}
    text = words(browser.get(path, people))
    assert "3 admin API keys they created keep working" in text
    assert "Of the second" in text
    data = {**people, "role": "member", "revoke_admin_keys": "on"}
    assert browser.post(path, data).status_code == 302
    assert live(keys) == {"other"}


@pytest.mark.parametrize("revoked", [False, True])
def test_the_api_revokes_them_on_request(world: World, revoked: bool) -> None:
    keys = make_keys(world)
    secret = issue_admin_key(world.owner, world.organization, "Caller").secret
    body = {"role": "reader", "revoke_admin_api_keys": revoked}
    path = f"/v1/organization/users/{world.admin.public_id}"
    assert send(path, secret, body).status_code == 200
    assert live(keys) == ({"other"} if revoked else set(keys))


def test_the_removal_page_counts_those_made_by_way_of_others(world: World) -> None:
    make_keys(world)
    membership = world.organization.memberships.get(user=world.admin)
    assert "2 admin API keys created, which keep working" in Departure(membership).made
