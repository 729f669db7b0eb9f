"""*Add collaborator* while externals are not allowed: the way to the switch, and back with what was typed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.fields import random_text
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


def test_the_switch_stays_off_when_no_one_is_invited(world: World) -> None:
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


def test_the_switch_stays_off_when_all_of_several_are_refused(world: World) -> None:
    set_limits(world.organization, world.staff, limit=5, externals=False)
    several = f"{NEW}, bo@outside.example, {world.owner.email}"
    listed(world.production, world.project_admin, ADMIN)
    for email in (f"{NEW}, bo@outside.example", several):
        response = add(world.owner, world.production, email=email, allow_outsiders="on")
        assert response.status_code == 422
        world.production.refresh_from_db()
        assert not world.production.allow_external_collaborators


def test_the_switch_stays_off_when_all_are_members(world: World) -> None:
    members = f"{world.project_admin.email}, {world.member.email}"
    response = add(world.owner, world.production, email=members, allow_outsiders="on")
    assert response.status_code == 302
    world.production.refresh_from_db()
    assert not world.production.allow_external_collaborators
    assert not AuditEvent.objects.filter(
        act="project.changed", target_id=world.production.public_id
    ).exists()


def test_one_button_turns_the_switch_on_once_for_several(world: World) -> None:
    emails = f"{world.member.email}, {NEW}, bo@outside.example"
    response = add(world.owner, world.production, email=emails, allow_outsiders="on")
    assert response.status_code == 302
    assert Invitation.objects.pending().filter(email__endswith="@outside.example").count() == 2
    assert (
        AuditEvent.objects.filter(
            act="project.changed", target_id=world.production.public_id
        ).count()
        == 1
    )


def test_an_external_admin_does_not_turn_the_switch_on_without_inviting(world: World) -> None:
    Project.objects.filter(pk=world.research.pk).update(allow_external_collaborators=False)
    response = add(
        world.external_admin, world.research, email="bo@outside.example", allow_outsiders="on"
    )
    assert response.status_code == 302
    world.research.refresh_from_db()
    assert not world.research.allow_external_collaborators


def test_a_form_that_added_no_one_can_be_sent_again(world: World) -> None:
    data = {"email": f"{NEW}, bo@outside.example", "form_token": random_text()}
    assert add(world.owner, world.production, **data).status_code == 422
    Project.objects.filter(pk=world.production.pk).update(allow_external_collaborators=True)
    assert add(world.owner, world.production, **data).status_code == 302
    assert Invitation.objects.pending().filter(project_ref=world.production.public_id).count() == 2
