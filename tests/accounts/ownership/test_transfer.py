"""Handing an organization over: offered with a password, accepted with a password, by one member alone."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.access.freshness import FRESH
from accounts.actors import Actor
from accounts.enums import Notification, OfferState
from accounts.errors import Conflict
from accounts.models import AuditEvent, OwnershipOffer, User
from accounts.organizations.services.offers import end_offers
from accounts.ownership.services import accept_offer, decline_offer, withdraw_offer
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import PASSWORD, World, offered, owner_of

pytestmark = pytest.mark.django_db


def roles(world: World) -> dict[str, str]:
    found = world.organization.memberships.exclude(role="member").order_by("role")
    return {one.user.name: one.role for one in found}


def acts(world: World) -> list[str]:
    events = AuditEvent.objects.filter(organization=world.organization, act__startswith="owner")
    return list(events.order_by("pk").values_list("act", flat=True))


def address(world: World, act: str) -> str:
    return reverse(f"ownership_{act}", args=[world.organization.slug])


def expire(offer: OwnershipOffer) -> None:
    OwnershipOffer.objects.filter(pk=offer.pk).update(expires_at=timezone.now())


def test_the_ownership_moves_from_the_pages_of_both(world: World) -> None:
    owner, member = freshly_signed_in(world.owner), freshly_signed_in(world.member)
    answer = owner.post(
        address(world, "transfer"), {"email": "MEMBER@northwind.example"}, follow=True
    )
    assert "has seven days to accept" in words(answer)
    assert "You offered the ownership to Member" in words(answer)
    assert roles(world) == {"Owner": "owner", "Admin": "admin"}
    members = member.get(reverse("members", args=[world.organization.slug]))
    assert "Owner wants to make you the Owner of Northwind" in words(members)
    page = words(member.get(address(world, "accept")))
    assert "You pay" in page
    assert "Owner becomes an Admin" in page
    answer = member.post(address(world, "accept"), follow=True)
    assert "You are now the Owner of Northwind." in words(answer)
    assert roles(world) == {"Member": "owner", "Owner": "admin", "Admin": "admin"}
    assert acts(world) == ["ownership.offered", "ownership.transferred"]
    event = AuditEvent.objects.latest("pk")
    assert event.values_before == {"owner": world.owner.email}
    assert event.values_after == {"owner": world.member.email}


def test_both_learn_of_each_step_by_mail_whatever_they_muted(world: World) -> None:
    for user in (world.owner, world.member):
        for kind in Notification:
            user.muted_notifications.create(kind=kind)
    offer = offered(world.organization, world.member)
    accept_offer(actor=Actor.of_user(world.member), offer=offer)
    for user in (world.owner, world.member):
        first, second = mailed_to(user.email)
        assert first.subject == "Ownership of Northwind"
        assert "offered the ownership to Member (member@northwind.example)" in first.body
        assert "Member (member@northwind.example) is now the Owner of Northwind" in second.body
        assert "/settings/organization/northwind/members/" in second.body


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("act", ["transfer", "accept"])
def test_both_sides_are_asked_for_their_password_first(world: World, act: str, method: str) -> None:
    user = world.owner
    if act == "accept":
        offered(world.organization, world.member)
        user = world.member
    browser = signed_in(user)
    answer = getattr(browser, method)(address(world, act))
    asking = f"{reverse('account_reauthenticate')}?next={address(world, act)}".replace("/", "%2F")
    assert answer["Location"].replace("/", "%2F") == asking
    assert roles(world) == {"Owner": "owner", "Admin": "admin"}
    answer = browser.post(answer["Location"], {"password": PASSWORD})
    assert answer["Location"] == address(world, act)
    assert browser.get(address(world, act)).status_code == 200


def test_a_password_entered_six_minutes_ago_is_asked_again(world: World) -> None:
    browser = freshly_signed_in(world.owner)
    session = browser.session
    session[FRESH][1]["password"] -= 360
    session.save()
    assert browser.get(address(world, "transfer")).status_code == 302


def test_signing_in_is_entering_the_password(world: World) -> None:
    browser = signed_in(world.owner)
    browser.logout()
    browser.post("/accounts/login/", {"login": world.owner.email, "password": PASSWORD})
    assert browser.get(address(world, "transfer")).status_code == 200


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "required"),
        ("nobody", "valid email address"),
        ("owner@northwind.example", "You are already the Owner"),
        ("external@partner.example", "No member of Northwind has this email address"),
        ("nobody@nowhere.example", "No member of Northwind has this email address"),
    ],
)
def test_only_another_member_can_be_chosen(world: World, email: str, says: str) -> None:
    browser = freshly_signed_in(world.owner)
    answer = browser.post(address(world, "transfer"), {"email": email})
    assert answer.status_code == 422
    assert says in str(answer.context["form"].errors["email"])
    assert not OwnershipOffer.objects.exists()


def test_one_offer_waits_at_a_time(world: World) -> None:
    offered(world.organization, world.member)
    with pytest.raises(Conflict, match="You already offered it to Member"):
        offered(world.organization, world.admin)
    page = words(freshly_signed_in(world.owner).get(address(world, "transfer")))
    assert "Withdraw" in page
    assert "Member (member@northwind.example)" in page


def test_an_offer_ends_after_seven_days(world: World) -> None:
    offer = offered(world.organization, world.member)
    assert offer.expires_at - timezone.now() > dt.timedelta(days=6, hours=23)
    expire(offer)
    with pytest.raises(Conflict, match="has expired"):
        accept_offer(actor=Actor.of_user(world.member), offer=offer)
    assert freshly_signed_in(world.member).get(address(world, "accept")).status_code == 404
    again = offered(world.organization, world.admin)
    offer.refresh_from_db()
    assert (offer.state, again.state) == (OfferState.WITHDRAWN, OfferState.PENDING)


def test_a_withdrawn_or_declined_offer_cannot_be_accepted(world: World) -> None:
    offer = offered(world.organization, world.member)
    withdraw_offer(actor=Actor.of_user(world.owner), organization=world.organization)
    with pytest.raises(Conflict, match="was withdrawn"):
        accept_offer(actor=Actor.of_user(world.member), offer=offer)
    offer = offered(world.organization, world.member)
    decline_offer(actor=Actor.of_user(world.member), offer=offer)
    with pytest.raises(Conflict, match="was declined"):
        accept_offer(actor=Actor.of_user(world.member), offer=offer)
    assert owner_of(world.organization) == world.owner
    assert acts(world)[1::2] == ["ownership.withdrawn", "ownership.declined"]


def test_the_former_owner_can_do_what_an_admin_can_and_no_more(world: World) -> None:
    accept_offer(actor=Actor.of_user(world.member), offer=offered(world.organization, world.member))
    browser = freshly_signed_in(world.owner)
    assert browser.get(address(world, "transfer")).status_code == 403
    assert browser.get(reverse("project_new", args=[world.organization.slug])).status_code == 200


def test_someone_who_goes_takes_the_offer_to_them_along(world: World) -> None:
    offer = offered(world.organization, world.member)
    end_offers(
        actor=Actor.of_user(world.owner), organization=world.organization, member=world.admin
    )
    assert OwnershipOffer.objects.get().state == OfferState.PENDING
    end_offers(
        actor=Actor.of_user(world.owner), organization=world.organization, member=world.member
    )
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


def test_who_is_no_member_any_more_cannot_accept(world: World) -> None:
    offer = offered(world.organization, world.member)
    world.member.memberships.all().delete()
    with pytest.raises(Conflict, match="was withdrawn"):
        accept_offer(actor=Actor.of_user(world.member), offer=offer)


def test_a_suspended_organization_does_not_change_hands(world: World) -> None:
    offer = offered(world.organization, world.member)
    world.organization.change_state("suspended", "An unpaid bill.")
    with pytest.raises(Conflict, match="An unpaid bill"):
        accept_offer(actor=Actor.of_user(world.member), offer=offer)


def test_no_one_offers_to_a_deactivated_account(world: World) -> None:
    User.objects.filter(pk=world.member.pk).update(is_active=False)
    with pytest.raises(ValidationError):
        offered(world.organization, world.member)
