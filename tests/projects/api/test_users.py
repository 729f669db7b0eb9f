"""Collaborators by the management API: added, invited, listed, changed, removed."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent, Invitation, User
from projects.models import Project
from projects.services.collaborators import remove_collaborator
from projects.services.projects import change_project
from tests.keys.helpers.api_client import call, error_of, send
from tests.projects.api.callers import admin_key, cast
from tests.support.pages import queries
from tests.world import World, accept, issued, person, set_limits

pytestmark = pytest.mark.django_db
NEXT_YEAR = (timezone.now() + dt.timedelta(days=365)).date().isoformat()


@pytest.fixture
def key(world: World) -> str:
    return admin_key(world)


def users_of(project: Project) -> str:
    return f"/v1/organization/projects/{project.public_id}/users"


def path(project: Project, user: User, act: str = "") -> str:
    return f"{users_of(project)}/{user.public_id}{act}"


def names(answer: Any) -> list[str]:
    return [user["name"] for user in answer.json()["data"]]


@pytest.mark.parametrize("by", ["user_id", "email"])
def test_a_member_is_added_at_once_by_id_or_address(world: World, key: str, by: str) -> None:
    named = {"user_id": world.member.public_id, "email": world.member.email.upper()}[by]
    added = send(users_of(world.research), key, {"role": "owner", by: named})
    row = world.research.collaborators.get(user=world.member)
    assert added.status_code == 200
    assert added.json() == {
        "object": "organization.project.user",
        "id": world.member.public_id,
        "name": world.member.name,
        "email": world.member.email,
        "role": "owner",
        "added_at": int(row.added_at.timestamp()),
        "is_external": False,
        "end_date": None,
        "vouched_by": None,
    }
    assert (row.role, row.added_by) == ("admin", None)
    again = send(users_of(world.research), key, {"role": "member", by: named})
    assert (again.status_code, error_of(again)["param"]) == (409, by)
    assert call(path(world.research, world.member), key).json() == added.json()
    event = AuditEvent.objects.get(target_id=row.public_id)
    assert (event.act, event.actor_name) == (Action.COLLABORATOR_ADDED, "Terraform")


def test_an_outsider_is_invited_and_listed_when_they_accept(world: World, key: str) -> None:
    body = {"role": "member", "email": "consultant@elsewhere.example", "end_date": NEXT_YEAR}
    pending = send(users_of(world.research), key, body)
    invitation = Invitation.objects.get(email=body["email"])
    assert pending.status_code == 202
    assert pending.json() == {
        "object": "organization.project.user",
        "id": None,
        "name": None,
        "email": body["email"],
        "role": "member",
        "added_at": None,
        "end_date": NEXT_YEAR,
        "status": "pending",
        "invite_id": invitation.public_id,
    }
    again = send(users_of(world.research), key, body)
    assert (again.status_code, error_of(again)["param"]) == (409, "email")
    user = person(body["email"])
    accept(invitation, user)
    joined = call(path(world.research, user), key).json()
    assert (joined["is_external"], joined["end_date"], joined["vouched_by"]) == (
        True,
        NEXT_YEAR,
        None,
    )
    owner = cast(world)["owner"]
    vouched = send(path(world.research, user, "/vouch"), owner).json()
    assert vouched["vouched_by"] == world.owner.public_id
    assert send(path(world.research, user, "/vouch"), owner).status_code == 409
    assert send(path(world.research, user, "/vouch"), key).status_code == 403


def test_it_names_the_switch_that_is_off(world: World, key: str) -> None:
    body = {"role": "member", "email": "consultant@elsewhere.example"}
    change_project(
        actor=Actor.of_user(world.owner),
        project=world.research,
        name="Research",
        allow_external_collaborators=False,
    )
    answer = send(users_of(world.research), key, body)
    error = error_of(answer)
    assert (answer.status_code, error["param"]) == (403, "email")
    assert error["code"] == "external_collaborators_off"
    assert "Research does not allow external collaborators." in error["message"]
    assert "not enabled for Northwind" not in error["message"]
    set_limits(world.organization, world.staff, limit=5, externals=False)
    message = error_of(send(users_of(world.research), key, body))["message"]
    assert "External collaborators are not enabled for Northwind." in message
    assert not Invitation.objects.filter(email=body["email"]).exists()


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({}, 422, "role"),
        ({"role": "member"}, 422, "user_id"),
        ({"role": "member", "user_id": None, "email": None}, 422, "user_id"),
        ({"role": "member", "user_id": f"user_{'0' * 20}", "email": "a@b.example"}, 422, "email"),
        ({"role": "member", "user_id": "5"}, 422, "user_id"),
        ({"role": "member", "user_id": f"user_{'0' * 20}"}, 422, "user_id"),
        ({"role": "member", "email": ""}, 422, "email"),
        ({"role": "member", "email": "not an address"}, 422, "email"),
        ({"role": "member", "email": "a\u0000@b.example"}, 422, "email"),
        ({"role": "member", "email": "a@b.example, c@d.example"}, 422, "email"),
        ({"role": "member", "email": 5}, 422, "email"),
        ({"role": "reader", "email": "a@b.example"}, 422, "role"),
        ({"role": None, "email": "a@b.example"}, 422, "role"),
        ({"role": "member", "email": "a@b.example", "end_date": "2020-01-01"}, 422, "end_date"),
        ({"role": "member", "email": "a@b.example", "end_date": "soon"}, 422, "end_date"),
        ({"role": "member", "email": "a@b.example", "end_date": "9999-12-31"}, 422, "end_date"),
        ({"role": "member", "email": "a@b.example", "end_date": 5}, 422, "end_date"),
        ({"role": "member", "email": "a@b.example", "vouched_by": None}, 422, "vouched_by"),
    ],
)
def test_a_wrong_body_names_its_field_and_adds_no_one(
    world: World, key: str, body: dict[str, Any], status: int, param: str
) -> None:
    before = world.research.collaborators.count(), Invitation.objects.count()
    answer = send(users_of(world.research), key, body)
    assert (answer.status_code, error_of(answer)["param"]) == (status, param)
    assert (world.research.collaborators.count(), Invitation.objects.count()) == before


def test_a_foreign_user_is_refused_like_an_unknown_one(world: World, key: str) -> None:
    replies = [
        send(users_of(world.research), key, {"role": "member", "user_id": user_id})
        for user_id in (world.stranger.public_id, f"user_{'0' * 20}")
    ]
    assert replies[0].content == replies[1].content


def test_role_and_end_date_are_changed_together_or_not_at_all(world: World, key: str) -> None:
    user = world.project_member
    here = path(world.research, user)
    changed = send(here, key, {"role": "owner", "end_date": NEXT_YEAR}).json()
    assert (changed["role"], changed["end_date"]) == ("owner", NEXT_YEAR)
    assert send(here, key, {}).json() == changed
    assert send(here, key, {"end_date": None}).json()["end_date"] is None
    for body, param in (
        ({"role": "member", "end_date": "2020-01-01"}, "end_date"),
        ({"role": "reader"}, "role"),
        ({"user_id": user.public_id}, "user_id"),
    ):
        refused = send(here, key, body)
        assert (refused.status_code, error_of(refused)["param"]) == (422, param)
    assert call(here, key).json()["role"] == "owner"


def test_a_removed_person_has_no_access_and_their_keys_stay_or_not(world: World, key: str) -> None:
    issued(world.research, world.external, "theirs")
    for user, query, left in (
        (world.project_member, "", 1),
        (world.external, "?revoke_api_keys=true", 0),
    ):
        answer = send(path(world.research, user) + query, key, None, "DELETE")
        assert answer.json() == {
            "object": "organization.project.user.deleted",
            "id": user.public_id,
            "deleted": True,
            "active_api_keys": left,
        }
        assert send(path(world.research, user), key, None, "DELETE").status_code == 404
        assert not world.research.collaborators.filter(user=user).exists()
    bad = send(
        path(world.research, world.project_admin) + "?revoke_api_keys=x", key, None, "DELETE"
    )
    assert (bad.status_code, error_of(bad)["param"]) == (422, "revoke_api_keys")


def test_the_default_project_lists_all_members_and_changes_none(world: World, key: str) -> None:
    users = call(f"{users_of(world.default)}?order=asc", key).json()["data"]
    assert {user["id"]: user["role"] for user in users} == {
        world.owner.public_id: "owner",
        world.admin.public_id: "owner",
        world.member.public_id: "member",
        world.project_admin.public_id: "member",
        world.project_member.public_id: "member",
    }
    here = path(world.default, world.member)
    assert call(here, key).json() in users
    assert send(here, key, {"role": "owner"}).status_code == 409
    assert send(here, key, None, "DELETE").status_code == 409
    body = {"role": "member", "user_id": world.member.public_id}
    assert send(users_of(world.default), key, body).status_code == 409
    unknown = f"{users_of(world.default)}/{world.external.public_id}"
    for method in ("GET", "POST", "DELETE"):
        assert send(unknown, key, None, method).status_code == 404


def test_the_list_pages_over_people_who_leave(world: World, key: str) -> None:
    rows = list(world.research.collaborators.select_related("user").order_by("added_at", "pk"))
    here = f"{users_of(world.research)}?order=asc&limit=2"
    first = call(here, key).json()
    assert [user["id"] for user in first["data"]] == [row.user.public_id for row in rows[:2]]
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=rows[1])
    following = call(f"{here}&after={first['last_id']}", key)
    assert names(following) == [row.user.name for row in rows[2:4]]
    by_id = call(f"{here}&after={rows[0].user.public_id}", key)
    assert by_id.json() == following.json()


def test_a_person_whose_access_has_ended_is_not_listed(world: World, key: str) -> None:
    row = world.external_row
    type(row).objects.filter(pk=row.pk).update(end_date=dt.date(2020, 1, 1))
    assert world.external.name not in names(call(users_of(world.research), key))
    assert call(path(world.research, world.external), key).status_code == 404


def test_a_list_costs_the_same_queries_whatever_its_length(world: World, key: str) -> None:
    for project in (world.research, world.default):
        with queries() as short:
            call(f"{users_of(project)}?limit=1", key)
        with queries() as long:
            call(f"{users_of(project)}?limit=100", key)
        assert len(short) == len(long)


def test_sent_again_with_the_same_idempotency_key_one_invitation_is_sent(
    world: World, key: str
) -> None:
    body = {"role": "member", "email": "consultant@elsewhere.example"}
    headers = {"Idempotency-Key": "run-1"}
    first, again = (send(users_of(world.research), key, body, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert Invitation.objects.filter(email=body["email"]).count() == 1
