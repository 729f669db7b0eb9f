"""Whatever the document allows and forbids, sent by each kind of caller: no 500, no answer it does not know.

Few examples by default, drawn the same each time; many new ones with `--long`.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.actors import Actor
from console.api.document import document
from keys.default_key.services import reveal_default_key
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import acting_account, create_account, issue_account_token
from tests.keys.helpers.terminal_client import logged_in
from tests.projects.api.callers import WRITE, foreign_admin_key
from tests.routes.answers import undone
from tests.usage.budgets.setup import programmed_budgets
from tests.usage.helpers.event_client import pipe
from tests.world import World, build_world, issued

pytestmark = pytest.mark.django_db
# Of each operation, with `--long`.
EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def default_key(world: World) -> str:
    return reveal_default_key(
        actor=Actor.of_user(world.owner), organization=world.organization
    ).secret


# Kinds of credentials, and the token that each brings.
ROLES: dict[str, Callable[[World], str]] = {
    "nobody": lambda world: "",
    "a service credential": pipe,
    "a personal token": lambda world: made(world.admin, world.organization).secret,
    "an admin key": lambda world: issue_admin_key(world.owner, world.organization).secret,
    "a project token": lambda world: logged_in(world.admin).project_token(world.research),
}
# With `--long`: credentials that manage nothing, and the other people and programs who manage something.
OTHERS: dict[str, Callable[[World], str]] = {
    "a key of a member": lambda world: world.key_secret,
    "a key an external made": lambda world: issued(world.research, world.external, "x").secret,
    "the Default Key": default_key,
    "a login": lambda world: logged_in(world.owner).access,
    "the Owner": lambda world: made(world.owner, world.organization, scope=WRITE).secret,
    "a member": lambda world: made(world.member, world.organization, scope=WRITE).secret,
    "a Project Admin": lambda world: made(world.project_admin, world.research, scope=WRITE).secret,
    "a Project Member": lambda world: (
        made(world.project_member, world.research, scope=WRITE).secret
    ),
    "an external": lambda world: made(world.external, world.research, scope=WRITE).secret,
    "an external Project Admin": lambda world: (
        made(world.external_admin, world.research, scope=WRITE).secret
    ),
    "a service account": lambda world: acting_account(world.owner, world.research, "Acts")[1],
    "a service account of an external": lambda world: acting_account(
        world.external_admin, world.research, "Acts"
    )[1],
    "another company": foreign_admin_key,
}
EVERYONE = [*ROLES, *(pytest.param(role, marks=pytest.mark.long) for role in OTHERS)]
OBJECT = re.compile(r"/(\w+)/\{(\w+)\}")


def ids_by_collection(world: World) -> dict[str, str]:
    """An object of the caller's in each collection, so that bodies reach more than a 404."""
    account = create_account(world.owner, world.research, "Target")
    return {
        "users": world.project_member.public_id,
        "invites": world.invitation.public_id,
        "support_requests": world.support_request.public_id,
        "access_tokens": made(world.project_member, world.research, "target").token.public_id,
        "admin_api_keys": issue_admin_key(world.owner, world.organization, "Target").key.public_id,
        "spend_alerts": programmed_budgets(world.owner, world.organization).public_id,
        "rate_limits": "rl_all",
        "projects": world.research.public_id,
        "api_keys": world.key.public_id,
        "service_accounts": account.public_id,
        "tokens": issue_account_token(world.owner, account, "target").token.public_id,
    }


@pytest.fixture
def world(settings: Settings) -> World:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_USAGE = settings.RATE_LIMIT_REFUSED = 0
    return build_world()


@contextmanager
def one_connection() -> Iterator[None]:
    """The application closes those it finds in a transaction, and the test is in one."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("role", EVERYONE)
def test_every_answer_is_one_that_the_document_knows(
    world: World, role: str, mode: GenerationMode, long_run: bool
) -> None:
    token, ids = {**ROLES, **OTHERS}[role](world), ids_by_collection(world)
    headers = {"Host": "127.0.0.1:8000", "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    seen: Counter[int] = Counter()
    examples = with_settings(
        max_examples=EXAMPLES if long_run else 5,
        derandomize=not long_run,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()  # without the thread of console/wsgi.py that writes uses
    for found in schema.get_all_operations():
        operation = found.ok()
        known = {name: ids[collection] for collection, name in OBJECT.findall(operation.path)}

        @examples
        @given(
            case=operation.as_strategy(generation_mode=mode),
            path=st.sampled_from([known, None] if known else [None]),
        )
        def answered(case: Any, path: dict[str, str] | None) -> None:
            case.path_parameters = path or case.path_parameters
            with undone():
                answer = case.call_and_validate(headers=headers, checks=CHECKS)
            seen[answer.status_code] += 1

        # Where there is nothing to be got wrong, nothing wrong can be sent.
        with one_connection(), suppress(Unsatisfiable):
            answered()
    print(f"{role}, {mode.value}: {seen.total()} examples, {dict(seen)}")
    assert (200 if mode is GenerationMode.POSITIVE else 400) in seen, seen
