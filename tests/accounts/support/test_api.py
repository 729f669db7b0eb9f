"""Requests to support by the API: sent, listed, read with their answer, withdrawn."""

from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models import SupportRequest
from accounts.support.services.support import grant_request
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.management import (
    NEVER,
    READ_BY_ADMINS,
    WRITTEN_BY_ADMINS,
    find_statuses,
    send,
)
from tests.support.mail import mailed_to
from tests.support.pages import queries
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
REQUESTS = "/v1/organization/support_requests"


@pytest.fixture
def secret(world: World) -> str:
    return issue_admin_key(world.owner, world.organization).secret


@pytest.fixture
def path(world: World) -> str:
    return f"{REQUESTS}/{world.support_request.public_id}"


def ask(secret: str, **body: Any) -> Any:
    return send(secret, "POST", REQUESTS, {"kind": "projects", "reason": "Teams.", **body})


def test_a_request_is_sent_to_staff_answered_and_read(world: World, secret: str, path: str) -> None:
    send(secret, "POST", f"{path}/withdraw")
    answer = ask(secret, reason="  One for each team. ", requested_limit=9)
    request = SupportRequest.objects.latest("pk")
    assert answer.json() == {
        "object": "organization.support_request",
        "id": request.public_id,
        "kind": "projects",
        "reason": "One for each team.",
        "requested_limit": 9,
        "status": "pending",
        "requested_by": {
            "type": "admin_api_key",
            "id": world.organization.admin_keys.get().public_id,
            "name": "Terraform",
        },
        "created_at": int(request.created_at.timestamp()),
        "answer": None,
        "answered_at": None,
    }
    assert "Admin API key Terraform of Northwind" in mailed_to(world.staff.email)[-1].body
    staff = Actor.of_user(world.staff)
    grant_request(actor=staff, request=request, note="They signed.", project_limit=9)
    read = send(secret, "GET", f"{REQUESTS}/{request.public_id}").json()
    assert (read["status"], read["answer"]) == ("granted", "They signed.")
    assert read["answered_at"] >= read["created_at"]


def test_one_of_a_kind_is_pending_and_a_withdrawn_one_stays_in_the_list(
    world: World, secret: str, path: str
) -> None:
    assert ask(secret).status_code == 409
    withdrawn = send(secret, "POST", f"{path}/withdraw").json()
    assert (withdrawn["status"], withdrawn["answer"]) == ("withdrawn", None)
    assert withdrawn["requested_by"]["id"] == world.owner.public_id
    again = send(secret, "POST", f"{path}/withdraw")
    assert (again.status_code, again["X-Should-Retry"]) == (409, "false")
    assert ask(secret).status_code == 200
    page = send(secret, "GET", REQUESTS).json()
    assert [one["status"] for one in page["data"]] == ["pending", "withdrawn"]


def test_external_collaborators_are_asked_for_once(world: World, secret: str) -> None:
    assert ask(secret, kind="externals").status_code == 409  # they are enabled
    set_limits(world.organization, world.staff, limit=5, externals=False)
    answer = ask(secret, kind="externals", requested_limit=3)
    assert (answer.status_code, error_of(answer)["param"]) == (422, "requested_limit")
    assert ask(secret, kind="externals").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"kind": None}, 422, "kind"),
        ({"kind": "cake"}, 422, "kind"),
        ({"reason": None}, 422, "reason"),
        ({"reason": " "}, 422, "reason"),
        ({"reason": "a\u0000b"}, 422, "reason"),
        ({"reason": "x" * 2001}, 422, "reason"),
        ({"requested_limit": 0}, 422, "requested_limit"),
        ({"requested_limit": 10_001}, 422, "requested_limit"),
        ({"requested_limit": "9"}, 422, "requested_limit"),
        ({"requested_limit": 5}, 409, "requested_limit"),
        ({"limit": 9}, 422, "limit"),
    ],
)
def test_a_wrong_field_is_named_and_asks_nothing(
    secret: str, path: str, body: Any, status: int, param: str
) -> None:
    send(secret, "POST", f"{path}/withdraw")
    answer = ask(secret, **body)
    assert (answer.status_code, error_of(answer)["param"]) == (status, param)
    assert SupportRequest.objects.count() == 2


def test_one_and_many_cost_the_same_queries(secret: str, path: str) -> None:
    counts = set()
    for _ in range(3):
        send(secret, "POST", f"{path}/withdraw")
        ask(secret)
        with queries() as captured:
            send(secret, "GET", REQUESTS)
        counts.add(len(captured))
    assert len(counts) == 1


def test_who_may(world: World, path: str) -> None:
    assert find_statuses(world, "GET", REQUESTS) == READ_BY_ADMINS
    assert find_statuses(world, "GET", path) == READ_BY_ADMINS
    assert find_statuses(world, "POST", f"{path}/withdraw") == WRITTEN_BY_ADMINS
    refused = find_statuses(world, "POST", REQUESTS, {"kind": "projects", "reason": "x"})
    allowed = {name for name, status in WRITTEN_BY_ADMINS.items() if status == 200}
    assert refused == WRITTEN_BY_ADMINS | dict.fromkeys(allowed, 409)
    assert not allowed & set(NEVER)


@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("POST", "/withdraw")])
def test_another_organizations_request_is_like_an_unknown_one(
    world: World, secret: str, method: str, suffix: str
) -> None:
    ids = (world.other_support_request.public_id, f"request_{'0' * 20}", "user_x")
    answers = [send(secret, method, f"{REQUESTS}/{one}{suffix}") for one in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_sent_twice_with_one_idempotency_key_it_is_sent_once(secret: str, path: str) -> None:
    send(secret, "POST", f"{path}/withdraw")
    body, headers = {"kind": "projects", "reason": "x"}, {"Idempotency-Key": "x"}
    first, again = (send(secret, "POST", REQUESTS, body, **headers) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotent-Replayed"] == "true"
