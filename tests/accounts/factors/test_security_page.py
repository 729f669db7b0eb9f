"""The security page: what it costs, however much is on it."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User, UserSession
from accounts.sign_in.services import set_new_password
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def add_rows(user: User, number: int) -> None:
    """That many sessions, trusted browsers and passkeys."""
    for index in range(number):
        data = {"name": f"Key {index}", "public_id": f"passkey_{index}"}
        user.authenticator_set.create(type="webauthn", data=data)
        user.trusted_browsers.create(mac=f"{index:043}")
        UserSession.objects.create(user=user, session_key=f"{index:032}")


@pytest.mark.parametrize("name", ["security", "sessions"])
def test_one_row_and_twenty_cost_the_same_queries(world: World, name: str) -> None:
    client = signed_in(world.member)
    add_rows(world.member, 1)
    client.get(reverse(name))
    with queries() as few:
        assert client.get(reverse(name)).status_code == 200
    world.member.authenticator_set.all().delete()
    world.member.trusted_browsers.all().delete()
    UserSession.objects.filter(session_key__startswith="0").delete()
    add_rows(world.member, 20)
    with queries() as many:
        page = client.get(reverse(name)).content.decode()
    assert len(own_queries(many)) == len(own_queries(few)) <= 15
    assert len(many) == len(few)
    assert ("Key 19" in page) is (name == "security")


def test_the_page_says_when_the_password_was_changed(world: World) -> None:
    assert "Password Set Change password" in words(signed_in(world.member).get(reverse("security")))
    set_new_password(
        actor=Actor.of_user(world.member),
        user=world.member,
        password="an entirely different long one",
        revoke_tokens=False,
    )
    assert "Password Changed just now" in words(signed_in(world.member).get(reverse("security")))
