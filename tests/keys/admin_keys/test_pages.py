"""The pages of admin API keys: who sees them, and a secret that is shown once."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from keys.admin_keys.services import create_admin_key
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call
from tests.support.pages import freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
FORM = {"name": "Terraform", "days": "90"}


def url(name: str, world: World, *args: str) -> str:
    return reverse(name, args=[world.organization.slug, *args])


def test_the_secret_is_shown_once_and_works(world: World) -> None:
    browser = freshly_signed_in(world.admin)
    page = browser.post(url("admin_key_create", world), {**FORM, "form_token": "sentonce"})
    source = page.content.decode()
    secret = page.context["secret"]
    assert secret in source
    assert "data-ask" in source  # closing the dialog asks first
    assert call("/v3/whoami", secret).status_code == 200
    again = browser.post(
        url("admin_key_create", world), {**FORM, "form_token": "sentonce"}, follow=True
    )
    assert secret not in again.content.decode()
    assert "You already sent this form" in words(again)
    assert world.organization.admin_keys.count() == 1
    assert secret not in signed_in(world.owner).get(url("admin_keys", world)).content.decode()


def test_creating_a_key_asks_for_a_recent_password(world: World) -> None:
    browser = signed_in(world.owner)
    response = browser.post(url("admin_key_create", world), FORM)
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert not world.organization.admin_keys.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "x" * 101), ("days", "7"), ("days", "-1")]
)
def test_a_wrong_value_is_an_error_at_its_field(world: World, field: str, value: str) -> None:
    data = {**FORM, field: value}
    response = freshly_signed_in(world.owner).post(url("admin_key_create", world), data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_a_revoked_key_leaves_the_list(world: World) -> None:
    issued = issue_admin_key(world.owner, world.organization)
    browser = signed_in(world.admin)
    assert "Terraform" in words(browser.get(url("admin_keys", world)))
    browser.post(url("admin_key_revoke", world, issued.key.public_id))
    assert "No admin API keys" in words(browser.get(url("admin_keys", world)))
    assert call("/v3/whoami", issued.secret).status_code == 401
    again = browser.post(url("admin_key_revoke", world, issued.key.public_id))
    assert again.status_code == 409


def test_one_and_twenty_keys_cost_the_same_queries(world: World) -> None:
    browser, numbers = signed_in(world.owner), []
    for count in (1, 20):
        for number in range(count):
            issue_admin_key(world.owner, world.organization, f"key {count} {number}")
        browser.get(url("admin_keys", world))
        with queries() as captured:
            browser.get(url("admin_keys", world))
        numbers.append(len(own_queries(captured)))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("ticked", [True, False])
def test_keys_created_with_a_key_are_revoked_with_it_if_wanted(world: World, ticked: bool) -> None:
    issued = issue_admin_key(world.owner, world.organization)
    actor = Actor(issued.key.principal)
    child = create_admin_key(actor=actor, organization=world.organization, name="Child")
    address = url("admin_key_revoke", world, issued.key.public_id)
    browser = signed_in(world.owner)
    assert "These admin API keys were created with it: Child" in words(browser.get(address))
    browser.post(address, {"with_created": "on"} if ticked else {})
    assert call("/v3/whoami", issued.secret).status_code == 401
    assert call("/v3/whoami", child.secret).status_code == (401 if ticked else 200)


def test_removing_a_member_says_which_admin_keys_stay(world: World) -> None:
    issue_admin_key(world.admin, world.organization)
    page = signed_in(world.owner).get(url("member_remove", world, world.admin.public_id))
    assert "1 admin API key created, which keep working" in words(page)
