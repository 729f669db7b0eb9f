"""The official client manages service accounts, and acts as one."""

import httpx
import openai
import pytest

from accounts.models import AuditEvent
from tests.client.openai.conftest import OpenAiFor
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def auth(client: openai.OpenAI, key: str) -> int:
    headers = {"authorization": f"Bearer {key}"}
    return httpx.get(f"{client.base_url}auth", headers=headers).status_code


def test_one_is_created_used_changed_and_deleted(world: World, client: openai.OpenAI) -> None:
    accounts, project = (
        client.admin.organization.projects.service_accounts,
        world.research.public_id,
    )
    created = accounts.create(project, name="CI", expires_in_seconds=3600)
    assert (created.object, created.role) == ("organization.project.service_account", "member")
    assert created.api_key
    assert created.api_key.object == "organization.project.service_account.api_key"
    assert created.api_key.expires_at == created.api_key.created_at + 3600
    assert auth(client, created.api_key.value) == 200
    with pytest.raises(openai.ConflictError):
        accounts.create(project, name="ci")
    only = accounts.create(project, name="Agent", create_service_account_only=True)
    assert (only.role, only.api_key) == ("none", None)
    second = accounts.api_keys.create(only.id, project_id=project, name="of the agent")
    assert auth(client, second.value) == 200
    changed = accounts.update(only.id, project_id=project, name="Agent 7", role="owner")
    assert (changed.name, changed.role) == ("Agent 7", "owner")
    assert accounts.retrieve(only.id, project_id=project) == changed
    assert [row.name for row in accounts.list(project, limit=1)] == ["Agent 7", "CI"]

    for account in (created, only):
        gone = accounts.delete(account.id, project_id=project)
        assert (gone.deleted, gone.object) == (True, "organization.project.service_account.deleted")
    assert auth(client, created.api_key.value) == auth(client, second.value) == 401
    assert not accounts.list(project).data


def test_one_acts_in_its_project(world: World, client: openai.OpenAI, connect: OpenAiFor) -> None:
    accounts, project = (
        client.admin.organization.projects.service_accounts,
        world.research.public_id,
    )
    created = accounts.create(project, name="CI")
    only = accounts.create(project, name="Agent", create_service_account_only=True)
    accounts.update(only.id, project_id=project, role="owner")
    token = client.post(
        f"/organization/projects/{project}/service_accounts/{only.id}/tokens",
        body={"name": "runner"},
        cast_to=httpx.Response,
    ).json()
    agent = connect(token["value"])
    mine = agent.admin.organization.projects
    renamed = mine.service_accounts.update(created.id, project_id=project, name="CI 2")
    assert renamed.name == "CI 2"
    assert AuditEvent.objects.latest("pk").credential == token["id"]
    assert mine.retrieve(project).name == "Research"
    with pytest.raises(openai.PermissionDeniedError):
        mine.create(name="Not mine to create")
    with pytest.raises(openai.NotFoundError):
        mine.retrieve(world.production.public_id)
    keys = client.admin.organization.projects.api_keys.list(project_id=project)
    owners = {key.owner.service_account.id for key in keys if key.owner.service_account}
    assert owners == {created.id}
    accounts.delete(only.id, project_id=project)
    with pytest.raises(openai.AuthenticationError):
        mine.retrieve(project)
