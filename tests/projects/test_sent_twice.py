"""Forms that create something, sent twice: what they create is created once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import FormToken, Organization
from accounts.models.form_token import KEPT_FOR, delete_old_form_tokens
from projects.models import Project
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
SENT_BEFORE = "You already sent this form."


def room(world: World) -> None:
    world.organization.project_limit = 20
    world.organization.save(update_fields=["project_limit"])


def forms(world: World) -> list[tuple[str, dict[str, Any], Any]]:
    slug = world.organization.slug
    return [
        (reverse("project_new", args=[slug]), {"name": "Once"}, Project.objects),
        (reverse("project_new_set", args=[slug]), {"name": ["Once", "Twice"]}, Project.objects),
        (reverse("organization_new"), {"name": "Once"}, Organization.objects),
    ]


def open_form(browser: Client, path: str) -> str:
    response = browser.get(path)
    token = str(response.context["form"]["form_token"].value())
    assert f'value="{token}"' in response.content.decode()
    return token


@pytest.mark.parametrize("number", range(3))
def test_the_second_time_leads_to_what_the_first_created(world: World, number: int) -> None:
    room(world)
    path, data, rows = forms(world)[number]
    browser = signed_in(world.owner)
    token = open_form(browser, path)
    data = {**data, "form_token": token}
    first = browser.post(path, data)
    count = rows.count()
    second = browser.post(path, data)
    assert first.status_code == second.status_code == 302
    assert second["Location"] == first["Location"]
    assert rows.count() == count
    assert SENT_BEFORE in words(browser.get(second["Location"]))


@pytest.mark.parametrize("number", range(3))
def test_another_form_with_the_same_name_creates_another(world: World, number: int) -> None:
    room(world)
    path, data, rows = forms(world)[number]
    browser, before = signed_in(world.owner), rows.count()
    browser.post(path, {**data, "form_token": open_form(browser, path)})
    once = rows.count() - before
    browser.post(path, {**data, "form_token": open_form(browser, path)})
    assert rows.count() == before + 2 * once > before


def test_a_form_with_an_error_can_be_corrected_and_sent_again(world: World) -> None:
    room(world)
    path, data, _ = forms(world)[0]
    browser = signed_in(world.owner)
    token = open_form(browser, path)
    taken = browser.post(path, {"name": "Once", "slug": "research", "form_token": token})
    assert taken.status_code in (409, 422)
    assert not FormToken.objects.exists()
    assert browser.post(path, {**data, "form_token": token}).status_code == 302


def test_the_limit_does_not_hide_what_was_created(world: World) -> None:
    path, data, _ = forms(world)[0]
    world.organization.project_limit = world.organization.projects.unarchived().count() + 1
    world.organization.save(update_fields=["project_limit"])
    browser = signed_in(world.owner)
    data = {**data, "form_token": open_form(browser, path)}
    first, second = browser.post(path, data), browser.post(path, data)
    assert first["Location"] == second["Location"]


def test_tokens_belong_to_a_person(world: World) -> None:
    room(world)
    path, data, rows = forms(world)[0]
    data = {**data, "form_token": "x" * 20}
    signed_in(world.owner).post(path, data)
    count = rows.count()
    signed_in(world.admin).post(path, data)
    assert rows.count() == count + 1


@pytest.mark.parametrize("token", ["no token!", "x" * 21, "\x00"])
def test_other_tokens_are_refused(world: World, token: str) -> None:
    room(world)
    path, data, _ = forms(world)[0]
    response = signed_in(world.owner).post(path, {**data, "form_token": token})
    assert response.status_code == 422


def test_old_tokens_are_deleted(world: World) -> None:
    world.owner.form_tokens.create(token="new")
    world.owner.form_tokens.create(token="old", created_at=timezone.now() - KEPT_FOR)
    assert delete_old_form_tokens() == 1
    assert FormToken.objects.get().token == "new"
