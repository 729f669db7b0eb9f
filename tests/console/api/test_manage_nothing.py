"""Credentials that are for something else manage nothing: all operations are tried with each of them."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import AuditEvent
from console.api.document import document
from keys.default_key.services import reveal_default_key
from tests.keys.helpers.api_client import send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import logged_in
from tests.usage.budgets.setup import programmed_budgets
from tests.usage.helpers.event_client import pipe
from tests.world import World, build_world, issued

MANAGEMENT = "/v1/organization"
READS = ("get",)
# Of the Owner or of an Admin, wherever someone could make one.
HOLDERS: dict[str, Callable[[World], str]] = {
    "API key": lambda world: issued(world.research, world.owner, "leaked").secret,
    "Default Key": lambda world: (
        reveal_default_key(actor=Actor.of_user(world.owner), organization=world.organization).secret
    ),
    "terminal": lambda world: logged_in(world.owner).access,
    "terminal in a project": lambda world: logged_in(world.admin).project_token(world.research),
    "service credential": pipe,
    "read token": lambda world: made(world.owner, world.organization, "reads").secret,
    "read token of a project": lambda world: made(world.owner, world.research, "project").secret,
}


def list_operations(world: World) -> Iterator[tuple[str, str]]:
    """The method and path of each operation that manages something, about the caller's own objects."""
    ids = {
        "project_id": world.research.public_id,
        "user_id": world.project_member.public_id,
        "key_id": world.key.public_id,
        "rate_limit_id": "rl_all",
        "alert_id": programmed_budgets(world.owner, world.research).public_id,
        "invite_id": world.invitation.public_id,
    }
    for path, methods in document()["paths"].items():
        if path.startswith(MANAGEMENT):
            for method in methods:
                yield method, path.format(reference=f"x_{'0' * 20}", token="x_1", **ids)


@pytest.mark.django_db
def test_none_of_them_manages_anything(settings: Settings) -> None:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_PERSON = settings.RATE_LIMIT_REFUSED = 0
    world = build_world()
    secrets = {holder: make(world) for holder, make in HOLDERS.items()}
    operations = list(list_operations(world))
    before, wrong, tried = AuditEvent.objects.count(), [], 0
    for method, path in operations:
        for holder, secret in secrets.items():
            if holder.startswith("read") and method in READS:
                continue
            tried += 1
            answer = send(
                path, secret, {"name": "Mine"} if method == "post" else None, method.upper()
            )
            if answer.status_code != (401 if holder == "service credential" else 403):
                wrong.append((holder, method, path, answer.status_code))
    assert wrong == []
    assert AuditEvent.objects.count() == before
    assert tried > 300
