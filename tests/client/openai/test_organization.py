"""The official client reads the audit log while it grows, and calls what is ours besides."""

import httpx
import openai
import pytest

from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_audit_log_is_read_to_the_end_while_it_grows(
    world: World, client: openai.OpenAI
) -> None:
    logs = client.admin.organization.audit_logs
    before = world.organization.audit_chain.length
    seen = []
    for event in logs.list(limit=5, extra_query={"order": "asc"}):
        seen.append(event)
        if len(seen) in (4, 11, 23):
            client.post("/organization", body={"name": f"Name {len(seen)}"}, cast_to=httpx.Response)
    numbers = [event.to_dict()["sequence"] for event in seen]
    assert numbers == list(range(1, before + 4))
    newest = seen[-1]
    assert newest.type == "organization.updated"
    assert newest.organization_updated
    assert newest.organization_updated.id == world.organization.public_id
    assert newest.actor
    assert newest.actor.type == "api_key"
    assert newest.actor.api_key
    assert newest.actor.api_key.id == world.organization.admin_keys.get().public_id
    (created,) = logs.list(event_types=["project.created"], resource_ids=[world.research.public_id])
    assert created.project
    assert created.project.name == "Research"
    within = logs.list(
        effective_at={"gte": created.effective_at, "lt": newest.effective_at + 1},
        actor_ids=[world.owner.public_id],
        project_ids=[world.research.public_id],
        limit=3,
    )
    emails = {
        event.actor.session.user.email
        for event in within
        if event.actor and event.actor.session and event.actor.session.user
    }
    assert emails == {world.owner.email}
    page = logs.list(before=newest.id, limit=100, extra_query={"order": "asc"})
    assert page.data[-1].id == seen[-2].id


def test_the_organization_and_support_requests_are_ours(
    world: World, client: openai.OpenAI
) -> None:
    changed = client.post(
        "/organization",
        body={"key_policy": {"longest_days": 90}, "terminal_login": False},
        cast_to=httpx.Response,
    ).json()
    read = client.get("/organization", cast_to=httpx.Response).json()
    assert read == changed
    assert (read["key_policy"]["longest_days"], read["terminal_login"]) == (90, False)
    requests = "/organization/support_requests"
    listed = client.get(requests, cast_to=httpx.Response).json()
    first = listed["data"][0]["id"]
    assert first == world.support_request.public_id
    withdrawn = client.post(f"{requests}/{first}/withdraw", cast_to=httpx.Response).json()
    assert withdrawn["status"] == "withdrawn"
    body = {"kind": "projects", "reason": "One for each team.", "requested_limit": 9}
    sent = client.post(requests, body=body, cast_to=httpx.Response).json()
    assert client.get(f"{requests}/{sent['id']}", cast_to=httpx.Response).json() == sent
