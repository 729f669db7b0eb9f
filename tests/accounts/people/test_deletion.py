"""Deleting one's account: all access ends, the row says nothing of the person, history stays."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import InvitationState, OfferState
from accounts.errors import Conflict
from accounts.models import AuditEvent, Invitation, User
from accounts.people.services.deletion import delete_account
from accounts.people.services.people import change_profile, sign_up
from keys.api_keys.services import revoke_key
from keys.credentials.services import create_credential
from keys.enums import Code
from keys.models import ServiceCredential
from tests.keys.helpers.gateway_client import code_of
from tests.support.mail import mailed_to
from tests.support.pages import freshly_signed_in, signed_in, words
from tests.world import PASSWORD, World, external, invited_member, issued, offered, person

pytestmark = pytest.mark.django_db
ADDRESS = "/accounts/delete/"


def program() -> str:
    """The secret of a service credential, to ask about keys with."""
    number = ServiceCredential.objects.count()
    return create_credential(actor=Actor.without_account(), name=f"gateway {number}").secret


def deleted(user: User) -> User:
    delete_account(actor=Actor.of_user(user))
    return User.objects.get(pk=user.pk)


def test_a_member_deletes_their_account_from_its_page(world: World) -> None:
    browser, email = freshly_signed_in(world.project_member), world.project_member.email
    assert "Delete your account?" in words(browser.get(ADDRESS))
    answer = browser.post(ADDRESS, {"typed": email}, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "Your account is deleted." in words(answer)
    gone = User.objects.get(pk=world.project_member.pk)
    assert (gone.name, gone.is_active) == ("Deleted user", False)
    assert gone.email.endswith("@deleted.invalid")
    assert gone.deleted_at
    assert not gone.memberships.exists()
    assert not gone.collaborations.exists()
    assert browser.get(reverse("profile")).status_code == 302
    (message,) = [mail for mail in mailed_to(email) if "deleted" in mail.subject]
    assert email in message.body


def test_other_sessions_end_and_the_password_is_worth_nothing(world: World) -> None:
    elsewhere, email = signed_in(world.member), world.member.email
    deleted(world.member)
    assert elsewhere.get(reverse("profile")).status_code == 302
    answer = Client().post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 422


def test_nothing_of_the_person_is_left_in_the_row_but_in_history(world: World) -> None:
    before = AuditEvent.objects.filter(actor=world.member).count()
    email = world.member.email
    gone = deleted(world.member)
    assert email not in str(User.objects.filter(pk=gone.pk).values())
    assert not gone.emailaddress_set.exists()  # type: ignore[attr-defined]
    events = AuditEvent.objects.filter(actor=gone)
    assert events.count() == before + 2
    assert {event.actor_name for event in events} == {email}
    logs = [event.organization for event in events.filter(act="user.deleted").order_by("pk")]
    assert logs == [world.organization, None]


def test_the_address_is_free_for_a_new_account(world: World) -> None:
    email = world.member.email
    deleted(world.member)
    again = User(email=email, name="Again")
    again.set_password(PASSWORD)
    sign_up(actor=Actor.without_account(), user=again, invitation=None)
    assert again.memberships.count() == 1
    assert not again.collaborations.exists()


def test_an_owner_with_other_members_must_hand_over_first(world: World) -> None:
    browser = freshly_signed_in(world.owner)
    assert "You own Northwind, which has other members" in words(browser.get(ADDRESS))
    answer = browser.post(ADDRESS, {"typed": world.owner.email})
    assert answer.status_code == 409
    assert "Transfer the ownership or close the organization first." in words(answer)
    world.owner.refresh_from_db()
    assert world.owner.is_active


def test_the_organization_of_a_sole_member_closes_with_it() -> None:
    user = person("alone@alone.example")
    home = user.home_organization
    assert home is not None
    page = words(freshly_signed_in(user).get(ADDRESS))
    assert "because they have no other members: Alone" in page
    deleted(user)
    home.refresh_from_db()
    assert home.state == "closed"
    assert home.memberships.get().user == user
    acts = list(home.audit_events.order_by("sequence").values_list("act", flat=True))
    assert acts == ["organization.created", "organization.closed", "user.deleted"]


@pytest.mark.parametrize("local_part", ["alone", "a" * 64])
def test_with_the_organization_its_keys_are_revoked_for_good(local_part: str) -> None:
    user = person(f"{local_part}@{'d' * 60}.{'e' * 60}.{'f' * 59}.example")
    home = user.home_organization
    assert home is not None
    default = home.projects.default()
    kept, over = issued(default, user), issued(default, user, name="over")
    revoke_key(actor=Actor.of_user(user), key=over.key)
    page = words(freshly_signed_in(user).get(ADDRESS))
    assert "Their active API key will be revoked for good." in page
    deleted(user)
    assert code_of(program(), kept.secret) == Code.REVOKED
    kept.key.refresh_from_db()
    assert kept.key.revoked_by == user
    acts = list(home.audit_events.order_by("sequence").values_list("act", flat=True))
    assert acts[-3:] == ["key.revoked", "organization.closed", "user.deleted"]
    assert acts.count("key.revoked") == 2
    assert code_of(program(), default.api_keys.default_key().secret_text) != Code.VALID


def test_the_keys_a_person_made_for_others_go_on_working(world: World) -> None:
    page = words(freshly_signed_in(world.project_member).get(ADDRESS))
    assert "API keys, which keep working until someone revokes them" in page
    assert "for good." in page
    deleted(world.project_member)
    assert code_of(program(), world.key_secret) == Code.VALID
    assert code_of(program(), world.other_key_secret) == Code.VALID


def test_an_owner_of_a_closed_organization_with_members_can_go(world: World) -> None:
    world.organization.change_state("closed", "")
    deleted(world.owner)


def test_an_external_collaborator_is_out_of_the_projects(world: World) -> None:
    row = external(world.research, "leaving@partner.example")
    deleted(row.user)
    assert not world.research.collaborators.filter(user=row.user).exists()
    assert world.organization.audit_events.latest("sequence").act == "user.deleted"


def test_what_waits_for_them_ends(world: World) -> None:
    invitation = invited_member(world.other_organization, world.member.email)
    offer = offered(world.organization, world.member)
    deleted(world.member)
    assert Invitation.objects.get(pk=invitation.pk).state == InvitationState.DECLINED
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


def test_an_invitation_to_an_unproved_address_is_left_alone(world: World) -> None:
    user = person(world.member_invitation.email, verified=False)
    deleted(user)
    assert Invitation.objects.get(pk=world.member_invitation.pk).is_pending


def test_support_accounts_are_not_deleted_here(world: World) -> None:
    browser = freshly_signed_in(world.staff)
    assert "Support accounts can't be deleted here." in words(browser.get(ADDRESS))
    assert browser.post(ADDRESS, {"typed": world.staff.email}).status_code == 409
    with pytest.raises(Conflict):
        deleted(world.staff)


def test_the_password_and_the_address_are_asked(world: World) -> None:
    for browser, status in [(Client(), 302), (signed_in(world.member), 302)]:
        assert browser.post(ADDRESS, {"typed": world.member.email}).status_code == status
    assert freshly_signed_in(world.member).post(ADDRESS, {"typed": "x"}).status_code == 422
    world.member.refresh_from_db()
    assert world.member.is_active


def test_a_deleted_account_is_not_filled_again_by_a_late_request(world: World) -> None:
    stale = User.objects.get(pk=world.member.pk)
    deleted(world.member)
    with pytest.raises(PermissionDenied):
        change_profile(actor=Actor.of_user(stale), name="Back again")
    assert User.objects.get(pk=stale.pk).name == "Deleted user"
