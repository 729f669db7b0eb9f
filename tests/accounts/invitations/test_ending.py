"""What ends an invitation before it is accepted, and who may end it."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import InvitationState
from accounts.errors import Conflict
from accounts.invitations.services.lifecycle import accept_invitation, decline_invitation
from accounts.models import AuditEvent, Invitation, User
from accounts.models.invitation import Link
from accounts.models.principals import Principal
from accounts.permissions import OrganizationRole
from projects.models import Project
from projects.services.invitations import resend_invitation, reveal_link, withdraw_invitation
from tests.accounts.helpers.invitations import age, invitee, is_in, post
from tests.database.refusals import all_rows
from tests.support.pages import words
from tests.world import (
    World,
    accept,
    invited,
    person,
    set_limits,
)

pytestmark = pytest.mark.django_db


def test_it_ends_after_seven_days(world: World, client: Client) -> None:
    user = invitee(world)
    client.force_login(user)
    assert dt.timedelta(days=7) == dt.timedelta(
        seconds=round((world.invitation.expires_at - world.invitation.sent_at).total_seconds())
    )
    age(world.invitation, days=7, seconds=1)
    before = all_rows()
    assert post(client, world.invitation, Link.MAILED).status_code == 409
    with pytest.raises(Conflict, match="expired"):
        accept(world.invitation, user)
    assert list(Invitation.objects.open_for(Principal.of_user(user))) == []
    assert client.get(reverse("invitation", args=[world.invitation.public_id])).status_code == 404
    assert all_rows() == before


def test_shortly_before_the_end_it_still_works(world: World) -> None:
    age(world.invitation, days=6, hours=23)  # the kept world can be some minutes old itself
    accept(world.invitation, invitee(world))


def test_sending_it_again_gives_seven_days_and_ends_older_links(
    world: World, client: Client
) -> None:
    user = invitee(world)
    old = [reverse("invitation_accept", args=[world.invitation.token(link)]) for link in Link]
    age(world.invitation, days=30)
    resend_invitation(
        actor=Actor.of_user(world.project_admin),
        project=world.research,
        invitation=world.invitation,
    )
    client.force_login(user)
    before = all_rows()
    assert [client.post(address).status_code for address in old] == [404, 404]
    with pytest.raises(Conflict, match="sent again"):
        accept_invitation(actor=Actor.of_user(user), invitation=world.invitation, generation=1)
    assert all_rows() == before
    fresh = Invitation.objects.get(pk=world.invitation.pk)
    assert fresh.expires_at > timezone.now() + dt.timedelta(days=6, hours=23)
    assert post(client, fresh, Link.MAILED).status_code == 302
    assert is_in(user, world.research)


def test_once_withdrawn_it_lets_no_one_in(world: World, client: Client) -> None:
    user = invitee(world)
    withdraw_invitation(
        actor=Actor.of_user(world.project_admin),
        project=world.research,
        invitation=world.invitation,
    )
    client.force_login(user)
    assert post(client, world.invitation, Link.MAILED).status_code == 409
    with pytest.raises(Conflict, match="withdrawn"):
        accept(world.invitation, user)
    assert not is_in(user, world.research)
    # The address is free for a new one.
    assert invited(world.research, user.email).is_pending


def loses_right(world: World, how: str) -> None:
    membership = world.project_admin.memberships.get()
    if how == "removed from the organization":
        membership.delete()
    elif how == "removed from the project":
        world.project_admin_row.delete()
    else:
        world.research.collaborators.filter(user=world.project_admin).update(role="member")


@pytest.mark.parametrize(
    "how", ["removed from the organization", "removed from the project", "made Project Member"]
)
def test_it_does_not_outlive_the_right_of_who_sent_it(world: World, how: str) -> None:
    Invitation.objects.filter(pk=world.invitation.pk).update(invited_by=world.project_admin)
    user = invitee(world)
    loses_right(world, how)
    before = all_rows()
    with pytest.raises(Conflict, match="can no longer invite you"):
        accept(world.invitation, user)
    assert all_rows() == before


@pytest.mark.parametrize("how", ["demoted", "removed"])
def test_an_invitation_to_the_organization_needs_its_inviters_right_too(
    world: World, how: str
) -> None:
    invitation = world.member_invitation
    Invitation.objects.filter(pk=invitation.pk).update(invited_by=world.admin)
    user = person(invitation.email)
    if how == "demoted":
        world.admin.memberships.update(role=OrganizationRole.MEMBER)
    else:
        world.admin.memberships.get().delete()
    before = all_rows()
    with pytest.raises(Conflict, match="can no longer"):
        accept(invitation, user)
    assert all_rows() == before


@pytest.mark.parametrize("switch", ["organization", "project"])
def test_with_a_switch_turned_off_meanwhile_it_cannot_be_accepted_nor_sent_again(
    world: World, client: Client, switch: str
) -> None:
    user = invitee(world)
    if switch == "organization":
        set_limits(world.organization, world.staff, limit=5, externals=False)
    else:
        Project.objects.filter(pk=world.research.pk).update(allow_external_collaborators=False)
    client.force_login(user)
    before = all_rows()
    assert post(client, world.invitation, Link.MAILED).status_code == 409
    with pytest.raises(Conflict, match="no longer takes external"):
        accept(world.invitation, user)
    with pytest.raises(Conflict, match=r"(?i)external collaborators"):
        resend_invitation(
            actor=Actor.of_user(world.owner), project=world.research, invitation=world.invitation
        )
    assert all_rows() == before
    # Those inside stay, and somebody who became a member may come in.
    assert is_in(world.external, world.research)
    world.organization.memberships.create(user=user, role=OrganizationRole.MEMBER)
    accept(world.invitation, user)


@pytest.mark.parametrize("signed_in", [True, False])
def test_declining_ends_it(world: World, client: Client, signed_in: bool) -> None:
    user = invitee(world)
    if signed_in:
        client.force_login(user)
    page = reverse("invitation_decline", args=[world.invitation.token(Link.MAILED)])
    assert client.get(page).status_code == 200
    assert Invitation.objects.pending().filter(pk=world.invitation.pk).exists()
    assert client.post(page).status_code == 200
    declined = Invitation.objects.get(pk=world.invitation.pk)
    assert declined.state == InvitationState.DECLINED
    assert declined.answered_by == (user if signed_in else None)
    assert AuditEvent.objects.latest("pk").actor_name == user.email
    with pytest.raises(Conflict, match="declined"):
        accept(world.invitation, user)


@pytest.mark.parametrize("state", ["accepted", "declined", "withdrawn", "expired"])
@pytest.mark.parametrize("link", Link)
def test_every_page_of_a_finished_invitation_answers_409(
    world: World, client: Client, link: Link, state: str
) -> None:
    client.force_login(invitee(world))
    if state == "expired":
        age(world.invitation, days=8)
    else:
        world.invitation.finish(InvitationState(state), None)
    for page in ("invitation", "invitation_decline"):
        answer = client.get(reverse(page, args=[world.invitation.token(link)]))
        assert (answer.status_code, "This invitation is no longer valid" in words(answer)) == (
            409,
            True,
        )
    client.force_login(world.stranger)
    answer = client.get(reverse("invitation_decline", args=[world.invitation.token(link)]))
    assert answer.status_code == 409


def test_a_copied_link_without_an_account_declines_nothing(world: World, client: Client) -> None:
    answer = post(client, world.invitation, Link.COPIED, "decline")
    assert (answer.status_code, world.invitation.is_pending) == (302, True)
    assert Invitation.objects.get(pk=world.invitation.pk).is_pending


@pytest.mark.parametrize("act", [resend_invitation, withdraw_invitation, reveal_link])
@pytest.mark.parametrize(
    "actor", ["external_admin", "external", "project_member", "stranger", "former", "member"]
)
def test_externals_members_and_strangers_do_nothing_to_invitations(
    world: World, act: Any, actor: str
) -> None:
    before = all_rows()
    with pytest.raises((PermissionDenied, Http404)):
        act(
            actor=Actor.of_user(getattr(world, actor)),
            project=world.research,
            invitation=world.invitation,
        )
    assert all_rows() == before


def test_who_declines_the_organization_that_was_to_be_their_home_gets_one_of_their_own(
    world: World,
) -> None:
    user = User.objects.create_user(
        world.member_invitation.email, "x", name="New Hire", home_organization=world.organization
    )
    decline_invitation(actor=Actor.of_user(user), invitation=world.member_invitation)
    user.refresh_from_db()
    assert user.home_organization not in (None, world.organization)
    assert user.memberships.get(organization=user.home_organization).role == OrganizationRole.OWNER
    with pytest.raises((Conflict, ValidationError)):
        accept(world.member_invitation, user)
