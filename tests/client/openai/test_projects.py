"""The official client manages projects, the people in them and their API keys."""

import openai
import pytest

from accounts.models import Invitation
from keys.models import ApiKey
from tests.client.openai.conftest import OpenAiFor
from tests.keys.helpers.api_client import call
from tests.projects.api.callers import cast
from tests.world import World, accept, issued, person, set_limits

pytestmark = pytest.mark.django_db(transaction=True)


def test_projects_up_to_the_limit_archived_and_back(world: World, client: openai.OpenAI) -> None:
    projects = client.admin.organization.projects
    made = [projects.create(name=f"Team {number}") for number in range(2)]
    with pytest.raises(openai.PermissionDeniedError) as refused:
        projects.create(name="Team 2")
    assert refused.value.code == "project_limit_reached"
    assert "5 of at most 5 projects" in str(refused.value)
    with pytest.raises(openai.ConflictError) as taken:
        projects.create(name="Team 0")
    assert taken.value.param == "name"
    renamed = projects.update(made[0].id, name="Platform")
    assert (renamed.name, renamed.object, renamed.status) == (
        "Platform",
        "organization.project",
        "active",
    )
    archived = projects.archive(made[1].id)
    assert (archived.status, archived.archived_at is None) == ("archived", False)
    assert projects.retrieve(made[1].id).archived_at == archived.archived_at
    listed = list(projects.list(limit=1))
    assert {project.id for project in listed} == {
        *(world.default.public_id, world.research.public_id),
        *(world.production.public_id, made[0].id),
    }
    assert len(list(projects.list(limit=2, include_archived=True))) == 5
    back = client.post(f"/organization/projects/{made[1].id}/unarchive", cast_to=object)
    assert back["status"] == "active"  # type: ignore[index]
    for wrong in ({"geography": "US"}, {"residency": "JP_STORAGE"}, {"external_key_id": "key_1"}):
        with pytest.raises(openai.UnprocessableEntityError) as unsupported:
            projects.create(name="Far", **wrong)  # type: ignore[arg-type]
        assert unsupported.value.code == "not_supported"
    with pytest.raises(openai.NotFoundError):
        projects.retrieve(world.other_project.public_id)


def test_people_are_added_invited_changed_and_removed(world: World, client: openai.OpenAI) -> None:
    users, research = client.admin.organization.projects.users, world.research.public_id
    added = users.create(research, role="member", user_id=world.member.public_id)
    assert (added.email, added.role, added.object) == (
        world.member.email,
        "member",
        "organization.project.user",
    )
    changed = users.update(added.id, project_id=research, role="owner")
    assert changed.role == users.retrieve(added.id, project_id=research).role == "owner"
    pending = users.create(research, role="member", email="consultant@elsewhere.example")
    sent = pending.to_dict()
    assert (sent["role"], sent["added_at"], sent["status"]) == ("member", None, "pending")
    guest = person("consultant@elsewhere.example")
    accept(Invitation.objects.get(email=guest.email), guest)
    listed = {user.id: user for user in users.list(research, limit=2)}
    assert len(listed) == 6
    assert listed[guest.public_id].to_dict()["is_external"] is True
    removed = users.delete(guest.public_id, project_id=research)
    assert (removed.deleted, removed.id) == (True, guest.public_id)
    with pytest.raises(openai.NotFoundError):
        users.retrieve(guest.public_id, project_id=research)
    set_limits(world.organization, world.staff, limit=5, externals=False)
    with pytest.raises(openai.PermissionDeniedError) as refused:
        users.create(research, role="member", email="another@elsewhere.example")
    assert refused.value.code == "external_collaborators_off"


def test_keys_are_made_rotated_verified_and_revoked(world: World, client: openai.OpenAI) -> None:
    keys, research = client.admin.organization.projects.api_keys, world.research.public_id
    path = f"/organization/projects/{research}/api_keys"
    made = client.post(path, cast_to=dict[str, object], body={"name": "CI"})
    secret, key_id = str(made["value"]), str(made["id"])
    assert call("/v1/auth", secret).status_code == 200
    read = keys.retrieve(key_id, project_id=research)
    assert (read.name, read.owner.type, read.owner_project_access) == ("CI", None, "active")
    assert (read.redacted_value, read.expires_at) == (made["redacted_value"], None)
    assert read.redacted_value != secret
    ends = keys.update(key_id, project_id=research, expires_in_seconds=3600).expires_at
    assert ends
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        keys.update(key_id, project_id=research, scopes=["api.all.read"])
    assert (refused.value.param, refused.value.code) == ("scopes", "not_supported")
    body = {"overlap_seconds": 0}
    rotated = client.post(f"{path}/{key_id}/rotate", cast_to=dict[str, object], body=body)
    assert call("/v1/auth", secret).status_code == 401
    assert call("/v1/auth", str(rotated["value"])).status_code == 200
    issued(world.research, world.external_admin, "theirs")
    for access, count in (("any", 3), ("active", 3), ("inactive", 0)):
        listed = keys.list(research, limit=1, owner_project_access=access)  # type: ignore[arg-type]
        assert len(list(listed)) == count
    mine = keys.retrieve(world.key.public_id, project_id=research).owner
    assert mine.user
    assert (mine.type, mine.user.email) == ("user", world.project_member.email)
    deleted = keys.delete(key_id, project_id=research)
    assert (deleted.deleted, deleted.object) == (True, "organization.project.api_key.deleted")
    assert call("/v1/auth", str(rotated["value"])).status_code == 401
    with pytest.raises(openai.NotFoundError):
        keys.delete(key_id, project_id=research)


def test_a_request_sent_again_makes_nothing_twice(world: World, client: openai.OpenAI) -> None:
    """With a key of idempotency the same answer without its secret, without one a conflict."""
    path = f"/organization/projects/{world.research.public_id}/api_keys"
    headers = {"Idempotency-Key": "run-1"}
    answers = [
        client.post(
            path, cast_to=dict[str, object], body={"name": "CI"}, options={"headers": headers}
        )
        for _ in range(2)
    ]
    assert answers[1] == {**answers[0], "value": None}
    with pytest.raises(openai.ConflictError):
        client.post(path, cast_to=dict[str, object], body={"name": "CI"})
    assert ApiKey.objects.filter(name="CI").count() == 1


def test_an_api_key_and_a_read_token_manage_nothing(world: World, connect: OpenAiFor) -> None:
    research, reader = world.research.public_id, cast(world)["owner, read"]
    for secret in (world.key_secret, reader):
        projects = connect(secret).admin.organization.projects
        acts = (
            lambda: projects.create(name="Mine"),  # noqa: B023
            lambda: projects.update(research, name="Mine"),  # noqa: B023
            lambda: projects.archive(research),  # noqa: B023
            lambda: projects.users.create(research, role="owner", email="a@b.example"),  # noqa: B023
            lambda: projects.users.delete(world.external.public_id, project_id=research),  # noqa: B023
            lambda: projects.api_keys.delete(world.key.public_id, project_id=research),  # noqa: B023
        )
        for act in acts:
            with pytest.raises(openai.PermissionDeniedError):
                act()  # type: ignore[operator]
