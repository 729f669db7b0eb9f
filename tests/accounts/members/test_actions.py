"""Change role, remove, leave: what the pages of a member say and do."""

from typing import Any

import pytest
from django.http import Http404
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, InvitationState, Notification, OfferState
from accounts.members.services import remove_member
from accounts.models import AuditEvent, Invitation, Membership, Organization, User
from accounts.permissions import OrganizationRole
from tests.support.mail import mailed_to
from tests.support.pages import signed_in, words
from tests.world import (
    ADMIN,
    World,
    accept,
    build_world,
    invited,
    invited_member,
    join,
    listed,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def path(world: World, act: str, user: User) -> str:
    return reverse(f"member_{act}", args=[world.organization.slug, user.public_id])


def post(actor: User, world: World, act: str, user: User, **data: str) -> Any:
    return signed_in(actor).post(path(world, act, user), data, follow=True)


def membership_of(world: World, user: User) -> Membership | None:
    return world.organization.memberships.filter(user=user).first()


def newest(organization: Organization) -> AuditEvent:
    event = organization.audit_events.order_by("pk").last()
    assert event is not None
    return event


@pytest.mark.parametrize("actor", ["owner", "admin"])
def test_a_role_is_changed_there_and_back_and_takes_effect_at_once(
    world: World, actor: str
) -> None:
    theirs, project = signed_in(world.member), reverse("project", args=[world.production.slug])
    by = getattr(world, actor)
    assert theirs.get(project).status_code == 404
    response = post(by, world, "role", world.member, role="admin")
    assert "Member is now Admin of Northwind." in words(response)
    assert theirs.get(project).status_code == 200
    event = newest(world.organization)
    assert (event.act, event.values_before, event.values_after) == (
        Action.MEMBER_ROLE_CHANGED,
        {"role": "member"},
        {"role": "admin"},
    )
    assert event.target_id == world.member.public_id
    post(by, world, "role", world.member, role="member")
    assert theirs.get(project).status_code == 404


def test_a_changed_role_is_mailed_unless_they_turned_that_off(world: World) -> None:
    post(world.admin, world, "role", world.member, role="admin")
    (message,) = mailed_to(world.member.email)
    assert (
        "Admin (admin@northwind.example) changed your role in Northwind to Admin." in message.body
    )
    world.member.muted_notifications.create(kind=Notification.ROLE_CHANGED)
    post(world.admin, world, "role", world.member, role="member")
    assert len(mailed_to(world.member.email)) == 1


def test_the_same_role_again_changes_nothing_and_is_not_audited(world: World) -> None:
    events = world.organization.audit_events.count()
    response = post(world.owner, world, "role", world.member, role="member")
    assert response.status_code == 200
    assert world.organization.audit_events.count() == events
    assert mailed_to(world.member.email) == []


@pytest.mark.parametrize("role", ["", "owner", "Admin", "superuser", "\x00", "x" * 10000])
def test_a_role_no_one_can_give_is_refused_at_its_field(world: World, role: str) -> None:
    response = post(world.owner, world, "role", world.member, role=role)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"role"}
    membership = membership_of(world, world.member)
    assert membership is not None
    assert membership.role == "member"


def test_an_admin_who_steps_down_cannot_step_up_again(world: World) -> None:
    browser, address = signed_in(world.admin), path(world, "role", world.admin)
    assert "This is you" in words(browser.get(address))
    assert browser.post(address, {"role": "member"}, follow=True).status_code == 200
    assert browser.post(address, {"role": "admin"}).status_code == 403


def test_the_question_names_what_is_lost_and_what_stays(world: World) -> None:
    browser = signed_in(world.admin)
    browser.post(
        reverse("collaborator_add", args=[world.research.slug]),
        {"email": world.member.email, "role": "member"},
    )
    listed(world.production, world.admin)
    invited(world.research, "waiting@partner.example")
    text = words(signed_in(world.owner).get(path(world, "remove", world.admin)))
    for said in (
        "Remove Admin from Northwind?",
        "admin@northwind.example",
        "Northwind and all its projects",
        "Access to Production",
        "Their home organization (a new one is created for them)",
        "1 person added to projects",
    ):
        assert said in text
    assert "Owner" not in text.split("immediately lose:")[1].split("Cancel")[0]
    assert membership_of(world, world.admin)


def test_the_question_counts_only_what_is_of_this_organization(world: World) -> None:
    accept(invited_member(world.other_organization, world.member.email), world.member)
    listed(world.other_project, world.member)
    text = words(signed_in(world.owner).get(path(world, "remove", world.member)))
    assert "Rockets" not in text
    assert "Contoso" not in text


def test_removal_ends_everything_with_the_next_request(world: World) -> None:
    theirs = signed_in(world.project_member)
    project = reverse("project", args=[world.research.slug])
    assert theirs.get(project).status_code == 200
    response = post(world.admin, world, "remove", world.project_member)
    assert "Project Member was removed from Northwind." in words(response)
    for address in (
        project,
        reverse("project", args=[world.default.slug]),
        reverse("members", args=[world.organization.slug]),
    ):
        assert theirs.get(address).status_code == 404
    assert not world.project_member.collaborations.exists()
    event = newest(world.organization)
    assert (event.act, event.target_id) == (Action.MEMBER_REMOVED, world.project_member.public_id)
    assert event.values_before == {
        "role": "member",
        "projects": [world.production.slug, world.research.slug],
    }


