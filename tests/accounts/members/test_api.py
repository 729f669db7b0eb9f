"""Members by the API: listed, read, changed, removed; who may, and what is refused."""

from typing import Any

import pytest

from accounts.enums import Action
from accounts.models import AuditEvent
from keys.enums import TokenScope
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import (
    READ_BY_MEMBERS,
    WRITTEN_BY_ADMINS,
    find_statuses,
    send,
)
from tests.keys.helpers.personal_tokens import made
from tests.support.mail import mailed_to
from tests.support.pages import queries
from tests.world import World, issued, join, listed

pytestmark = pytest.mark.django_db
USERS = "/v1/organization/users"


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


def path_of(user: Any) -> str:
    return f"{USERS}/{user.public_id}"


def test_a_member_has_both_roles_and_the_projects(world: World, secret: str) -> None:
    answer = send(secret, "GET", path_of(world.project_admin)).json()
    membership = world.organization.memberships.get(user=world.project_admin)
    assert answer == {
        "object": "organization.user",
        "id": world.project_admin.public_id,
        "email": "project.admin@northwind.example",
        "name": "Project Admin",
        "role": "reader",
        "console_role": "member",
        "added_at": int(membership.joined_at.timestamp()),
        "created": int(world.project_admin.date_joined.timestamp()),
        "is_service_account": False,
        "projects": {
            "object": "list",
            "has_more": False,
            "data": [{"id": world.research.public_id, "name": "Research", "role": "owner"}],
        },
        "user": {
            "object": "user",
            "id": world.project_admin.public_id,
            "email": "project.admin@northwind.example",
            "name": "Project Admin",
        },
    }


def test_all_members_are_listed_by_the_time_they_joined(world: World, secret: str) -> None:
    names, after = [], ""
    while True:
        page = send(secret, "GET", f"{USERS}?limit=2&order=asc{after}").json()
        names += [user["email"].partition("@")[0] for user in page["data"]]
        if not page["has_more"]:
            break
        after = f"&after={page['data'][-1]['id']}"
    assert names == ["owner", "project.admin", "project.member", "admin", "member"]
    roles = {u["console_role"]: u["role"] for u in send(secret, "GET", USERS).json()["data"]}
    assert roles == {"owner": "owner", "admin": "owner", "member": "reader"}


def test_the_filter_of_addresses_reads_them_as_people_write_them(world: World, secret: str) -> None:
    query = "emails[]=OWNER@Northwind.example&emails[]=stranger@contoso.example&emails[]=%00"
    page = send(secret, "GET", f"{USERS}?{query}").json()
    assert [user["id"] for user in page["data"]] == [world.owner.public_id]
    many = "&".join(["emails[]=a@b.example"] * 101)
    assert error_of(send(secret, "GET", f"{USERS}?{many}"))["param"] == "emails[]"


def test_a_member_sees_only_the_projects_that_they_can_open(world: World) -> None:
    token = made(world.member, world.organization).secret
    answer = send(token, "GET", path_of(world.project_member)).json()
    assert answer["projects"]["data"] == []
    listed(world.production, world.member)
    answer = send(token, "GET", path_of(world.project_member)).json()
    assert [project["name"] for project in answer["projects"]["data"]] == ["Production"]


def test_one_and_many_members_cost_the_same_queries(world: World, secret: str) -> None:
    counts = set()
    for limit in (1, 100):
        with queries() as captured:
            send(secret, "GET", f"{USERS}?limit={limit}")
        counts.add(len(captured))
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("written", "stored", "read"),
    [
        ("owner", "admin", "owner"),
        ("admin", "admin", "owner"),
        ("reader", "member", "reader"),
        ("member", "member", "reader"),
        (None, "member", "reader"),
    ],
)
def test_a_role_is_written_in_their_words_and_ours(
    world: World, secret: str, written: str | None, stored: str, read: str
) -> None:
    answer = send(secret, "POST", path_of(world.member), {"role": written})
    assert answer.status_code == 200
    assert (answer.json()["role"], answer.json()["console_role"]) == (read, stored)
    assert world.organization.memberships.get(user=world.member).role == stored
    event = AuditEvent.objects.filter(act=Action.MEMBER_ROLE_CHANGED).first()
    assert (event is not None) == (stored == "admin")
    assert event is None or event.actor_kind == "admin_key"


