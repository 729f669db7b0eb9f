"""What the database refuses of keys: they stay where they are, and what is revoked stays revoked."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.actors import Actor
from keys.api_keys.services import revoke_key
from keys.credentials.services import revoke_credential
from keys.models import ApiKey
from projects.services.archive import archive_project
from tests.database.attempts.api_keys import credential, default_key, leak, secret
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db
STAYS_REVOKED = "a revoked key stays revoked"


def new_key(world: World, **values: Any) -> object:
    return copied(world.key, **{"name": "another", "form_token": None, **values})


@pytest.mark.parametrize(
    "table", ["keys_apikey", "keys_keysecret", "keys_servicecredential", "keys_leakreport"]
)
def test_what_was_issued_or_reported_is_never_deleted(world: World, table: str) -> None:
    credential(world), leak(world)
    with refused("are kept"):
        run(f"DELETE FROM {table}")


def test_a_key_stays_in_its_project_as_what_and_by_whom_it_was_made(world: World) -> None:
    for values in (
        {"project": world.production},
        {"project": world.other_project},
        {"public_id": "key_00000000000000000000"},
        {"created_by": world.owner},
        {"created_by": None},
        {"created_at": world.key.created_at - DAY},
    ):
        with refused("a key stays in its project"):
            changed(world.key, **values)
    with refused("a key stays in its project"):
        changed(default_key(world), created_by=world.owner)
    with refused("a key stays in its project", "apikey_only_default_is_sealed"):
        changed(default_key(world), kind="project")


def test_a_revoked_key_stays_revoked_and_gets_no_secret(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    for values in (
        {"revoked_at": None},
        {"revoked_at": timezone.now() + DAY},
        {"expires_at": timezone.now() + DAY},
        {"name": "another"},
    ):
        with refused(STAYS_REVOKED):
            changed(ApiKey.objects.get(pk=world.key.pk), **values)
    with refused(STAYS_REVOKED, "UNIQUE", "unique"):
        copied(secret(world), mac=b"another")


def test_the_default_key_is_of_a_default_project(world: World) -> None:
    with refused("the Default Key is of the Default Project"):
        copied(default_key(world), project_id=world.research.pk, form_token=None)


def test_no_key_is_made_where_everything_stands_still(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    with refused("no key is made in an archived project or a closed organization"):
        new_key(world)
    changed(world.other_organization, state="closed")
    with refused("no key is made in an archived project or a closed organization"):
        new_key(world, project_id=world.other_project.pk)


def test_a_secret_stays_with_its_key_and_its_right(world: World) -> None:
    for values in ({"api_key": world.other_key}, {"may_read_usage": False}):
        with refused("a secret stays with its key"):
            changed(secret(world), **values)


def test_a_revoked_credential_stays_revoked(world: World) -> None:
    revoked = revoke_credential(actor=Actor.of_user(world.staff), credential=credential(world))
    with refused("a revoked credential stays revoked"):
        changed(revoked, revoked_at=None)