def test_someone_who_loses_their_home_gets_one_of_their_own(world: World) -> None:
    post(world.owner, world, "remove", world.member)
    world.member.refresh_from_db()
    home = world.member.home_organization
    assert home is not None
    assert home.memberships.owner().user == world.member
    assert home.projects.default().is_default
    assert signed_in(world.member).get("/", follow=True).status_code == 200
    # Their own audit log says nothing of who removed them.
    assert {event.actor for event in home.audit_events.all()} == {world.member}


def test_someone_who_has_another_home_keeps_it(world: World) -> None:
    user = person("second@elsewhere.example")
    home = user.home_organization
    accept(invited_member(world.organization, user.email), user)
    post(world.owner, world, "remove", user)
    user.refresh_from_db()
    assert user.home_organization == home
    assert user.memberships.count() == 1


def test_removal_is_always_emailed(world: World) -> None:
    for kind in Notification:
        world.member.muted_notifications.create(kind=kind)
    post(world.admin, world, "remove", world.member)
    (message,) = mailed_to(world.member.email)
    assert "Admin removed you from Northwind" in message.body


def test_removal_withdraws_the_invitations_that_would_let_them_in_again(world: World) -> None:
    world.member.emailaddress_set.create(email="also.me@elsewhere.example", verified=True)  # type: ignore[attr-defined]
    world.member.emailaddress_set.create(email="not.proved@elsewhere.example", verified=False)  # type: ignore[attr-defined]
    own = [
        invited_member(world.organization, "also.me@elsewhere.example"),
        invited(world.research, "also.me@elsewhere.example"),
    ]
    others = [
        invited_member(world.organization, "not.proved@elsewhere.example"),
        invited_member(world.other_organization, "also.me@elsewhere.example"),
        world.member_invitation,
    ]
    assert "2 pending invitations from Northwind" in words(
        signed_in(world.owner).get(path(world, "remove", world.member))
    )
    post(world.owner, world, "remove", world.member)
    states = {one.pk: one.state for one in Invitation.objects.all()}
    assert {states[one.pk] for one in own} == {InvitationState.WITHDRAWN}
    assert {states[one.pk] for one in others} == {InvitationState.PENDING}


def test_removal_withdraws_the_offer_of_ownership_made_to_them(world: World) -> None:
    offer = world.organization.ownership_offers.create(
        offered_by=world.owner, offered_to=world.admin
    )
    assert "offer of ownership" in words(
        signed_in(world.owner).get(path(world, "remove", world.admin))
    )
    post(world.owner, world, "remove", world.admin)
    offer.refresh_from_db()
    assert offer.state == OfferState.WITHDRAWN


def test_what_they_made_stays(world: World) -> None:
    listed(world.research, world.admin, ADMIN)
    row = world.research.collaborators.get(user=world.project_member)
    row.added_by = world.admin
    row.save(update_fields=["added_by"])
    post(world.owner, world, "remove", world.admin)
    row.refresh_from_db()
    assert row.added_by == world.admin


def test_removing_twice_is_not_found_the_second_time(world: World) -> None:
    post(world.owner, world, "remove", world.member)
    assert post(world.owner, world, "remove", world.member).status_code == 404


def test_an_older_page_does_not_remove_someone_who_joined_again(world: World) -> None:
    before = membership_of(world, world.member)
    assert before is not None
    post(world.owner, world, "remove", world.member)
    accept(invited_member(world.organization, world.member.email), world.member)
    with pytest.raises(Http404):
        remove_member(actor=Actor.of_user(world.owner), membership=before)
    assert membership_of(world, world.member)


def test_an_admin_who_removes_themselves_lands_where_they_may_be(world: World) -> None:
    response = post(world.admin, world, "remove", world.admin)
    assert response.status_code == 200
    assert membership_of(world, world.admin) is None


def leave(user: User, world: World, *, method: str = "post") -> Any:
    address = reverse("members_leave", args=[world.organization.slug])
    return getattr(signed_in(user), method)(address, follow=True)


@pytest.mark.parametrize("who", ["admin", "member", "project_admin"])
def test_someone_who_leaves_is_out_and_lands_in_an_organization_of_their_own(
    world: World, who: str
) -> None:
    user = getattr(world, who)
    question = words(leave(user, world, method="get"))
    assert "Leave Northwind?" in question
    assert "a new one is created for you" in question
    response = leave(user, world)
    assert response.status_code == 200
    assert "You left Northwind." in words(response)
    assert membership_of(world, user) is None
    assert newest(world.organization).act == Action.MEMBER_LEFT
    assert newest(world.organization).actor == user


def test_the_owner_is_asked_to_hand_over_first(world: World) -> None:
    for method, status in (("get", 200), ("post", 409)):
        response = leave(world.owner, world, method=method)
        assert response.status_code == status
        assert "Transfer the ownership to another member first" in words(response)
    assert membership_of(world, world.owner)


def test_an_admin_removes_another_admin(world: World) -> None:
    second = join(world.organization, "second.admin@northwind.example", OrganizationRole.ADMIN)
    post(world.admin, world, "remove", second)
    assert membership_of(world, second) is None
