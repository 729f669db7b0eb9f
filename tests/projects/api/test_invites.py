"""Invitations of external collaborators by the management API: listed, resent, withdrawn, their links."""

import pytest

from accounts.actors import Actor
from accounts.models import Invitation
from projects.service_accounts.services import create_service_account
from projects.services.projects import change_project
from tests.keys.helpers.api_client import call, error_of, send
from tests.projects.api.callers import admin_key, cast, foreign_admin_key
from tests.support.pages import queries
from tests.world import World, invited, set_limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(world: World) -> str:
    return admin_key(world)


def invites_of(world: World) -> str:
    return f"/v1/organization/projects/{world.research.public_id}/invites"


def path(world: World, act: str = "") -> str:
    return f"{invites_of(world)}/{world.invitation.public_id}{act}"


def test_a_pending_invitation_is_listed_resent_and_withdrawn(world: World, key: str) -> None:
    (listed,) = call(invites_of(world), key).json()["data"]
    invitation = world.invitation
    assert listed == {
        "object": "organization.project.invite",
        "id": invitation.public_id,
        "email": invitation.email,
        "role": "member",
        "end_date": None,
        "status": "pending",
        "delivery": "queued",
        "created_at": int(invitation.created_at.timestamp()),
        "sent_at": int(invitation.sent_at.timestamp()),
        "expires_at": int(invitation.expires_at.timestamp()),
        "invited_by": {
            "type": "user",
            "id": world.owner.public_id,
            "name": world.owner.name,
        },
    }
    resent = send(path(world, "/resend"), key).json()
    assert resent["invited_by"]["type"] == "admin_api_key"
    url = send(path(world, "/link"), key).json()["url"]
    assert "/invitations/inv_" in url
    assert send(path(world), key, None, "DELETE").json() == {
        "object": "organization.invite.deleted",
        "id": invitation.public_id,
        "deleted": True,
    }
    assert call(invites_of(world), key).json()["data"] == []
    for act, method in (("", "DELETE"), ("/resend", "POST"), ("/link", "POST")):
        assert send(path(world, act), key, None, method).status_code == 404


def test_a_list_pages_and_costs_the_same_queries_whatever_its_length(
    world: World, key: str
) -> None:
    for number in range(5):
        invited(world.research, f"guest{number}@elsewhere.example")
    first = call(f"{invites_of(world)}?order=asc&limit=2", key).json()
    assert first["has_more"] is True
    for after in (first["last_id"], first["data"][-1]["id"]):
        following = call(f"{invites_of(world)}?order=asc&limit=2&after={after}", key).json()
        emails = [invite["email"] for invite in following["data"]]
        assert emails == ["guest1@elsewhere.example", "guest2@elsewhere.example"]
    with queries() as short:
        call(f"{invites_of(world)}?limit=1", key)
    with queries() as long:
        assert len(call(invites_of(world), key).json()["data"]) == 6
    assert len(short) == len(long)


def test_all_externals_are_removed_once_a_switch_is_off(world: World, key: str) -> None:
    remove = f"/v1/organization/projects/{world.research.public_id}/remove_externals"
    assert send(remove, key).status_code == 409
    change_project(
        actor=Actor.of_user(world.owner),
        project=world.research,
        name="Research",
        allow_external_collaborators=False,
    )
    assert error_of(send(remove, key, {"revoke_keys": True}))["param"] == "revoke_keys"
    assert send(remove, key, {"revoke_api_keys": True}).json() == {
        "object": "organization.project.externals.removed",
        "removed": 2,
        "active_service_accounts": 0,
    }
    assert not world.research.collaborators.external().exists()
    assert not Invitation.objects.pending().filter(project_ref=world.research.public_id).exists()
    assert send(remove, key).status_code == 409


def test_accounts_of_externals_are_removed_or_else_counted(world: World, key: str) -> None:
    remove = f"/v1/organization/projects/{world.research.public_id}/remove_externals"
    for maker in (world.external_admin, world.owner):
        actor = Actor.of_user(maker)
        create_service_account(actor=actor, project=world.research, name=maker.name)
    set_limits(world.organization, world.staff, limit=5, externals=False)
    kept = {"remove_service_accounts": False}
    assert send(remove, key, kept).json()["active_service_accounts"] == 1
    refused = send(remove, key, kept)
    assert refused.status_code == 409
    assert "1 service account that they created still works" in error_of(refused)["message"]
    removed = send(remove, key).json()
    assert (removed["removed"], removed["active_service_accounts"]) == (0, 0)
    assert [row.name for row in world.research.service_accounts.current()] == [world.owner.name]


# Who may: list the invitations to research, resend one, get its link, withdraw it, remove all externals.
WHO = {
    "admin key": (200, 200, 200, 200, 409),
    "foreign admin key": (404,) * 5,
    "owner": (200, 200, 200, 200, 409),
    "owner, read": (200, 403, 403, 403, 403),
    "member": (404,) * 5,
    "project admin": (200, 200, 200, 200, 409),
    "project admin, project": (200, 200, 200, 200, 409),
    "project member": (200, 403, 403, 403, 403),
    "external": (403,) * 5,
    "external admin": (200, 403, 403, 403, 403),
    "API key": (403,) * 5,
    "terminal": (403,) * 5,
}


@pytest.mark.parametrize("caller", WHO)
def test_who_may_do_what(world: World, caller: str) -> None:
    secret = cast(world)[caller]
    answers = (
        call(invites_of(world), secret),
        send(path(world, "/resend"), secret),
        send(path(world, "/link"), secret),
        send(path(world), secret, None, "DELETE"),
        send(f"/v1/organization/projects/{world.research.public_id}/remove_externals", secret),
    )
    assert tuple(answer.status_code for answer in answers) == WHO[caller]


@pytest.mark.parametrize(
    ("act", "method"), [("", "DELETE"), ("/resend", "POST"), ("/link", "POST")]
)
def test_a_foreign_invitation_is_answered_like_an_unknown_one(
    world: World, act: str, method: str
) -> None:
    secret = foreign_admin_key(world)
    own = f"/v1/organization/projects/{world.other_project.public_id}/invites"
    unknown = send(f"{own}/invitation_{'0' * 20}{act}", secret, None, method)
    assert unknown.status_code == 404
    for there in (f"{own}/{world.invitation.public_id}{act}", path(world, act)):
        answer = send(there, secret, None, method)
        assert (answer.status_code, answer.content) == (404, unknown.content)
