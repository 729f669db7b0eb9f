"""Wrong methods are refused before anything else, and answers to a dialog keep their headers."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.pages import signed_in
from tests.world import PASSWORD, World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "FOO"])
@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/settings/organization/northwind/", "/admin/"]
)
def test_a_wrong_method_is_405_without_a_form_token(world: World, method: str, path: str) -> None:
    for person in (None, world.owner, world.staff):
        browser = Client(enforce_csrf_checks=True)
        if person:
            browser.force_login(person)
        answer = browser.generic(method, path)
        assert answer.status_code == 405
        assert "GET" in answer["Allow"]


def test_a_post_without_a_form_token_is_still_403(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    form = {"login": world.owner.email, "password": PASSWORD}
    assert browser.post("/accounts/login/", form).status_code == 403


def test_an_answer_to_a_dialog_is_kept_in_no_cache(world: World) -> None:
    path = reverse("profile")
    answer = signed_in(world.owner).post(path, {"name": "Another Name"}, headers={"X-Dialog": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["X-Location"]
    assert "no-store" in answer["Cache-Control"]
    assert "Cookie" in answer["Vary"]
    assert "Location" not in answer.headers
