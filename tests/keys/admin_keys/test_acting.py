"""An admin API key does what an Admin does with people: invites, adds, asks support; emails say so."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, InvitationState, SupportRequestKind, SupportRequestState
from accounts.errors import Conflict, TooMany
from accounts.invitations.services.members import (
    invite_member,
    resend_invitation,
    withdraw_invitation,
)
from accounts.members.services import change_member_role, remove_member
from accounts.models import AuditEvent, Invitation
from accounts.organizations.services.first_steps import hide_first_steps
from accounts.permissions import OrganizationRole, ProjectRole
from accounts.support.services.requests import request_support, withdraw_request
from keys.admin_keys.services import revoke_admin_key
from keys.models import AdminKey
from projects.services.additions import add_collaborator
from projects.services.externals import vouch_for
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.support.clock import DAY, set_clock
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import World, accept, person

pytestmark = pytest.mark.django_db
NEW = "newcomer@elsewhere.example"


@pytest.fixture
def key(world: World) -> AdminKey:
    return issue_admin_key(world.owner, world.organization).key


@pytest.fixture
def actor(key: AdminKey) -> Actor:
    return Actor(key.principal, ip="203.0.113.9")


def invite(world: World, actor: Actor) -> Invitation:
    return invite_member(
        actor=actor,
        organization=world.organization,
        email=NEW,
        role=OrganizationRole.MEMBER,
        projects=[(world.research, ProjectRole.MEMBER)],
    )


def test_it_invites_and_the_invitation_is_the_organizations(world: World, actor: Actor) -> None:
    invitation = invite(world, actor)
    assert (invitation.invited_by, invitation.inviter) == (None, actor.principal)
    (mail,) = mailed_to(NEW)
    assert mail.body.startswith("You were invited to join Northwind on Console as Member.")
    page = words(signed_in(world.admin).get(reverse("members", args=[world.organization.slug])))
    assert "Invited by Admin API key Terraform" in page
    user = person(NEW)
    assert "Invited by Northwind" in words(
        signed_in(user).get(reverse("invitation", args=[invitation.public_id]))
    )
    accept(invitation, user)
    row = world.research.collaborators.get(user=user)
    assert (row.added_by, row.vouched_by) == (None, None)


def test_a_person_who_resends_it_is_its_inviter(world: World, actor: Actor, key: AdminKey) -> None:
    invitation = invite(world, actor)
    resend_invitation(actor=Actor.of_user(world.admin), invitation=invitation)
    revoke_admin_key(actor=actor, organization=world.organization, key=key)
    invitation.refresh_from_db()
    assert (invitation.invited_by, invitation.program_ref) == (world.admin, "")
    accept(invitation, person(NEW))
    resent = Invitation.objects.get(pk=world.member_invitation.pk)
    other = issue_admin_key(world.owner, world.organization, "Other").key
    resend_invitation(actor=Actor(other.principal), invitation=resent)
    resent.refresh_from_db()
    assert (resent.invited_by, resent.program_ref) == (None, other.public_id)


def test_revoking_the_key_withdraws_what_it_sent(world: World, actor: Actor, key: AdminKey) -> None:
    invitation = invite(world, actor)
    project = add_collaborator(
        actor=actor, project=world.research, email="x@partner.example", role=ProjectRole.MEMBER
    )
    url = reverse("admin_key_revoke", args=[world.organization.slug, key.public_id])
    page = words(signed_in(world.owner).get(url))
    assert "The 2 pending invitations that it sent are withdrawn." in page
    revoke_admin_key(actor=actor, organization=world.organization, key=key)
    states = Invitation.objects.filter(public_id__in=[invitation.public_id, project.public_id])
    assert {one.state for one in states} == {InvitationState.WITHDRAWN}
    events = AuditEvent.objects.order_by("-pk").values_list("act", "target_id")[:2]
    assert set(events) == {
        (Action.INVITATION_WITHDRAWN, invitation.public_id),
        (Action.INVITATION_WITHDRAWN, project.public_id),
    }
    world.member_invitation.refresh_from_db()
    assert world.member_invitation.is_pending


def test_an_invitation_of_an_expired_key_waits_for_someone_to_resend_it(
    world: World, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = issue_admin_key(world.owner, world.organization, "Short", lifetime=DAY).key
    invitation = invite(world, Actor(key.principal))
    set_clock(monkeypatch, timezone.now() + DAY)
    user = person(NEW)
    with pytest.raises(Conflict, match="can no longer do so"):
        accept(invitation, user)
    resend_invitation(actor=actor, invitation=invitation)
    invitation.refresh_from_db()
    accept(invitation, user)


def test_invitations_of_other_keys_do_not_count_against_a_keys_limit(
    world: World, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.conf.settings.INVITATIONS_PER_PERSON", 1)
    other = issue_admin_key(world.stranger, world.other_organization, "Other").key
    invite_member(
        actor=Actor(other.principal),
        organization=world.other_organization,
        email="somebody@elsewhere.example",
        role=OrganizationRole.MEMBER,
    )
    invitation = invite(world, actor)
    withdraw_invitation(actor=actor, invitation=invitation)
    with pytest.raises(TooMany):
        invite(world, actor)


def test_it_adds_members_to_projects_but_vouches_for_no_one(world: World, actor: Actor) -> None:
    add_collaborator(
        actor=actor, project=world.research, email=world.member.email, role=ProjectRole.MEMBER
    )
    row = world.research.collaborators.get(user=world.member)
    assert row.added_by is None
    (mail,) = mailed_to(world.member.email)
    assert mail.body.startswith("Admin API key Terraform added you to Research")
    assert "ask the Owner or an Admin, or leave" in mail.body
    with pytest.raises(PermissionDenied):
        vouch_for(actor=actor, collaborator=world.external_row)


def test_emails_about_a_role_and_a_removal_name_the_key(world: World, actor: Actor) -> None:
    membership = world.organization.memberships.get(user=world.member)
    change_member_role(actor=actor, membership=membership, role=OrganizationRole.ADMIN)
    remove_member(actor=actor, membership=membership)
    changed, removed = mailed_to(world.member.email)
    assert changed.body.startswith("Admin API key Terraform changed your role in Northwind")
    assert "If you don't know why, ask the Owner or an Admin." in changed.body
    assert removed.body.startswith("Admin API key Terraform removed you from Northwind")


def test_it_asks_support_and_withdraws_what_it_asked(world: World, actor: Actor) -> None:
    withdraw_request(actor=actor, request=world.support_request)
    request = request_support(
        actor=actor,
        organization=world.organization,
        kind=SupportRequestKind.PROJECTS,
        reason="One for each customer.",
        requested_limit=20,
    )
    assert request.requester == actor.principal
    newest = mailed_to(world.staff.email)[-1]
    assert newest.body.startswith("Admin API key Terraform of Northwind sent a request")
    url = reverse("project_request", args=[world.organization.slug])
    page = signed_in(world.owner)
    assert "Admin API key Terraform sent it" in words(page.get(url))
    assert "Terraform" in words(signed_in(world.staff).get(reverse("admin:index")))
    withdraw_request(actor=actor, request=request)
    request.refresh_from_db()
    assert (request.state, request.answered_by) == (SupportRequestState.WITHDRAWN, None)
    assert "The last request was withdrawn" in words(page.get(url))


def test_it_has_no_first_steps_to_hide(world: World, actor: Actor) -> None:
    hide_first_steps(actor=actor, organization=world.organization)
    assert not world.organization.memberships.filter(hides_first_steps=True).exists()
