"""One write for each constraint of admin API keys and stored answers; part of every_constraint.py."""

from collections.abc import Callable

from accounts.models import StoredAnswer
from keys.models import AdminKey
from tests.database.writes import copied
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.support.clock import DAY
from tests.world import World


def admin_key(world: World) -> AdminKey:
    """The key of Northwind that is called `Terraform`; made when first asked for."""
    found: AdminKey | None = world.organization.admin_keys.filter(name="Terraform").first()
    return found or issue_admin_key(world.owner, world.organization).key


def stored_answer() -> StoredAnswer:
    return StoredAnswer.objects.create(
        subject="admin_key:1", key="run-1", digest="0" * 64, status=200, body="{}"
    )


ADMIN_KEY_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "adminkey_name_once_unrevoked": (
        "keys_adminkey.organization_id, keys_adminkey.name",
        lambda w: copied(admin_key(w), mac=b"x"),
    ),
    "storedanswer_once_per_key": (
        "accounts_storedanswer.subject, accounts_storedanswer.key",
        lambda w: copied(stored_answer()),
    ),
    "adminkey_one_creator": (
        "adminkey_one_creator",
        lambda w: copied(admin_key(w), name="x", mac=b"x", created_with_id=admin_key(w).pk),
    ),
    "adminkey_expires_after_creation": (
        "adminkey_expires_after_creation",
        lambda w: copied(
            admin_key(w), name="x", mac=b"x", expires_at=admin_key(w).created_at - DAY
        ),
    ),
}
