"""Invitations by the API: sent, listed, sent again, withdrawn; who may, and what is refused."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.actors import Actor
from accounts.enums import Action, InvitationState
from accounts.invitations.services.lifecycle import decline_invitation
from accounts.models import AuditEvent, Invitation
from accounts.models.invitation import Link
from keys.enums import TokenScope
from projects.services.archive import archive_project
from tests.accounts.helpers.invitations import age
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import (
    READ_BY_ADMINS,
    WRITTEN_BY_ADMINS,
    find_statuses,
    send,
)
from tests.keys.helpers.personal_tokens import made
from tests.support.mail import mailed_to
from tests.support.pages import queries
from tests.world import World, accept, invited_member, person

pytestmark = pytest.mark.django_db
INVITES = "/v1/organization/invites"
NEW = "newcomer@elsewhere.example"


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


def invite(secret: str, **body: Any) -> Any:
    return send(secret, "POST", INVITES, {"email": NEW, "role": "reader", **body})


def path_of(invitation: Invitation) -> str:
    return f"{INVITES}/{invitation.public_id}"


def test_an_invitation_is_mailed_accepted_and_read(world: World, secret: str) -> None:
    projects = [
        {"id": world.research.public_id, "role": "owner"},
        {"id": world.default.public_id, "role": "member"},
    ]
    answer = invite(secret, email="Newcomer@Elsewhere.example", projects=projects)
    invitation = Invitation.objects.get(email=NEW)
    assert answer.json() == {
        "object": "organization.invite",
        "id": invitation.public_id,
        "email": NEW,
        "role": "reader",
        "console_role": "member",
        "status": "pending",
        "console_status": "pending",
        "delivery": "queued",
        "created_at": int(invitation.created_at.timestamp()),
        "sent_at": int(invitation.sent_at.timestamp()),
        "expires_at": int(invitation.expires_at.timestamp()),
        "accepted_at": None,
        "invited_by": {
            "type": "admin_api_key",
            "id": world.organization.admin_keys.get().public_id,
            "name": "Terraform",
        },
        "projects": [{"id": world.research.public_id, "role": "owner"}],
    }
    (mail,) = mailed_to(NEW)
    assert invitation.url(Link.MAILED) in mail.body
    accept(invitation, person(NEW))
    read = send(secret, "GET", path_of(invitation)).json()
    assert (read["status"], read["console_status"], read["delivery"]) == (
        "accepted",
        "accepted",
        "sent",
    )
    assert read["accepted_at"] >= read["created_at"]
    assert world.research.collaborators.get(user__email=NEW).role == "admin"


def test_a_token_invites_as_its_person(world: World) -> None:
    token = made(world.admin, world.organization, scope=TokenScope.WRITE).secret
    answer = invite(token, role="owner").json()
    assert answer["invited_by"] == {
        "type": "user", "id": world.admin.public_id, "name": world.admin.name,
    }  # fmt: skip
    assert (answer["role"], answer["console_role"]) == ("owner", "admin")


def test_ended_invitations_stay_in_the_list(world: World, secret: str) -> None:
    declined = invited_member(world.organization, "no@elsewhere.example")
    decline_invitation(actor=Actor.without_account("no@elsewhere.example"), invitation=declined)
    expired = invited_member(world.organization, "late@elsewhere.example")
    age(expired, days=7, seconds=1)
    assert send(secret, "DELETE", path_of(world.member_invitation)).json() == {
        "object": "organization.invite.deleted",
        "id": world.member_invitation.public_id,
        "deleted": True,
    }
    page = send(secret, "GET", f"{INVITES}?limit=100").json()
    states = {one["email"]: (one["status"], one["console_status"]) for one in page["data"]}
    assert states["no@elsewhere.example"] == ("expired", "declined")
    assert states["late@elsewhere.example"] == ("expired", "expired")
    assert states[world.member_invitation.email] == ("expired", "withdrawn")
    assert world.invitation.email not in states  # to a project
    assert len(states) == 7  # with the four people of the world who accepted theirs
    again = send(secret, "DELETE", path_of(world.member_invitation))
    assert (again.status_code, again["X-Should-Retry"]) == (409, "false")


def test_sending_it_again_gives_seven_days(world: World, secret: str) -> None:
    age(world.member_invitation, days=8)
    answer = send(secret, "POST", f"{path_of(world.member_invitation)}/resend")
    assert (answer.status_code, answer.json()["status"]) == (200, "pending")
    assert answer.json()["invited_by"]["name"] == "Terraform"
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor_kind) == (Action.INVITATION_RESENT, "admin_key")
    send(secret, "DELETE", path_of(world.member_invitation))
    assert send(secret, "POST", f"{path_of(world.member_invitation)}/resend").status_code == 409


def test_a_second_invitation_names_the_first(world: World, secret: str) -> None:
    first = invite(secret).json()["id"]
    answer = invite(secret)
    error = error_of(answer)
    assert (answer.status_code, error["param"], error["code"]) == (409, "email", "already_invited")
    assert first in error["message"]
    member = invite(secret, email=world.member.email)
    assert (member.status_code, error_of(member)["param"]) == (409, "email")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a\u0000@b.example"}, "email"),
        ({"email": f"{'a' * 300}@b.example"}, "email"),
        ({"role": None}, "role"),
        ({"role": "Reader"}, "role"),
        ({"projects": None}, "projects"),
        ({"projects": {}}, "projects"),
        ({"projects": [{"role": "member"}]}, "projects[0].id"),
        ({"projects": [{"id": "proj_x", "role": "member"}]}, "projects[0].id"),
        ({"projects": [{"id": f"proj_{'0' * 20}", "role": "member"}]}, "projects[0].id"),
        ({"projects": [{"id": f"proj_{'0' * 20}", "role": "reader"}]}, "projects[0].role"),
        ({"project": []}, "project"),
    ],
)
def test_a_wrong_field_is_named_and_invites_no_one(
    world: World, secret: str, body: Any, param: str
) -> None:
    answer = invite(secret, **body)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    assert not Invitation.objects.filter(email=NEW).exists()


def test_projects_are_the_organizations_own_and_named_once(world: World, secret: str) -> None:
    def error(*projects: Any, role: str = "member") -> tuple[int, str]:
        named = [{"id": project.public_id, "role": role} for project in projects]
        answer = invite(secret, projects=named)
        return answer.status_code, error_of(answer)["param"]

    assert error(world.research, world.other_project) == (422, "projects[1].id")
    assert error(world.research, world.research) == (422, "projects[1].id")
    assert error(world.default, role="owner") == (422, "projects[0].role")
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    assert error(world.research) == (409, "projects[0].id")


def test_a_limit_of_invitations_says_when_to_come_back(
    world: World, secret: str, settings: Settings
) -> None:
    settings.INVITATIONS_PER_PERSON = 0
    answer = invite(secret)
    assert (answer.status_code, int(answer["Retry-After"]) > 0) == (429, True)
    assert not Invitation.objects.filter(email=NEW).exists()


def test_one_and_many_cost_the_same_queries(world: World, secret: str) -> None:
    invite(secret, projects=[{"id": world.research.public_id, "role": "owner"}])
    counts = set()
    for limit in (1, 100):
        with queries() as captured:
            send(secret, "GET", f"{INVITES}?limit={limit}")
        counts.add(len(captured))
    assert len(counts) == 1


def test_who_may(world: World) -> None:
    path, body = path_of(world.member_invitation), {"email": NEW, "role": "reader"}
    assert find_statuses(world, "GET", INVITES) == READ_BY_ADMINS
    assert find_statuses(world, "GET", path) == READ_BY_ADMINS
    assert find_statuses(world, "POST", INVITES, body) == WRITTEN_BY_ADMINS
    assert find_statuses(world, "POST", f"{path}/resend") == WRITTEN_BY_ADMINS
    assert find_statuses(world, "POST", f"{path}/link") == WRITTEN_BY_ADMINS
    assert find_statuses(world, "DELETE", path) == WRITTEN_BY_ADMINS


@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("DELETE", ""), ("POST", "/resend"), ("POST", "/link")]
)
def test_another_organizations_invitation_is_like_an_unknown_one(
    world: World, secret: str, method: str, suffix: str
) -> None:
    ids = (
        world.other_member_invitation.public_id,
        world.invitation.public_id,  # to a project
        f"invitation_{'0' * 20}",
        "user_x",
    )
    answers = [send(secret, method, f"{INVITES}/{one}{suffix}") for one in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_sent_twice_with_one_idempotency_key_it_is_done_once(world: World, secret: str) -> None:
    body, headers = {"email": NEW, "role": "reader"}, {"Idempotency-Key": "x"}
    first, again = (send(secret, "POST", INVITES, body, **headers) for _ in range(2))
    assert (first.json(), again.status_code) == (again.json(), 200)
    assert again["Idempotent-Replayed"] == "true"
    assert Invitation.objects.filter(email=NEW, state=InvitationState.PENDING).count() == 1
    assert len(mailed_to(NEW)) == 1


def test_the_link_is_passed_on_by_hand_and_recorded(world: World, secret: str) -> None:
    path, headers = f"{path_of(world.member_invitation)}/link", {"Idempotency-Key": "x"}
    answer, again = (send(secret, "POST", path, **headers) for _ in range(2))
    assert answer.json() == {
        "object": "organization.invite.link",
        "id": world.member_invitation.public_id,
        "url": world.member_invitation.url(Link.COPIED),
    }
    assert again.json() == {**answer.json(), "url": None}
    events = AuditEvent.objects.filter(act=Action.INVITATION_LINK_COPIED)
    assert events.get().actor_kind == "admin_key"
    send(secret, "DELETE", path_of(world.member_invitation))
    assert send(secret, "POST", path).status_code == 409
