"""The official client manages people: users, invitations, with lists that go on while rows come and go."""

import httpx
import openai
import pytest

from accounts.models import Invitation
from accounts.models.invitation import Link
from tests.client.openai.conftest import OpenAiFor
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.support.pages import signed_in
from tests.world import World, issued, person

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "newcomer@elsewhere.example"


def test_someone_is_invited_joins_is_promoted_and_removed(
    world: World, client: openai.OpenAI
) -> None:
    organization = client.admin.organization
    invite = organization.invites.create(
        email=NEW,
        role="reader",
        projects=[{"id": world.research.public_id, "role": "owner"}],
    )
    assert (invite.object, invite.status, invite.role) == (
        "organization.invite",
        "pending",
        "reader",
    )
    assert [project.to_dict() for project in invite.projects] == [
        {"id": world.research.public_id, "role": "owner"}
    ]
    with pytest.raises(openai.ConflictError, match=invite.id):
        organization.invites.create(email=NEW, role="owner")
    user, link = person(NEW), Invitation.objects.get(email=NEW).url(Link.MAILED)
    page = signed_in(user)
    assert page.post(f"{httpx.URL(link).path}accept/").status_code == 302
    accepted = organization.invites.retrieve(invite.id)
    assert accepted.status == "accepted"
    assert accepted.accepted_at is not None
    (joined,) = organization.users.list(emails=[NEW])
    assert (joined.id, joined.role, joined.name) == (user.public_id, "reader", user.name)
    assert joined.projects
    assert [project.name for project in joined.projects.data] == ["Research"]
    assert organization.users.update(joined.id, role="owner").role == "owner"
    assert organization.users.retrieve(joined.id).to_dict()["console_role"] == "admin"
    issued(world.research, user, "theirs")
    gone = organization.users.delete(joined.id, extra_query={"revoke_api_keys": "true"})
    assert (gone.deleted, gone.object) == (True, "organization.user.deleted")
    assert gone.to_dict()["active_api_keys"] == 0
    with pytest.raises(openai.NotFoundError):
        organization.users.retrieve(joined.id)


def test_an_invitation_is_sent_again_and_deleted(world: World, client: openai.OpenAI) -> None:
    invites = client.admin.organization.invites
    first = world.member_invitation
    again = client.post(f"/organization/invites/{first.public_id}/resend", cast_to=httpx.Response)
    assert again.json()["status"] == "pending"
    deleted = invites.delete(first.public_id)
    assert (deleted.id, deleted.deleted) == (first.public_id, True)
    assert invites.retrieve(first.public_id).status == "expired"
    with pytest.raises(openai.ConflictError) as refused:
        invites.delete(first.public_id)
    assert refused.value.response.headers["x-should-retry"] == "false"


def test_lists_are_walked_to_the_end_while_rows_go(world: World, client: openai.OpenAI) -> None:
    users = client.admin.organization.users
    seen = []
    for user in users.list(limit=2):
        seen.append(user.email)
        if user.email == world.member.email:
            users.delete(user.id)
    assert sorted(filter(None, seen)) == [
        "admin@northwind.example",
        "member@northwind.example",
        "owner@northwind.example",
        "project.admin@northwind.example",
        "project.member@northwind.example",
    ]
    emails = [invite.email for invite in client.admin.organization.invites.list(limit=1)]
    assert len(emails) == len(set(emails)) == 5


def test_refusals_are_the_exceptions_that_programs_know(
    world: World, client: openai.OpenAI, connect: OpenAiFor
) -> None:
    users = client.admin.organization.users
    with pytest.raises(openai.NotFoundError) as foreign:
        users.retrieve(world.other_member.public_id)
    with pytest.raises(openai.NotFoundError) as unknown:
        users.retrieve(f"user_{'0' * 20}")
    assert foreign.value.body == unknown.value.body
    with pytest.raises(openai.PermissionDeniedError):
        users.delete(world.owner.public_id)
    with pytest.raises(openai.UnprocessableEntityError) as unsupported:
        users.update(world.member.public_id, role_id="role_1")
    assert (unsupported.value.param, unsupported.value.code) == ("role_id", "not_supported")
    with pytest.raises(openai.NotFoundError) as missing:
        client.admin.organization.roles.list()
    assert missing.value.code == "not_supported"
    for secret in (world.key_secret, "ak_x"):
        with pytest.raises((openai.AuthenticationError, openai.PermissionDeniedError)):
            connect(secret).admin.organization.users.list()
    elsewhere = openai.OpenAI(
        admin_api_key=issue_admin_key(world.owner, world.organization, "Other").secret,
        organization=world.other_organization.public_id,
        base_url=client.base_url,
    )
    with elsewhere, pytest.raises(openai.AuthenticationError) as mismatched:
        elsewhere.admin.organization.users.list()
    assert mismatched.value.code == "mismatched_organization"


def test_sent_twice_with_an_idempotency_key_one_invitation_is_made(
    world: World, client: openai.OpenAI
) -> None:
    headers = {"Idempotency-Key": "run-1"}
    first, again = (
        client.admin.organization.invites.create(email=NEW, role="reader", extra_headers=headers)
        for _ in range(2)
    )
    assert first == again
    assert Invitation.objects.filter(email=NEW).count() == 1
