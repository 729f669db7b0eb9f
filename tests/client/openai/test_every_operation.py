"""Each operation of the official client, with strict types, works or is answered `not_supported`."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from django.utils import timezone
from openai.resources.admin.organization import Organization
from openai.resources.admin.organization.projects import Projects

from accounts.models import Invitation
from console.api.reference.client import CLIENT_METHODS
from tests.client.openai.operations import PAGE, find_operations, find_requests, render_page
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.load.server import Server
from tests.usage.helpers.factories import used
from tests.world import World
from usage.enums import UsageField
from usage.models import LineItem

ID = re.compile(r"/([a-z]+_[0-9A-Za-z]{20}|rl_all)(?=/|$)")
YESTERDAY = timezone.now().date() - dt.timedelta(days=1)
MONTHLY: dict[str, Any] = {"currency": "USD", "interval": "month"}
START = int(dt.datetime.combine(YESTERDAY, dt.time(), dt.UTC).timestamp())


class Client:
    """The client with an admin API key of Northwind, and the requests that succeeded."""

    def __init__(self, world: World, server: Server) -> None:
        self.answered: set[str] = set()
        self.http = httpx2.Client(event_hooks={"response": [self.note]})
        self.client = openai.OpenAI(
            admin_api_key=issue_admin_key(world.owner, world.organization).secret,
            base_url=f"{server.url}/v1",
            http_client=self.http,
            _strict_response_validation=True,
        )

    def note(self, response: httpx2.Response) -> None:
        if response.is_success:
            request = response.request
            self.answered.add(f"{request.method} {ID.sub('/…', request.url.path)}")


@pytest.fixture
def connected(world: World, server: Server) -> Iterator[Client]:
    connected = Client(world, server)
    with connected.client:
        yield connected


@pytest.mark.django_db(transaction=True)
def test_each_operation_works_or_is_not_supported(world: World, connected: Client) -> None:
    use_credentials(connected.client.admin.organization)
    use_people(connected.client.admin.organization, world)
    use_projects(connected.client.admin.organization, world)
    use_budgets(connected.client.admin.organization, world)
    use_usage(connected.client.admin.organization, world)
    requests = find_requests()
    working = {name for name, request in requests.items() if request in connected.answered}
    assert working == set(CLIENT_METHODS.values())
    for operation in find_operations(connected.client):
        if operation.name not in working:
            with pytest.raises(openai.NotFoundError) as refused:
                operation.call_with_anything()
            assert refused.value.code == "not_supported", operation.name
    assert PAGE.read_text() == render_page(working)


def use_credentials(organization: Organization) -> None:
    """Admin API keys, which sign what they do in the audit log."""
    keys = organization.admin_api_keys
    created = keys.create(name="Child", expires_in_seconds=3600)
    assert created.value.startswith("ak_")
    assert keys.retrieve(created.id).redacted_value == created.redacted_value
    assert [key.name for key in keys.list(limit=1, order="asc")] == ["Terraform", "Child"]
    assert keys.delete(created.id).deleted is True
    # The console's own types are not among those that the client knows.
    newest = next(iter(organization.audit_logs.list(event_types=["project.created"])))
    assert (newest.type, newest.actor and newest.actor.type) == ("project.created", "session")


def use_people(organization: Organization, world: World) -> None:
    invites, users = organization.invites, organization.users
    invite = invites.create(email="new@elsewhere.example", role="reader")
    assert invites.retrieve(invite.id).status == "pending"
    assert invite.id in {listed.id for listed in invites.list()}
    assert invites.delete(invite.id).deleted is True
    assert not Invitation.objects.pending().filter(email=invite.email).exists()
    assert users.retrieve(world.member.public_id).role == "reader"
    assert users.update(world.member.public_id, role="owner").role == "owner"
    assert users.delete(world.member.public_id).deleted is True
    assert world.member.public_id not in {user.id for user in users.list()}


def use_projects(organization: Organization, world: World) -> None:
    projects = organization.projects
    made = projects.create(name="Walk")
    assert projects.update(made.id, name="Walked").name == projects.retrieve(made.id).name
    added = projects.users.create(made.id, role="member", user_id=world.admin.public_id)
    assert projects.users.update(added.id, project_id=made.id, role="owner").role == "owner"
    assert projects.users.retrieve(added.id, project_id=made.id).email == world.admin.email
    assert [user.id for user in projects.users.list(made.id)] == [added.id]
    assert projects.users.delete(added.id, project_id=made.id).deleted is True
    accounts = projects.service_accounts
    account = accounts.create(made.id, name="CI")
    assert account.api_key
    accounts.api_keys.create(account.id, project_id=made.id, name="second")
    assert accounts.update(account.id, project_id=made.id, name="Runner").name == "Runner"
    assert accounts.retrieve(account.id, project_id=made.id).name == "Runner"
    assert [row.id for row in accounts.list(made.id)] == [account.id]
    keys = projects.api_keys
    first, second = keys.list(made.id, limit=1)
    assert keys.update(first.id, project_id=made.id, expires_in_seconds=3600).expires_at
    assert keys.retrieve(second.id, project_id=made.id).owner.type == "service_account"
    assert keys.delete(second.id, project_id=made.id).deleted is True
    assert accounts.delete(account.id, project_id=made.id).deleted is True
    use_limits(projects, made.id)
    assert projects.archive(made.id).status == "archived"
    assert made.id not in {project.id for project in projects.list()}


def use_limits(projects: Projects, project: str) -> None:
    """A project has one rate limit, for all models, and one list of models."""
    (limit,) = projects.rate_limits.list_rate_limits(project)
    assert (limit.model, limit.max_requests_per_1_minute) == ("*", 1_000_000_000)
    changed = projects.rate_limits.update_rate_limit(
        limit.id,
        project_id=project,
        max_requests_per_1_minute=60,
        max_requests_per_1_day=5_000,
        max_tokens_per_1_minute=1_000_000_000,
    )
    assert (changed.max_requests_per_1_minute, changed.max_requests_per_1_day) == (60, 5_000)
    models = projects.model_permissions
    assert models.retrieve(project).mode == "deny_list"
    allowed = models.update(project, mode="allow_list", model_ids=["Llama-3.3-70B"])
    assert (allowed.mode, allowed.api_model_ids) == ("allow_list", ["llama-3.3-70b"])
    assert models.delete(project).deleted is True
    assert models.retrieve(project).api_model_ids == []


def use_budgets(organization: Organization, world: World) -> None:
    """A spend limit and a spend alert, of the organization and of a project."""
    limit = organization.spend_limit
    with pytest.raises(openai.NotFoundError):
        limit.retrieve()
    set_limit = limit.update(currency="USD", interval="month", threshold_amount=150_000)
    assert limit.retrieve() == set_limit
    assert (set_limit.threshold_amount, set_limit.enforcement.status) == (150_000, "inactive")
    assert limit.delete().deleted is True
    emails = {"type": "email", "recipients": [world.owner.email]}
    alerts, fields = organization.spend_alerts, {**MONTHLY, "notification_channel": emails}
    alert = alerts.create(**fields, threshold_amount=1_000)
    assert alerts.update(alert.id, **fields, threshold_amount=2_000).threshold_amount == 2_000
    assert alerts.retrieve(alert.id).notification_channel.recipients == [world.owner.email]
    assert [listed.id for listed in alerts.list()] == [alert.id]
    assert alerts.delete(alert.id).deleted is True
    use_project_budgets(organization.projects, world)


def use_project_budgets(projects: Projects, world: World) -> None:
    project = world.research.public_id
    limit = projects.spend_limit
    set_limit = limit.update(project, currency="USD", interval="month", threshold_amount=5_000)
    assert limit.retrieve(project) == set_limit
    assert limit.delete(project).object == "project.spend_limit.deleted"
    emails = {"type": "email", "recipients": [world.owner.email]}
    alerts, fields = projects.spend_alerts, {**MONTHLY, "notification_channel": emails}
    alert = alerts.create(project, **fields, threshold_amount=1_000)
    changed = alerts.update(alert.id, project_id=project, **fields, threshold_amount=2_000)
    assert alerts.retrieve(alert.id, project_id=project) == changed
    assert [listed.id for listed in alerts.list(project)] == [alert.id]
    assert alerts.delete(alert.id, project_id=project).deleted is True


def use_usage(organization: Organization, world: World) -> None:
    """Units of a line item are counted where the catalogue says."""
    used(world.key, YESTERDAY, quantity=5)
    items = LineItem.objects.filter(product__code="serverless-inference", code="output_tokens")
    for field in UsageField:
        items.update(reported_as=field)
        read = getattr(organization.usage, field.path)
        (result,) = read(start_time=START, limit=1, group_by=["project_id"]).data[0].results
        assert result.project_id == world.research.public_id
        assert getattr(result, field.field) == 5, field
    (bucket,) = organization.usage.costs(start_time=START, limit=1).data
    assert bucket.results[0].amount
    assert bucket.results[0].amount.value == 0.0000044


def test_the_table_in_the_documentation_is_that_of_the_installed_client() -> None:
    """Written by `python -m tests.client.openai.operations`."""
    assert PAGE.read_text() == render_page(set(CLIENT_METHODS.values()))
