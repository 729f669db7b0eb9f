"""Suspending and reopening an organization: who learns of it, and that nothing can be changed meanwhile."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, OrganizationState
from accounts.organizations.services.closing import close_organization
from accounts.people.services.deletion import delete_account
from accounts.support.services.support import reopen_organization, suspend_organization
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
REASON = "The bill of October is unpaid."


def act(world: World, name: str, **data: str) -> Any:
    path = reverse(f"admin:accounts_organization_{name}", args=[world.organization.pk])
    return signed_in(world.staff).post(path, {"reason": REASON, **data})


def state(world: World) -> str:
    world.organization.refresh_from_db()
    return world.organization.state


def test_suspending_is_mailed_to_those_in_charge_and_recorded(world: World) -> None:
    assert act(world, "suspend").status_code == 302
    assert (state(world), world.organization.state_reason) == ("suspended", REASON)
    event = world.organization.audit_events.get(act=Action.ORGANIZATION_SUSPENDED)
    assert (event.actor, event.values_before, event.values_after) == (
        world.staff,
        {"state": "active"},
        {"state": "suspended", "reason": REASON},
    )
    for person in (world.owner, world.admin):
        assert [REASON in mail.body for mail in mailed_to(person.email)] == [True]
    assert mailed_to(world.member.email) == []


def test_support_reads_what_becomes_of_the_keys_first(world: World) -> None:
    said = {
        "suspend": "Until you reopen it, nothing can be changed and every API key is refused",
        "close": "every API key is refused",
        "reopen": "Their API keys work again, unless revoked or expired",
    }
    for name, sentence in said.items():
        path = reverse(f"admin:accounts_organization_{name}", args=[world.organization.pk])
        page = words(signed_in(world.staff).get(path))
        assert "Active API keys: 1, and the Default Key" in page
        assert sentence in page


def test_the_mails_say_it_too(world: World) -> None:
    act(world, "suspend")
    act(world, "reopen")
    suspended, reopened = mailed_to(world.owner.email)
    assert "and its API keys are refused" in suspended.body
    assert "Everything works as before, including its API keys" in reopened.body


@pytest.mark.parametrize("former", [OrganizationState.SUSPENDED, OrganizationState.CLOSED])
def test_reopening_works_from_both(world: World, former: OrganizationState) -> None:
    world.organization.change_state(former, "Before.")
    assert act(world, "reopen").status_code == 302
    assert (state(world), world.organization.state_reason) == ("active", "")
    event = world.organization.audit_events.get(act=Action.ORGANIZATION_REOPENED)
    assert (event.values_before, event.values_after["reason"]) == ({"state": former}, REASON)
    assert "reopened" in mailed_to(world.owner.email)[0].subject
    settings = reverse("organization_settings", args=[world.organization.slug])
    assert signed_in(world.owner).post(settings, {"name": "Northwind"}).status_code == 302


def test_what_is_so_already_is_a_conflict(world: World) -> None:
    assert act(world, "reopen").status_code == 409
    world.organization.change_state(OrganizationState.SUSPENDED, "Before.")
    assert act(world, "suspend").status_code == 409
    world.organization.refresh_from_db()
    assert world.organization.state_reason == "Before."
    assert mailed_to(world.owner.email) == []


def test_a_reason_is_needed(world: World) -> None:
    assert act(world, "suspend", reason="").status_code == 422
    assert state(world) == "active"


def test_the_page_of_an_organization_offers_the_one_that_fits(world: World) -> None:
    page = reverse("admin:accounts_organization_change", args=[world.organization.pk])
    staff = signed_in(world.staff)
    assert ["Suspend" in words(staff.get(page)), "Reopen" in words(staff.get(page))] == [
        True,
        False,
    ]
    world.organization.change_state(OrganizationState.CLOSED, "Gone.")
    assert ["Suspend" in words(staff.get(page)), "Reopen" in words(staff.get(page))] == [
        False,
        True,
    ]


def test_the_services_take_staff_alone(world: World) -> None:
    for service in (suspend_organization, reopen_organization):
        with pytest.raises(PermissionDenied):
            service(actor=Actor.of_user(world.owner), organization=world.organization, reason="x")


def test_an_organization_whose_owner_deleted_their_account_stays_closed(world: World) -> None:
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)
    delete_account(actor=Actor.of_user(world.owner))
    response = act(world, "reopen", reason="They asked for it.")
    assert response.status_code == 409
    assert "Its Owner deleted their account" in words(response)
    assert state(world) == OrganizationState.CLOSED


def test_support_closes_an_organization_and_says_why(world: World) -> None:
    assert act(world, "close").status_code == 302
    assert (state(world), world.organization.state_reason) == ("closed", REASON)
    event = world.organization.audit_events.get(act=Action.ORGANIZATION_CLOSED)
    assert (event.actor, event.values_after["reason"]) == (world.staff, REASON)
    assert "closed" in mailed_to(world.member.email)[0].subject
    overview = reverse("organization", args=[world.organization.slug])
    assert signed_in(world.owner).get(overview).status_code == 200
    assert signed_in(world.admin).get(overview).status_code == 404
    assert act(world, "close").status_code == 409
