"""The official client repeats requests by itself, also after a restart: nothing is made twice."""

from pathlib import Path

import httpx2
import openai
import pytest

from accounts.models import AuditEvent
from keys.models import ApiKey
from projects.models import Project
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.load.server import Server, serving
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


class LosingAnswers(httpx2.BaseTransport):
    """A network that delivers each request, and loses the answer to the first one."""

    def __init__(self) -> None:
        self.network = httpx2.HTTPTransport()
        self.sent = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.network.handle_request(request)
        self.sent += 1
        if self.sent == 1:
            answer.read()
            raise httpx2.ReadError("The connection was lost.", request=request)
        return answer

    def close(self) -> None:
        self.network.close()


def connect(world: World, server: Server, transport: httpx2.BaseTransport) -> openai.OpenAI:
    return openai.OpenAI(
        admin_api_key=issue_admin_key(world.owner, world.organization).secret,
        base_url=f"{server.url}/v1",
        http_client=httpx2.Client(transport=transport),
    )


def test_a_blind_retry_is_a_conflict_and_makes_nothing_twice(world: World, server: Server) -> None:
    network = LosingAnswers()
    with connect(world, server, network) as client, pytest.raises(openai.ConflictError) as refused:
        client.admin.organization.projects.create(name="Once")
    # The conflict says that it is not to be repeated.
    assert (network.sent, refused.value.response.headers["x-should-retry"]) == (2, "false")
    assert Project.objects.filter(name="Once").count() == 1


def test_a_retry_with_a_key_of_idempotency_is_answered(world: World, server: Server) -> None:
    network, events = LosingAnswers(), AuditEvent.objects.count()
    path = f"/organization/projects/{world.research.public_id}/api_keys"
    with connect(world, server, network) as client:
        created = client.post(
            path,
            cast_to=dict[str, object],
            body={"name": "Once"},
            options={"headers": {"Idempotency-Key": "run-1"}},
        )
    assert (network.sent, created["name"], created["value"]) == (2, "Once", None)
    assert ApiKey.objects.filter(name="Once").count() == 1
    # That of the admin API key, and one more.
    assert AuditEvent.objects.count() == events + 2


def test_an_answer_is_repeated_after_a_restart(world: World, tmp_path: Path) -> None:
    answers = []
    secret = issue_admin_key(world.owner, world.organization).secret
    for number in range(2):
        directory = tmp_path / str(number)
        directory.mkdir()
        with serving(directory, workers=1) as server:
            answer = httpx2.post(
                f"{server.url}/v1/organization/projects",
                json={"name": "Once"},
                headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "run-1"},
                timeout=60,
            )
            answers.append(
                (answer.status_code, answer.json(), "idempotent-replayed" in answer.headers)
            )
    assert answers[0][:2] == answers[1][:2]
    assert [is_replayed for *_, is_replayed in answers] == [False, True]
