"""Asking support for external collaborators, and the answer on the page."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import SupportRequestKind, SupportRequestState
from accounts.models import User
from tests.support.pages import signed_in, words
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
ASK = "Ask support to enable them"


@pytest.fixture
def address(world: World) -> str:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    return reverse("externals_request", args=[world.organization.slug])


def ask(user: User, address: str) -> Any:
    return signed_in(user).post(address, {"reason": "Two consultants."})


def test_a_wish_lands_in_supports_queue(world: World, address: str) -> None:
    response = ask(world.admin, address)
    assert response.url == reverse("organization_settings", args=[world.organization.slug])
    request = world.organization.support_requests.get(kind=SupportRequestKind.EXTERNALS)
    assert (request.requested_by, request.reason) == (world.admin, "Two consultants.")
    assert "is pending" in words(signed_in(world.owner).get(address))


def test_while_a_request_waits_there_is_no_second(world: World, address: str) -> None:
    ask(world.admin, address)
    assert ask(world.owner, address).status_code == 409
    assert (
        world.organization.support_requests.filter(kind=SupportRequestKind.EXTERNALS).count() == 1
    )


def test_an_empty_reason_is_refused_at_its_field(world: World, address: str) -> None:
    response = signed_in(world.owner).post(address, {"reason": " "})
    assert (response.status_code, "reason" in response.context["form"].errors) == (422, True)


def test_the_answer_stands_on_the_page_until_the_next_wish(world: World, address: str) -> None:
    ask(world.admin, address)
    request = world.organization.support_requests.get(kind=SupportRequestKind.EXTERNALS)
    request.finish(SupportRequestState.DECLINED, world.staff, "Sign the contract first.")
    page = words(signed_in(world.owner).get(address))
    assert "Support declined the last request" in page
    assert "Sign the contract first." in page
    assert ask(world.owner, address).status_code == 302


def test_with_externals_enabled_there_is_nothing_to_ask(world: World) -> None:
    address = reverse("externals_request", args=[world.organization.slug])
    assert "Send request" not in words(signed_in(world.owner).get(address))
    assert ask(world.owner, address).status_code == 409


def test_the_way_there_is_where_the_switch_is_named(world: World, address: str) -> None:
    """For those who may ask; the others are told who can."""
    settings = reverse("organization_settings", args=[world.organization.slug])
    project = reverse("project_settings", args=[world.research.slug])
    add = reverse("collaborator_add", args=[world.research.slug])
    for page in (settings, project, add):
        assert address in signed_in(world.owner).get(page).content.decode()
    for page in (project, add):
        response = signed_in(world.project_admin).get(page)
        assert ASK not in words(response)
        assert "can ask support" in words(response) or "An Owner or Admin can ask" in words(
            response
        )
