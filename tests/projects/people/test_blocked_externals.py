"""*Add collaborator* while externals are not allowed: the way to the switch, and back with what was typed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Invitation, User
from projects.models import Project
from tests.support.pages import checked_radios, signed_in, words
from tests.world import ADMIN, World, build_world, listed, set_limits

pytestmark = pytest.mark.django_db
NEW = "jo@outside.example"
TYPED = {"email": NEW, "role": "admin", "end_date": "2999-01-31"}


@pytest.fixture
def world() -> World:
    return build_world()


def add(user: User, project: Project, **data: str) -> Any:
    url = reverse("collaborator_add", args=[project.slug])
    return signed_in(user).post(url, {**TYPED, **data})


def test_the_form_leads_to_the_switch_and_back_with_what_was_typed(world: World) -> None:
    browser = signed_in(world.owner)
    switch = add(world.owner, world.production).context["switch_url"]
    page = browser.get(switch)
    assert f"You then return to Add collaborator with {NEW} filled in" in words(page)
    saved = browser.post(switch, {"name": "Production", "allow_external_collaborators": "on"})
    back = urlsplit(saved["Location"])
    assert back.path == reverse("collaborator_add", args=["production"])
    assert {name: values[0] for name, values in parse_qs(back.query).items()} == TYPED
    form = browser.get(saved["Location"])
    assert f'value="{NEW}"' in form.content.decode()
    assert 'value="2999-01-31"' in form.content.decode()
    assert checked_radios(form, "role") == ["admin"]


def test_one_button_turns_the_switch_on_and_invites(world: World) -> None:
    listed(world.production, world.project_admin, ADMIN)
    response = add(world.project_admin, world.production)
    assert response.context["can_allow_at_once"]
    response = add(world.project_admin, world.production, allow_outsiders="on")
    invitation = Invitation.objects.pending().get(email=NEW)
    assert response["Location"].endswith(f"?new={invitation.public_id}#new-invitation")
    world.production.refresh_from_db()
    assert world.production.allow_external_collaborators
    events = AuditEvent.objects.filter(organization=world.organization).order_by("-pk")[:2]
    assert [event.act for event in events] == ["invitation.sent", "project.changed"]


def test_the_switch_stays_off_when_nobody_is_invited(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    response = add(world.owner, world.production, allow_outsiders="on")
    assert response.status_code == 422
    assert not response.context["can_allow_at_once"]
    world.production.refresh_from_db()
    assert not world.production.allow_external_collaborators


def test_who_may_ask_support_is_led_there_and_others_read_who_may(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    ask = add(world.owner, world.research).context["request_url"]
    assert f"We want to invite {NEW}." in signed_in(world.owner).get(ask).content.decode()
    response = add(world.project_admin, world.research)
    assert response.context["request_url"] == ""
    assert f"Ask Owner ({world.owner.email}), the Owner, or another Admin." in words(response)
    assert reverse("externals_request", args=["northwind"]) not in response.content.decode()


def test_the_way_back_leads_to_the_projects_own_form_alone(world: World) -> None:
    url = reverse("project_settings", args=["production"])
    saved = signed_in(world.owner).post(
        f"{url}?email=//evil.example&role=emperor&next=//evil.example", {"name": "Production"}
    )
    assert saved["Location"] == (
        reverse("collaborator_add", args=["production"]) + "?email=%2F%2Fevil.example"
    )
