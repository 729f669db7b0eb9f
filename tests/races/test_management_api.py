"""Requests of the management API that are sent many times at once: one is done, the others say so."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from accounts.enums import Action
from accounts.models import AuditEvent, Invitation
from keys.models import ApiKey, KeySecret
from projects.models import Project
from tests.keys.helpers.api_client import error_of, send
from tests.projects.api.callers import admin_key
from tests.races.at_once import assert_rules_hold, at_once
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20
PROJECTS = "/v1/organization/projects"
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def key(world: World) -> str:
    return admin_key(world)


def send_at_once(path: str, key: str, body: Any, **headers: str) -> list[Any]:
    return at_once([partial(send, path, key, body, **headers)] * AT_ONCE)


def assert_done_once(answers: list[Any], status: int = 200) -> dict[str, Any]:
    """One answer is the first; the others repeat it without its secret, or say that it is under way."""
    first = [one for one in answers if one.status_code == status and REPLAYED not in one]
    assert len(first) == 1, Counter(one.status_code for one in answers)
    made: dict[str, Any] = first[0].json()
    for answer in answers:
        if answer.status_code == 409:
            assert error_of(answer)["code"] == "in_progress"
            assert (answer["X-Should-Retry"], answer["Retry-After"]) == ("true", "2")
        elif answer is not first[0]:
            assert answer.status_code == status
            assert answer.json() == without_secrets(made)
    return made


def without_secrets(answer: dict[str, Any]) -> dict[str, Any]:
    """What is answered when the request is sent again."""
    values = {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in answer.items()
    }
    return {**values, **({"value": None} if "value" in values else {})}


def test_twenty_at_once_with_one_idempotency_key_make_one_key(world: World, key: str) -> None:
    path = f"{PROJECTS}/{world.research.public_id}/api_keys"
    before = KeySecret.objects.count()
    made = assert_done_once(send_at_once(path, key, {"name": "CI"}, **{"Idempotency-Key": "run-1"}))
    assert made["value"].startswith("pk_")
    assert ApiKey.objects.filter(name="CI").count() == 1
    assert KeySecret.objects.count() == before + 1
    assert AuditEvent.objects.filter(act=Action.KEY_CREATED, target_id=made["id"]).count() == 1
    later = send(path, key, {"name": "CI"}, **{"Idempotency-Key": "run-1"})
    assert (later.status_code, later[REPLAYED], later.json()["value"]) == (200, "true", None)


def test_twenty_rotations_with_one_idempotency_key_make_one_secret(world: World, key: str) -> None:
    path = f"{PROJECTS}/{world.research.public_id}/api_keys/{world.key.public_id}/rotate"
    body = {"overlap_seconds": 0}
    assert_done_once(send_at_once(path, key, body, **{"Idempotency-Key": "run-1"}))
    assert world.key.secrets.count() == 2


def test_twenty_at_once_with_one_idempotency_key_make_one_project_and_one_invitation(
    world: World, key: str
) -> None:
    headers = {"Idempotency-Key": "run-1"}
    assert_done_once(send_at_once(PROJECTS, key, {"name": "Once"}, **headers))
    assert Project.objects.filter(name="Once").count() == 1
    body = {"role": "member", "email": "consultant@elsewhere.example"}
    path = f"{PROJECTS}/{world.research.public_id}/users"
    assert_done_once(send_at_once(path, key, body, **{"Idempotency-Key": "run-2"}), status=202)
    assert Invitation.objects.filter(email=body["email"]).count() == 1


def test_without_an_idempotency_key_names_are_taken_once(world: World, key: str) -> None:
    made = send_at_once(PROJECTS, key, {"name": "Once"})
    assert Counter(one.status_code for one in made) == {200: 1, 409: AT_ONCE - 1}
    path = f"{PROJECTS}/{world.research.public_id}/api_keys"
    keys = send_at_once(path, key, {"name": "CI"})
    assert Counter(one.status_code for one in keys) == {200: 1, 409: AT_ONCE - 1}
    teams = at_once(
        [partial(send, PROJECTS, key, {"name": f"Team {number}"}) for number in range(AT_ONCE)]
    )
    assert Counter(one.status_code for one in teams) == {200: 1, 403: AT_ONCE - 1}
    assert_rules_hold()
