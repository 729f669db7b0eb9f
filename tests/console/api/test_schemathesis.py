"""Whatever the document allows and forbids, sent by each kind of caller: no 500, no answer it does not know.

Few examples by default, drawn the same each time; many new ones with `--long`.
"""

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
from tests.keys.helpers.terminal_client import logged_in
from tests.usage.helpers.event_client import pipe
from tests.world import World, build_world, issued

pytestmark = pytest.mark.django_db
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


# Each kind of credential there is; the token it brings.
ROLES: dict[str, Callable[[World], str]] = {
    "nobody": lambda world: "",
    "a key of a member": lambda world: world.key_secret,
    "a key an external made": lambda world: issued(world.research, world.external, "x").secret,
    "the Default Key": default_key,
    "a service credential": pipe,
    "a login": lambda world: logged_in(world.owner).access,
    "a personal token": lambda world: made(world.admin, world.organization).secret,
    "an admin key": lambda world: issue_admin_key(world.owner, world.organization).secret,
    "a project token": lambda world: logged_in(world.admin).project_token(world.research),
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
@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_one_that_the_document_knows(
    world: World, role: str, mode: GenerationMode, long_run: bool
) -> None:
    token = ROLES[role](world)
    headers = {"Host": "127.0.0.1:8000", "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    seen: set[int] = set()
    examples = with_settings(
        max_examples=300 if long_run else 5,
        derandomize=not long_run,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    schema = schemathesis.openapi.from_dict(document())
    schema.app = WSGIHandler()  # without the thread of console/wsgi.py that writes uses
    for found in schema.get_all_operations():
        operation = found.ok()

        @examples
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Any) -> None:
            seen.add(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

        # Where there is nothing to be got wrong, nothing wrong can be sent.
        with one_connection(), suppress(Unsatisfiable):
            answered()
    assert (200 if mode is GenerationMode.POSITIVE else 400) in seen, seen