def test_the_owner_stays_the_owner(world: World, secret: str) -> None:
    answer = send(secret, "POST", path_of(world.owner), {"role": "owner"})
    assert (answer.status_code, answer.json()["console_role"]) == (200, "owner")
    for role in ("reader", "admin", "member"):
        assert send(secret, "POST", path_of(world.owner), {"role": role}).status_code == 403
    assert send(secret, "DELETE", path_of(world.owner)).status_code == 403
    assert world.organization.memberships.owner().user == world.owner


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"role": "Owner"}, "role", None),
        ({"role": ""}, "role", None),
        ({"role": 1}, "role", None),
        ({"role_id": "role_1"}, "role_id", "not_supported"),
        ({"developer_persona": "x"}, "developer_persona", "not_supported"),
        ({"technical_level": "x"}, "technical_level", "not_supported"),
        ({"rôle": "reader"}, "rôle", None),
        ({"email": "a@b.example"}, "email", None),
    ],
)
def test_a_wrong_field_is_named(
    world: World, secret: str, body: Any, param: str, code: str | None
) -> None:
    answer = send(secret, "POST", path_of(world.member), body)
    error = error_of(answer)
    assert (answer.status_code, error["param"], error["code"]) == (422, param, code)


def test_removing_someone_keeps_or_revokes_their_keys(world: World, secret: str) -> None:
    other = issued(world.production, world.project_member, "other")
    issued(world.research, world.project_admin, "theirs")
    kept = send(secret, "DELETE", path_of(world.project_admin))
    assert kept.json() == {
        "object": "organization.user.deleted",
        "id": world.project_admin.public_id,
        "deleted": True,
        "active_api_keys": 1,
    }
    gone = send(secret, "DELETE", f"{path_of(world.project_member)}?revoke_api_keys=true")
    assert gone.json()["active_api_keys"] == 0
    for key in (world.key, other.key):
        key.refresh_from_db()
        assert key.revoked_at is not None
    assert send(secret, "DELETE", path_of(world.project_member)).status_code == 404
    (mail,) = mailed_to(world.project_member.email)
    assert "also revoked 2 API keys" in mail.body


def test_a_removal_reads_its_parameter(world: World, secret: str) -> None:
    answer = send(secret, "DELETE", f"{path_of(world.member)}?revoke_api_keys=perhaps")
    assert (answer.status_code, error_of(answer)["param"]) == (422, "revoke_api_keys")


def test_who_may(world: World) -> None:
    assert find_statuses(world, "GET", USERS) == READ_BY_MEMBERS
    path = path_of(world.project_member)
    assert find_statuses(world, "GET", path) == READ_BY_MEMBERS
    assert find_statuses(world, "POST", path, {"role": "admin"}) == WRITTEN_BY_ADMINS
    assert find_statuses(world, "DELETE", path) == WRITTEN_BY_ADMINS


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_organizations_member_is_like_an_unknown_one(
    world: World, secret: str, method: str
) -> None:
    body = {"role": "admin"} if method == "POST" else None
    answers = [
        send(secret, method, f"{USERS}/{reference}", body)
        for reference in (world.other_member.public_id, f"user_{'0' * 20}", "user_x")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_sent_twice_with_one_idempotency_key_it_is_done_once(world: World, secret: str) -> None:
    bob = join(world.organization, "bob@northwind.example")
    first, again = (
        send(secret, "POST", path_of(bob), {"role": "admin"}, **{"Idempotency-Key": "x"})
        for _ in range(2)
    )
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert AuditEvent.objects.filter(act=Action.MEMBER_ROLE_CHANGED).count() == 1


def test_people_leave_with_a_token_of_their_own(world: World) -> None:
    path = "/v1/organization/leave"
    refused = dict.fromkeys(WRITTEN_BY_ADMINS, 403) | {"no credential": 401}
    expected = refused | {"owner": 409, "admin": 200, "member": 200}
    assert find_statuses(world, "POST", path) == expected
    issued(world.production, world.project_member, "theirs")
    token = made(world.project_member, world.organization, scope=TokenScope.WRITE)
    answer = send(token.secret, "POST", path).json()
    assert (answer["id"], answer["active_api_keys"]) == (world.project_member.public_id, 2)
    assert not world.organization.memberships.filter(user=world.project_member).exists()
    assert AuditEvent.objects.filter(act=Action.MEMBER_LEFT).get().actor == world.project_member
    assert send(token.secret, "POST", path).status_code == 401
