"""People are emailed about what others did to their access, once each, with a way to turn it off."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actors import Actor
from accounts.enums import Notification
from accounts.members.services import change_member_role, remove_member
from accounts.outbox import queue_text
from accounts.permissions import OrganizationRole
from keys.api_keys.services import revoke_key
from keys.inventory.services import revoke_several
from keys.models import ApiKey
from projects.services.additions import add_collaborator, add_collaborators
from projects.services.collaborators import remove_collaborator
from tests.support.mail import mailed, mailed_to
from tests.world import ADMIN, MEMBER, World, accept, issued, listed, person

pytestmark = pytest.mark.django_db


def add_member(world: World) -> None:
    actor = Actor.of_user(world.owner)
    add_collaborator(actor=actor, project=world.research, email=world.member.email, role=MEMBER)


def accept_members_invitation(world: World) -> None:
    accept(world.member_invitation, person(world.member_invitation.email, "New Hire"))


def accept_external_invitation(world: World) -> None:
    accept(world.invitation, person(world.invitation.email, "Ida Guest"))


def revoke(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.admin), key=world.key)


Act = Callable[[World], Any]
CASES: list[tuple[Act, str, Notification, str, tuple[str, ...]]] = [
    (
        add_member,
        "member",
        Notification.ADDED,
        "You were added to Research",
        ("Owner added you to Research, a project of Northwind.", "/settings/projects/research/"),
    ),
    (
        accept_members_invitation,
        "owner",
        Notification.INVITATION_ACCEPTED,
        "New Hire accepted your invitation to Northwind",
        (
            "New Hire (new.hire@northwind.example) accepted your invitation to Northwind",
            " and is now a member.",
            "Role: Member",
            "/settings/organization/northwind/members/",
        ),
    ),
    (
        accept_external_invitation,
        "owner",
        Notification.INVITATION_ACCEPTED,
        "Ida Guest accepted your invitation to Northwind",
        (
            "is now an external collaborator.",
            "Project: Research, as Project Member",
            "/settings/projects/research/collaborators/",
        ),
    ),
    (
        revoke,
        "project_member",
        Notification.KEY_REVOKED,
        "Your API key notebooks was revoked",
        (
            "Admin revoked an API key that you created in Northwind:",
            "notebooks, in Research",
            "/settings/projects/research/api-keys/",
        ),
    ),
]


@pytest.mark.parametrize(("act", "who", "kind", "subject", "texts"), CASES)
def test_who_is_concerned_is_emailed_until_they_turn_it_off(
    world: World, act: Act, who: str, kind: Notification, subject: str, texts: tuple[str, ...]
) -> None:
    user = getattr(world, who)
    act(world)
    (message,) = mailed_to(user.email)
    assert message.subject == subject
    for text in texts:
        assert text in message.body
    assert settings.SUPPORT_CONTACT in message.body
    turn_off(message)
    assert [muted.kind for muted in user.muted_notifications.all()] == [kind]


@pytest.mark.parametrize(("act", "who", "kind", "subject", "texts"), CASES)
def test_who_turned_it_off_is_not_emailed(
    world: World, act: Act, who: str, kind: Notification, subject: str, texts: tuple[str, ...]
) -> None:
    getattr(world, who).muted_notifications.create(kind=kind)
    act(world)
    assert mailed_to(getattr(world, who).email) == []


def turn_off(message: EmailMessage) -> None:
    """Opens the link at the end of the email, which is that of its header, and presses the button."""
    link = re.search(
        rf"Turn these emails off:\n{re.escape(settings.BASE_URL)}(/\S+)\n", message.body
    )
    assert link
    assert message.extra_headers["List-Unsubscribe"] == f"<{settings.BASE_URL}{link[1]}>"
    answer = Client().post(link[1])
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/notifications/")


def test_every_email_says_how_to_reach_the_operator(world: World) -> None:
    queue_text(world.owner.email, "Hello", "Text")
    messages = mailed()
    assert len(messages) > 1  # with those of the invitations
    for message in messages:
        assert f"Questions? Contact support:\n{settings.SUPPORT_CONTACT}\n" in message.body


def test_no_one_is_emailed_about_what_they_did_themselves(world: World) -> None:
    admin = Actor.of_user(world.admin)
    add_collaborator(actor=admin, project=world.research, email=world.admin.email, role=ADMIN)
    issued_key = issued(world.research, world.admin, "mine").key
    revoke_key(actor=admin, key=issued_key)
    remove_collaborator(
        actor=admin, collaborator=world.research.collaborators.get(user=world.admin)
    )
    membership = world.organization.memberships.get(user=world.admin)
    change_member_role(actor=admin, membership=membership, role=OrganizationRole.MEMBER)
    assert mailed_to(world.admin.email) == []


def test_several_keys_revoked_at_once_are_one_email_for_each_creator(world: World) -> None:
    keys: list[ApiKey] = [world.key]
    keys += [issued(world.research, world.project_member, f"key {n}").key for n in range(3)]
    keys.append(issued(world.research, world.project_admin, "theirs").key)
    keys.append(issued(world.research, world.owner, "own").key)
    revoke_several(actor=Actor.of_user(world.owner), organization=world.organization, keys=keys)
    (message,) = mailed_to(world.project_member.email)
    assert message.subject == "4 of your API keys were revoked"
    assert all(name in message.body for name in ("notebooks", "key 0", "key 1", "key 2"))
    assert "theirs" not in message.body
    (other,) = mailed_to(world.project_admin.email)
    assert other.subject == "Your API key theirs was revoked"
    assert mailed_to(world.owner.email) == []


def test_several_people_added_at_once_get_one_email_each(world: World) -> None:
    people = [world.member, world.admin, world.project_admin]
    add_collaborators(
        actor=Actor.of_user(world.owner),
        project=world.production,
        emails=[user.email for user in people],
        role=MEMBER,
    )
    assert [len(mailed_to(user.email)) for user in people] == [1, 1, 1]


def test_a_creator_without_access_learns_nothing_of_the_key(world: World) -> None:
    key = issued(world.research, world.external, "guest").key
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.external_row)
    revoke_key(actor=Actor.of_user(world.owner), key=key)
    (removal,) = mailed_to(world.external.email)
    assert removal.subject == "Removed from Research"


def test_keys_revoked_with_a_removal_are_named_in_its_email(world: World) -> None:
    listed(world.production, world.member)
    issued(world.production, world.member, "scripts")
    membership = world.organization.memberships.get(user=world.member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership, revoke=["all"])
    added, removed = mailed_to(world.member.email)
    assert added.subject == "You were added to Production"
    assert "also revoked 1 API key you created" in removed.body
