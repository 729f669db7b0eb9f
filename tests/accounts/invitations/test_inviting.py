"""Invite member, and what can be done with an invitation nobody answered."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, Delivery, InvitationState
from accounts.invitations.services.members import invite_member
from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.permissions import OrganizationRole, ProjectRole
from projects.services.projects import create_set
from tests.support.mail import mailed_to
from tests.support.pages import queries, signed_in, words
from tests.world import World, accept, build_world, invited_member, person, set_limits

pytestmark = pytest.mark.django_db
NEW = "somebody.new@elsewhere.example"


@pytest.fixture
def world() -> World:
    return build_world()


def invite(
    world: World, emails: str, *, by: User | None = None, role: str = "member", **data: Any
) -> Any:
    path = reverse("member_invite", args=[world.organization.slug])
    data = {"emails": emails, "role": role, **data}
    return signed_in(by or world.owner).post(path, data, follow=True)


def waiting(world: World) -> set[str]:
    pending = world.organization.invitations.pending().exclude(role="")
    return set(pending.values_list("email", flat=True)) - {world.member_invitation.email}


def errors(response: Any) -> list[str]:
    return list(response.context["form"].errors["emails"])


@pytest.mark.parametrize("by", ["owner", "admin"])
def test_an_invited_person_gets_a_mail_and_is_a_member_when_they_accept(
    world: World, by: str
) -> None:
    response = invite(world, NEW, by=getattr(world, by), role="admin")
    assert f"{NEW} was invited to Northwind." in words(response)
    (message,) = mailed_to(NEW)
    assert "join Northwind on Console as Admin" in message.body
    invitation = world.organization.invitations.get(email=NEW)
    accept(invitation, person(NEW))
    membership = world.organization.memberships.get(user__email=NEW)
    assert membership.role == OrganizationRole.ADMIN
    event = world.organization.audit_events.get(
        act=Action.INVITATION_SENT, stored_personal_data__target_label=NEW
    )
    assert event.values_after == {"role": "admin", "projects": {}}


def test_several_are_invited_at_once_each_once(world: World) -> None:
    text = f'"New, Somebody" <{NEW}>; two@elsewhere.example\nTWO@elsewhere.example three@x.example'
    response = invite(world, text)
    assert "3 people were invited to Northwind." in words(response)
    assert waiting(world) == {NEW, "two@elsewhere.example", "three@x.example"}


def test_each_address_is_invited_or_refused_on_its_own(world: World) -> None:
    addresses = [NEW, world.member.email, world.member_invitation.email, "nobody", "two@x.example"]
    response = invite(world, ", ".join(addresses), projects=["research:admin"])
    assert response.status_code == 422
    assert waiting(world) == {NEW, "two@x.example"}
    member, invited, nobody = errors(response)
    assert "who is already a member" in member
    assert "already invited" in invited
    assert "“nobody” is not an email address" in nobody
    assert f"Invited: {NEW}, two@x.example." in words(response)
    form = response.context["form"]
    assert form["emails"].value().split() == addresses[1:4]
    assert 'value="research:admin" selected' in response.content.decode()


def test_one_that_is_refused_is_said_at_the_field(world: World) -> None:
    response = invite(world, world.member.email)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert len(errors(response)) == 1


@pytest.mark.parametrize(
    "emails", ["", " , ;", "a\x00b", " ".join(f"p{n}@x.example" for n in range(51)), "x" * 30_000]
)
def test_what_cannot_be_sent_at_all_sends_nothing(world: World, emails: str) -> None:
    response = invite(world, emails)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"emails"}
    assert waiting(world) == set()


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", "x" * 10000])
def test_a_role_no_one_can_give_is_refused_at_its_field(world: World, role: str) -> None:
    response = invite(world, NEW, role=role)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"role"}
    assert waiting(world) == set()


def test_the_answer_does_not_show_whether_an_address_has_an_account(world: World) -> None:
    known = words(invite(world, world.stranger.email)).replace(world.stranger.email, "X")
    unknown = words(invite(world, NEW)).replace(NEW, "X")
    assert "X was invited to Northwind." in known
    assert "X was invited to Northwind." in unknown
    assert world.stranger.name not in known.replace("stranger@", "")


def test_an_external_collaborator_can_be_invited_and_becomes_a_member(world: World) -> None:
    invite(world, world.external.email)
    accept(
        world.organization.invitations.get(email=world.external.email, role="member"),
        world.external,
    )
    row = world.research.collaborators.get(user=world.external)
    assert row.membership == world.organization.memberships.get(user=world.external)


def test_they_are_in_the_chosen_projects_when_they_accept(world: World) -> None:
    invite(world, NEW, projects=["", "research:admin", world.production.public_id, ""])
    invitation = world.organization.invitations.get(email=NEW)
    user = person(NEW)
    assert not user.collaborations.exists()
    accept(invitation, user)
    roles = {row.project: row.role for row in user.collaborations.all()}
    assert roles == {world.research: "admin", world.production: "member"}


@pytest.mark.parametrize(
    "value",
    ["no-such-project", "rockets:member", "northwind-default", "research:owner", "research:",
     "a b", "research:admin:member", "x" * 5000, "\x00"],
)  # fmt: skip
def test_a_project_that_is_none_of_theirs_is_refused_at_its_field(world: World, value: str) -> None:
    response = invite(world, NEW, projects=["research:member", value])
    if value == "research:":
        assert response.status_code == 200  # no role named is Member
        return
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"projects"}
    assert waiting(world) == set()


def test_an_archived_project_is_not_offered(world: World) -> None:
    path = reverse("member_invite", args=[world.organization.slug])
    assert 'value="production:admin"' in signed_in(world.owner).get(path).content.decode()
    world.production.archived_at = world.production.created_at
    world.production.save(update_fields=["archived_at"])
    source = signed_in(world.owner).get(path).content.decode()
    assert "production:" not in source
    assert "northwind-default:" not in source
    assert invite(world, NEW, projects=["production"]).status_code == 422


def path(world: World, act: str, invitation: Invitation) -> str:
    return reverse(f"member_invitation_{act}", args=[world.organization.slug, invitation.public_id])


def test_resending_sends_another_mail_and_ends_the_older_links(world: World) -> None:
    invitation = world.member_invitation
    before = invitation.url(Link.MAILED)
    response = signed_in(world.admin).post(path(world, "resend", invitation), follow=True)
    assert f"Invitation to {invitation.email} resent." in words(response)
    (message,) = mailed_to(invitation.email)
    invitation.refresh_from_db()
    assert invitation.url(Link.MAILED) in message.body
    assert before not in message.body
    assert signed_in(world.stranger).get(before).status_code == 404


def test_someone_who_resends_it_answers_for_it_from_then_on(world: World) -> None:
    invitation = Invitation.objects.create(
        organization=world.organization, email=NEW, role="member", invited_by=world.admin
    )
    member = world.organization.memberships.get(user=world.admin)
    member.role = OrganizationRole.MEMBER
    member.save(update_fields=["role"])
    signed_in(world.owner).post(path(world, "resend", invitation))
    invitation.refresh_from_db()
    accept(invitation, person(NEW))
    assert world.organization.memberships.filter(user__email=NEW).exists()


def test_a_withdrawn_invitation_is_over_and_the_address_free_again(world: World) -> None:
    invitation, browser = world.member_invitation, signed_in(world.admin)
    response = browser.post(path(world, "withdraw", invitation), follow=True)
    assert f"Invitation to {invitation.email} withdrawn." in words(response)
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.WITHDRAWN
    for act in ("resend", "withdraw", "link"):
        assert browser.post(path(world, act, invitation)).status_code == 404
    assert invite(world, invitation.email).status_code == 200


def test_the_link_is_shown_when_asked_for_and_that_is_audited(world: World) -> None:
    invitation, browser = world.member_invitation, signed_in(world.admin)
    link = invitation.url(Link.COPIED)
    assert link not in browser.get(path(world, "link", invitation)).content.decode()
    assert link in browser.post(path(world, "link", invitation)).content.decode()
    event = world.organization.audit_events.order_by("pk").last()
    assert event is not None
    assert event.act == Action.INVITATION_LINK_COPIED


@pytest.mark.parametrize(
    ("delivery", "shown"),
    [(Delivery.QUEUED, "Email queued"), (Delivery.SENT, "Email sent"), (Delivery.FAILED, "Email failed")],
)  # fmt: skip
def test_the_list_says_how_far_the_mail_came(world: World, delivery: str, shown: str) -> None:
    world.organization.invitations.update(delivery=delivery)
    text = words(signed_in(world.owner).get(reverse("members", args=[world.organization.slug])))
    assert shown in text


def test_many_pending_ones_are_counted_and_found_by_address(world: World) -> None:
    address, browser = reverse("members", args=[world.organization.slug]), signed_in(world.owner)
    for number in range(60):
        invited_member(world.organization, f"waiting{number:02}@elsewhere.example")
    response = browser.get(address)
    assert len(response.context["pending"]) == 50
    assert "11 more not listed" in words(response)
    found = browser.get(address, {"q": "waiting07@"}).context["pending"]
    assert [row.email for row in found] == ["waiting07@elsewhere.example"]
    assert browser.get(address, {"role": "admin"}).context["pending"] == []


def test_inviting_costs_the_page_the_same_however_many_projects(world: World) -> None:
    address, browser = (
        reverse("member_invite", args=[world.organization.slug]),
        signed_in(world.owner),
    )
    browser.get(address)
    with queries() as few:
        browser.get(address)
    world.organization.project_limit = 500
    world.organization.save(update_fields=["project_limit"])
    for number in range(120):
        world.organization.projects.create(name=f"More {number:03}", slug=f"more-{number:03}")
    browser.get(address)
    with queries() as many:
        response = browser.get(address)
    assert len(many) == len(few)
    assert response.content.decode().count('name="projects"') == 50
    assert "Only the first projects are listed" in words(response)


def test_one_project_and_twenty_cost_the_same(world: World) -> None:
    set_limits(world.organization, world.staff, limit=30)
    names = [f"Project {number}" for number in range(20)]
    made = create_set(
        actor=Actor.of_user(world.owner), organization=world.organization, names=names
    )
    cost = []
    for number in (1, 20):
        with queries() as captured:
            invite_member(
                actor=Actor.of_user(world.owner),
                organization=world.organization,
                email=f"somebody{number}@elsewhere.example",
                role=OrganizationRole.MEMBER,
                projects=[(project, ProjectRole.MEMBER) for project in made[:number]],
            )
        cost.append(len(captured))
    assert cost[0] == cost[1]
