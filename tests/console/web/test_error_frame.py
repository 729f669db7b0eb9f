"""Errors of signed-in people keep the side and the menu, say who can help, and give nothing away."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.access.organization import ORGANIZATION_HINT, PROJECT_HINT
from accounts.models import User
from tests.support.pages import signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def browsing(user: User, world: World) -> Client:
    """A browser that has opened `research` before."""
    browser = signed_in(user)
    assert browser.get(reverse("project", args=[world.research.slug])).status_code == 200
    assert {ORGANIZATION_HINT, PROJECT_HINT} <= set(browser.cookies)
    return browser


def test_a_404_keeps_the_frame_and_its_bytes(world: World) -> None:
    browser = browsing(world.owner, world)
    foreign, unknown, no_route = (
        browser.get(path)
        for path in (
            f"/settings/projects/{world.other_project.slug}/api-keys/",
            "/settings/organization/nothing-here/members/?q=leak",
            "/nothing/at/all/",
        )
    )
    assert foreign.status_code == unknown.status_code == no_route.status_code == 404
    assert foreign.content == unknown.content == no_route.content
    page = foreign.content.decode()
    assert f'href="{reverse("members", args=[world.organization.slug])}"' in page
    assert "Sign out" in page
    assert "You are signed in as owner@northwind.example." in words(foreign)
    assert settings.SUPPORT_CONTACT in page
    for text in ("<form", "csrf", "nonce", world.other_project.slug, foreign["X-Request-Id"]):
        assert text not in page


def test_a_404_uses_no_message_up(world: World) -> None:
    browser = browsing(world.owner, world)
    browser.post("/accounts/profile/", {"name": "Olivia"})
    browser.get("/nothing/")
    assert "Profile saved" in words(browser.get("/accounts/profile/"))


def test_a_403_says_who_can_help(world: World) -> None:
    answer = browsing(world.project_member, world).get(
        reverse("project_slug", args=[world.research.slug])
    )
    assert answer.status_code == 403
    text = words(answer)
    assert "Project Admin Project Admin, project.admin@northwind.example" in text
    assert "Owner Owner, owner@northwind.example" in text
    assert settings.SUPPORT_CONTACT in text


def test_a_403_in_the_organization_names_owner_and_admins(world: World) -> None:
    answer = browsing(world.project_member, world).get(
        reverse("audit_log", args=[world.organization.slug])
    )
    assert answer.status_code == 403
    assert "Owner Owner, owner@northwind.example Admin Admin, admin@northwind.example" in words(
        answer
    )
    assert f'href="{reverse("members", args=[world.organization.slug])}"' in answer.content.decode()


def test_an_external_reads_names_alone(world: World) -> None:
    answer = browsing(world.external, world).get(
        reverse("project_slug", args=[world.research.slug])
    )
    assert answer.status_code == 403
    emails = set(re.findall(r"[\w.]+@northwind\.example", answer.content.decode()))
    assert emails == set()
    assert "Project Admin" in words(answer)


def test_an_external_admin_reads_the_addresses_of_collaborators_alone(world: World) -> None:
    answer = browsing(world.external_admin, world).get(
        reverse("collaborators_remove_externals", args=[world.research.slug])
    )
    assert answer.status_code == 403
    emails = set(re.findall(r"[\w.]+@northwind\.example", answer.content.decode()))
    assert emails == {world.project_admin.email}


def test_errors_without_a_session_have_no_frame() -> None:
    page = Client().get("/nothing/").content.decode()
    assert "side-foot" not in page
    assert "Go to the console" in page
