"""Django admin has no sign-in form of its own, which would know no limits and no second factors."""

import pytest
from django.urls import reverse

from tests.support.pages import signed_in
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def test_its_address_takes_no_password(world: World) -> None:
    world.owner.set_password("correct horse battery")
    world.owner.is_staff = True
    world.owner.save()
    browser = signed_in(world.staff)
    session = browser.session.session_key
    for password in ("correct horse battery", "wrong"):
        answer = browser.post(
            reverse("admin:login"), {"username": world.owner.email, "password": password}
        )
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
    assert browser.session["_auth_user_id"] == str(world.staff.pk)
    assert browser.session.session_key == session


def test_others_are_refused_there(world: World) -> None:
    assert signed_in(world.owner).get(reverse("admin:login")).status_code == 403
