"""Closing an organization: its Owner alone, with a password and its slug typed; afterwards they read it."""

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import InvitationState, OfferState
from accounts.models import Invitation, OwnershipOffer
from accounts.organizations.services.closing import close_organization
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import World, join, offered

pytestmark = pytest.mark.django_db


def closed(world: World) -> None:
    close_organization(actor=Actor.of_user(world.owner), organization=world.organization)


def address(world: World) -> str:
    return reverse("organization_close", args=[world.organization.slug])


def test_the_owner_closes_it_and_reads_it_afterwards(world: World) -> None:
    browser = freshly_signed_in(world.owner)
    page = words(browser.get(address(world)))
    assert "Projects closed 3, including the Default Project" in page
    assert "Members who lose access 4" in page
    assert "External collaborators who lose access 2" in page
    assert "Pending invitations withdrawn 2" in page
    assert "API keys that stop working 1 active, and the Default Key" in page
    answer = browser.post(address(world), {"typed": " Northwind "}, follow=True)
    assert "Northwind is closed." in words(answer)
    for name, slug in [("members", "northwind"), ("project", world.research.slug)]:
        assert browser.get(reverse(name, args=[slug])).status_code == 200
    for name in ("organization_close", "project_new", "ownership_transfer"):
        assert browser.get(reverse(name, args=["northwind"])).status_code == 403
    event = world.organization.audit_events.latest("sequence")
    assert (event.act, event.values_after) == (
        "organization.closed",
        {"state": "closed", "reason": f"Closed by {world.owner.email}."},
    )


def test_a_wrong_word_closes_nothing(world: World) -> None:
    for typed in ("", "contoso", "Northwind Labs"):
        answer = freshly_signed_in(world.owner).post(address(world), {"typed": typed})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["typed"]
    world.organization.refresh_from_db()
    assert world.organization.is_active


def test_the_password_is_asked_first(world: World) -> None:
    browser = signed_in(world.owner)
    for answer in (
        browser.get(address(world)),
        browser.post(address(world), {"typed": "northwind"}),
    ):
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    world.organization.refresh_from_db()
    assert world.organization.is_active


@pytest.mark.parametrize("who", ["admin", "member", "project_admin", "external"])
def test_everyone_else_is_out_with_the_next_request(world: World, who: str) -> None:
    browser = signed_in(getattr(world, who))
    closed(world)
    for name, slug in [("organization", "northwind"), ("project", world.research.slug)]:
        assert browser.get(reverse(name, args=[slug])).status_code == 404
    answer = browser.get("/", follow=True)
    assert answer.status_code == 200
    if who != "external":
        assert "You don't belong to an organization yet" in words(answer)


def test_what_is_pending_ends(world: World) -> None:
    offer = offered(world.organization, world.member)
    closed(world)
    assert OwnershipOffer.objects.get(pk=offer.pk).state == OfferState.WITHDRAWN
    states = set(
        Invitation.objects.filter(
            pk__in=[world.invitation.pk, world.member_invitation.pk]
        ).values_list("state", flat=True)
    )
    assert states == {InvitationState.WITHDRAWN}
    assert Invitation.objects.get(pk=world.other_invitation.pk).is_pending


def test_every_member_gets_one_mail(world: World) -> None:
    more = [join(world.organization, f"more{number}@northwind.example") for number in range(3)]
    closed(world)
    for user in (world.owner, world.admin, world.member, world.project_member, *more):
        subjects = [mail.subject for mail in mailed_to(user.email)]
        assert subjects.count("Northwind is closed") == 1
    assert mailed_to(world.external.email) == []
