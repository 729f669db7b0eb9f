"""What the management API says to bodies that it does not take: status, parameter, code, message.

They are in bad_bodies.txt: a path, below it each body, and below that the answer.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.models import AuditEvent
from tests.checks.source import ROOT
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import error_of
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.support.openapi_contract import documented
from tests.world import World, build_world

FILE = ROOT / "tests/console/api/bad_bodies.txt"


class BadBody(NamedTuple):
    path: str
    body: str
    answer: str


def read_table() -> Iterator[BadBody]:
    path = body = ""
    for line in FILE.read_text().splitlines():
        if line.startswith("    "):
            yield BadBody(path, body, line.strip())
        elif line.startswith("  "):
            body = line.strip()
        elif line:
            path = line


def find_ids(world: World) -> dict[str, str]:
    """What the names in braces stand for."""
    account = create_account(world.owner, world.research, "Build")
    create_account(world.owner, world.research, "Runner")
    issue_account_token(world.owner, account, "deploy")
    return {
        "{research}": world.research.public_id,
        "{other_project}": world.other_project.public_id,
        "{member}": world.member.public_id,
        "{project_member}": world.project_member.public_id,
        "{other_member}": world.other_member.public_id,
        "{key}": world.key.public_id,
        "{invitation}": world.invitation.public_id,
        "{member_invitation}": world.member_invitation.public_id,
        "{account}": account.public_id,
    }


def send(secret: str, path: str, body: str) -> Any:
    return documented(
        Client(raise_request_exception=False).post(
            path,
            body.encode(),
            content_type="application/json",
            headers={"authorization": f"Bearer {secret}"},
        )
    )


def describe(answer: Any, ids: dict[str, str]) -> str:
    """The answer as the table has it."""
    error = error_of(answer)
    text = (
        f"{answer.status_code} {error['param'] or '-'} {error['code'] or '-'}: {error['message']}"
    )
    for name, value in ids.items():
        text = text.replace(value, name)
    return text


@pytest.mark.django_db
def test_each_bad_body_is_refused_with_what_is_wrong_and_changes_nothing() -> None:
    world = build_world()
    ids = find_ids(world)
    secret = issue_admin_key(world.owner, world.organization).secret
    before = AuditEvent.objects.count()
    wrong, table = [], list(read_table())
    for row in table:
        path, body = row.path, row.body
        for name, value in ids.items():
            path, body = path.replace(name, value), body.replace(name, value)
        answer = send(secret, path, body)
        told = describe(answer, ids) if answer.status_code >= 400 else str(answer.status_code)
        if told != row.answer:
            wrong.append((row.path, row.body[:120], told, row.answer))
    assert wrong == []
    assert AuditEvent.objects.count() == before
    assert len(table) >= 150
