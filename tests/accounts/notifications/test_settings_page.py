"""Which mails one gets: all until they are turned off."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.models import AuditEvent
from projects.services.collaborators import change_role, remove_collaborator
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import ADMIN, MEMBER, World

pytestmark = pytest.mark.django_db
ADDRESS = "/accounts/notifications/"


def muted(world: World) -> set[str]:
    return set(world.project_member.muted_notifications.values_list("kind", flat=True))


def test_everything_is_on_until_it_is_turned_off_and_on_again(world: World) -> None:
    browser = signed_in(world.project_member)
    page = browser.get(ADDRESS)
    kinds = set(Notification.values) - {"request_waiting"}
    assert page.content.decode().count(" checked") == len(kinds)
    for kind in kinds:
        assert Notification(kind).label in words(page)
    kept = kinds - {"role_changed", "project_removed"}
    answer = browser.post(ADDRESS, dict.fromkeys(kept, "on"), follow=True)
    assert "Notification settings saved." in words(answer)
    assert muted(world) == {"role_changed", "project_removed"}
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.organization) == ("user.notifications_changed", None)
    assert event.values_after == {"off": ["project_removed", "role_changed"]}
    browser.post(ADDRESS, dict.fromkeys(Notification.values, "on"))
    assert muted(world) == set()


def test_only_staff_can_choose_emails_about_waiting_requests(world: World) -> None:
    label = Notification.REQUEST_WAITING.label
    assert label in words(signed_in(world.staff).get(ADDRESS))
    assert label not in words(signed_in(world.owner).get(ADDRESS))
    signed_in(world.owner).post(ADDRESS, {})
    muted_kinds = set(world.owner.muted_notifications.values_list("kind", flat=True))
    assert muted_kinds == set(Notification.values) - {"request_waiting"}


def test_saving_the_same_again_writes_nothing(world: World) -> None:
    before = AuditEvent.objects.count()
    signed_in(world.member).post(ADDRESS, dict.fromkeys(Notification.values, "on"))
    assert AuditEvent.objects.count() == before


def test_a_changed_role_and_a_removal_are_mailed(world: World) -> None:
    row, email = world.project_member_row, world.project_member.email
    change_role(actor=Actor.of_user(world.owner), collaborator=row, role=ADMIN)
    (changed,) = mailed_to(email)
    assert changed.subject == "Your role in Research"
    assert (
        "Owner changed your role in Research (Northwind). You are now a Project Admin."
        in changed.body
    )
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    removed = mailed_to(email)[-1]
    assert removed.subject == "Removed from Research"
    assert "You no longer have access to it" in removed.body


def test_who_turned_them_off_gets_none(world: World) -> None:
    for kind in Notification:
        world.project_member.muted_notifications.create(kind=kind)
    row = world.project_member_row
    change_role(actor=Actor.of_user(world.owner), collaborator=row, role=ADMIN)
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    assert mailed_to(world.project_member.email) == []


def test_no_one_is_notified_of_what_they_did_themselves(world: World) -> None:
    row = world.project_admin_row
    change_role(actor=Actor.of_user(world.project_admin), collaborator=row, role=MEMBER)
    assert mailed_to(world.project_admin.email) == []


def test_the_profile_leads_there(world: World) -> None:
    page = signed_in(world.member).get(reverse("profile")).content.decode()
    assert f'href="{ADDRESS}"' in page
    assert 'href="/accounts/delete/"' in page
