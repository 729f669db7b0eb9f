"""Who may list, add, change and remove the collaborators of a project by the management API."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, User
from projects.models import Project
from tests.keys.helpers.api_client import call, send
from tests.projects.api.callers import admin_key, cast, foreign_admin_key
from tests.world import World, listed

pytestmark = pytest.mark.django_db
NEXT_YEAR = (timezone.now() + dt.timedelta(days=365)).date().isoformat()
# Who may: list the users of research, add a member, change a member's role, remove them, vouch.
WHO = {
    "admin key": (200, 200, 200, 200, 403),
    "foreign admin key": (404,) * 5,
    "owner": (200, 200, 200, 200, 409),  # who vouches already
    "owner, read": (200, 403, 403, 403, 403),
    "owner, project": (200, 200, 200, 200, 409),
    "admin": (200,) * 5,
    "member": (404,) * 5,
    "project admin": (200,) * 5,
    "project admin, project": (200,) * 5,
    "project member": (200, 403, 403, 403, 403),
    "project member, project": (200, 403, 403, 403, 403),
    "external": (200, 403, 403, 403, 403),
    "external admin": (200, 202, 200, 200, 403),
    "stranger": (404,) * 5,
    "API key": (403,) * 5,
    "terminal": (403,) * 5,
}


def users_of(project: Project) -> str:
    return f"/v1/organization/projects/{project.public_id}/users"


def path(project: Project, user: User, act: str = "") -> str:
    return f"{users_of(project)}/{user.public_id}{act}"


@pytest.fixture
def key(world: World) -> str:
    return admin_key(world)


@pytest.mark.parametrize("caller", WHO)
def test_who_may_do_what(world: World, caller: str) -> None:
    secret = cast(world)[caller]
    here, changed = users_of(world.research), world.project_member.public_id
    answers = (
        call(here, secret),
        send(here, secret, {"role": "member", "user_id": world.member.public_id}),
        send(f"{here}/{changed}", secret, {"role": "member"}),
        send(f"{here}/{world.member.public_id}", secret, None, "DELETE"),
        send(f"{here}/{world.external.public_id}/vouch", secret),
    )
    assert tuple(answer.status_code for answer in answers) == WHO[caller]


@pytest.mark.parametrize(
    ("act", "method"), [("", "GET"), ("", "POST"), ("", "DELETE"), ("/vouch", "POST")]
)
def test_a_foreign_row_is_answered_like_an_unknown_one(world: World, act: str, method: str) -> None:
    secret = foreign_admin_key(world)
    own = users_of(world.other_project)
    unknown = send(f"{own}/user_{'0' * 20}{act}", secret, None, method)
    assert unknown.status_code == 404
    for there in (own, users_of(world.research)):
        answer = send(f"{there}/{world.project_member.public_id}{act}", secret, None, method)
        assert (answer.status_code, answer.content) == (404, unknown.content)


def test_the_users_of_a_foreign_project_are_answered_like_those_of_an_unknown_one(
    world: World,
) -> None:
    secret = foreign_admin_key(world)
    unknown = f"/v1/organization/projects/proj_{'0' * 20}/users"
    for method, body in (("GET", None), ("POST", {"role": "member", "email": "a@b.example"})):
        answers = [
            send(there, secret, body, method) for there in (users_of(world.research), unknown)
        ]
        assert answers[0].status_code == 404
        assert answers[0].content == answers[1].content


def test_no_one_gives_a_role_above_their_own_or_extends_their_own_access(world: World) -> None:
    secrets = cast(world)
    external = secrets["external admin"]
    here = path(world.research, world.external_admin)
    assert send(here, external, {"end_date": NEXT_YEAR}).status_code == 403
    # An external never changes another one, and no one the Owner.
    other = path(world.research, world.external)
    assert send(other, external, {"role": "owner"}).status_code == 403
    assert send(other, external, None, "DELETE").status_code == 403
    listed(world.research, world.owner)
    admin = secrets["project admin"]
    assert send(path(world.research, world.owner), admin, {"role": "owner"}).status_code == 403
    assert send(path(world.research, world.owner), admin, None, "DELETE").status_code == 403


def test_people_leave_and_programs_cannot(world: World, key: str) -> None:
    leave = f"/v1/organization/projects/{world.research.public_id}/leave"
    assert send(leave, key).status_code == 403
    secrets = cast(world)
    left = send(leave, secrets["project member"]).json()
    assert (left["id"], left["active_api_keys"]) == (world.project_member.public_id, 1)
    assert send(leave, secrets["external"]).json()["id"] == world.external.public_id
    # The Owner is not listed, a former collaborator sees nothing.
    assert send(leave, secrets["owner"]).status_code == 409
    assert send(leave, secrets["project member"]).status_code == 404
    event = AuditEvent.objects.filter(act=Action.COLLABORATOR_LEFT).latest("pk")
    assert event.credential.startswith("pat_")


def test_addresses_are_for_those_who_may_see_them(world: World, key: str) -> None:
    secrets = cast(world)
    for caller, sees in (("external", False), ("external admin", True), ("project member", True)):
        users = call(users_of(world.research), secrets[caller]).json()["data"]
        assert [user["email"] is not None for user in users] == [sees] * 4


def test_who_may_not_learn_who_is_a_member_gets_one_answer_for_everyone(world: World) -> None:
    secret = cast(world)["external admin"]
    emails = [world.member.email, world.project_member.email, "nobody@elsewhere.example"]
    answers = [
        send(users_of(world.research), secret, {"role": "member", "email": email}).json()
        for email in emails
    ]
    assert answers == [
        {
            "object": "organization.project.user",
            "id": None,
            "name": None,
            "email": email,
            "role": "member",
            "added_at": None,
            "end_date": None,
            "status": "pending",
            "invite_id": None,
        }
        for email in emails
    ]
    assert world.research.collaborators.filter(user=world.member).exists()
    assert not Invitation.objects.filter(email=emails[2]).exists()
    ids = [world.admin.public_id, world.stranger.public_id, f"user_{'0' * 20}"]
    replies = [
        send(users_of(world.research), secret, {"role": "member", "user_id": user_id})
        for user_id in ids
    ]
    assert len({(reply.status_code, reply.content) for reply in replies}) == 1
    assert world.research.collaborators.filter(user=world.admin).exists()
    past = [
        send(
            users_of(world.research),
            secret,
            {"role": "member", "user_id": user_id, "end_date": "2020-01-01"},
        )
        for user_id in ids
    ]
    assert len({(reply.status_code, reply.content) for reply in past}) == 1
