"""Accepting an invitation: who can, what they become, and that it works once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, User
from accounts.models.invitation import Link
from accounts.people.services.people import sign_up
from accounts.permissions import OrganizationRole
from projects.models.collaborator import today
from projects.services.invitations import reveal_link
from tests.accounts.helpers.invitations import invitee, is_in, post
from tests.database.refusals import all_rows
from tests.support.clock import DAY
from tests.world import (
    ADMIN,
    World,
    accept,
    invited,
    invited_member,
    join,
    listed,
    person,
    prove,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("link", Link)
def test_an_outsider_comes_into_the_one_project_and_keeps_their_home(
    world: World, client: Client, link: Link
) -> None:
    user = invitee(world)
    home = user.home_organization
    client.force_login(user)
    address = reverse("invitation", args=[world.invitation.token(link)])
    assert client.get(address).status_code == 200
    assert client.get(f"{address}accept/").status_code == 302
    assert not is_in(user, world.research), "a GET accepted"
    answer = post(client, world.invitation, link)
    assert (answer.status_code, answer["Location"]) == (302, reverse("project", args=["research"]))
    row = world.research.collaborators.get(user=user)
    assert (row.membership, row.role, row.added_by) == (None, "member", world.owner)
    user.refresh_from_db()
    assert user.home_organization == home != world.organization
    assert not is_in(user, world.default)
    assert not is_in(user, world.production)
    assert not world.organization.memberships.filter(user=user).exists()


@pytest.mark.parametrize("role", [OrganizationRole.ADMIN, OrganizationRole.MEMBER])
def test_a_member_comes_into_the_organization_with_the_role_offered(
    world: World, role: OrganizationRole
) -> None:
    user = person("hired@elsewhere.example")
    home = user.home_organization
    accept(invited_member(world.organization, user.email, role), user)
    assert world.organization.memberships.get(user=user).role == role
    assert is_in(user, world.default)
    assert is_in(user, world.research) is (role == OrganizationRole.ADMIN)
    user.refresh_from_db()
    assert user.home_organization == home, "an account that had a home keeps it"
    acts = list(AuditEvent.objects.order_by("-pk").values_list("act", flat=True)[:2])
    assert acts == [Action.INVITATION_ACCEPTED, Action.MEMBER_JOINED]


def test_a_member_invited_again_keeps_the_role_they_have(world: World) -> None:
    accept(invited_member(world.organization, world.admin.email), world.admin)
    assert world.organization.memberships.get(user=world.admin).role == OrganizationRole.ADMIN


def test_an_outsider_who_became_a_member_meanwhile_is_listed_as_one(world: World) -> None:
    user = join(world.organization, world.invitation.email)
    accept(world.invitation, user)
    row = world.research.collaborators.get(user=user)
    assert row.membership == user.memberships.get()


def test_who_is_listed_already_keeps_their_role(world: World) -> None:
    user = join(world.organization, world.invitation.email)
    listed(world.research, user, ADMIN)
    accept(world.invitation, user)
    assert world.research.collaborators.get(user=user).role == ADMIN


def test_it_works_once(world: World, client: Client) -> None:
    user = invitee(world)
    client.force_login(user)
    assert post(client, world.invitation, Link.MAILED).status_code == 302
    before = all_rows()
    for link in Link:
        assert post(client, world.invitation, link).status_code == 409
        assert post(client, world.invitation, link, "decline").status_code == 409
    with pytest.raises(Conflict, match="already been accepted"):
        accept(world.invitation, user)
    assert all_rows() == before


def test_another_account_cannot_accept_and_reads_whose_it_is(world: World, client: Client) -> None:
    client.force_login(world.stranger)
    before = all_rows()
    page = client.get(reverse("invitation", args=[world.invitation.token(Link.MAILED)]))
    assert world.invitation.email in page.content.decode()
    assert world.stranger.email in page.content.decode()
    for link in Link:
        assert post(client, world.invitation, link).status_code == 403
    assert post(client, world.invitation, Link.COPIED, "decline").status_code == 403
    with pytest.raises(PermissionDenied):
        accept(world.invitation, world.stranger)
    assert all_rows() == before


def test_an_account_with_an_unverified_address_cannot_accept(world: World, client: Client) -> None:
    user = invitee(world, verified=False)
    client.force_login(user)
    before = all_rows()
    assert post(client, world.invitation, Link.COPIED).status_code == 403
    assert client.get(reverse("invitation", args=[world.invitation.public_id])).status_code == 404
    with pytest.raises(PermissionDenied):
        accept(world.invitation, user)
    assert all_rows() == before


def test_a_second_verified_address_of_an_account_counts_too(world: World) -> None:
    world.stranger.emailaddress_set.create(
        email=world.invitation.email, verified=True, primary=False
    )
    accept(world.invitation, world.stranger)
    assert is_in(world.stranger, world.research)


def test_someone_not_signed_in_is_asked_to(world: World, client: Client) -> None:
    before = all_rows()
    for link in Link:
        answer = post(client, world.invitation, link)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")
    assert all_rows() == before


def test_showing_the_link_is_noted_and_shows_the_one_that_proves_nothing(world: World) -> None:
    link = reveal_link(
        actor=Actor.of_user(world.owner), project=world.research, invitation=world.invitation
    )
    assert link.endswith(f"/invitations/{world.invitation.token(Link.COPIED)}/")
    assert AuditEvent.objects.latest("pk").act == Action.INVITATION_LINK_COPIED
    assert "inv_" not in str(list(AuditEvent.objects.values()))


def test_who_signed_up_for_one_organization_and_works_for_another_gets_a_home_of_their_own(
    world: World,
) -> None:
    """Else the usage of somebody who is no member would land on the bill of the first."""
    user = User(email=world.member_invitation.email, name="New Hire")
    sign_up(actor=Actor.without_account(), user=user, invitation=world.member_invitation)
    prove(user)
    accept(invited(world.other_project, user.email), user)
    user.refresh_from_db()
    assert user.home_organization is not None
    assert user.memberships.filter(organization=user.home_organization).exists()


def test_an_invitation_is_listed_only_for_the_account_that_proved_its_address(
    world: World, client: Client
) -> None:
    page = reverse("invitations")
    by_id = reverse("invitation", args=[world.invitation.public_id])
    for user, seen in [(invitee(world), True), (world.stranger, False), (world.owner, False)]:
        client.force_login(user)
        assert (world.invitation.public_id in client.get(page).content.decode()) is seen
        assert client.get(by_id).status_code == (200 if seen else 404)


def test_the_audit_log_says_which_project_an_outsider_was_invited_to_and_as_what(
    world: World, client: Client
) -> None:
    sent = AuditEvent.objects.get(act=Action.INVITATION_SENT, target_id=world.invitation.public_id)
    assert sent.values_after == {"projects": {"research": "member"}}
    client.force_login(invitee(world))
    post(client, world.invitation, Link.MAILED)
    accepted = AuditEvent.objects.filter(act=Action.INVITATION_ACCEPTED).latest("pk")
    assert accepted.values_after == {"projects": {"research": "member"}}


def test_a_row_that_ended_is_noted_when_its_person_comes_back(world: World) -> None:
    invitation = invited_member(world.organization, world.external.email)
    invitation.project_grants.create(project=world.research)
    world.external_row.end_date = today() - DAY
    world.external_row.save(update_fields=["end_date"])
    accept(invitation, world.external)
    assert is_in(world.external, world.research)
    ended = AuditEvent.objects.filter(act=Action.COLLABORATOR_ENDED)
    assert [event.target_id for event in ended] == [world.external_row.public_id]
