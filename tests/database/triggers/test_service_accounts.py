"""What the database refuses of service accounts."""

import pytest
from django.utils import timezone

from projects.models import ServiceAccount
from tests.database.attempts.service_accounts import account_token, service_account
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World

pytestmark = pytest.mark.django_db
STAYS = "a service account stays in its project, as external or not"
MIXED = "a service account is created in its own project and inherits to count as external"
OWN = "a key belongs to a service account of its own project that was not removed"
FROZEN = "no service account is created in an archived project or a closed organization"


def test_an_account_stays_where_and_as_what_it_was_created(world: World) -> None:
    account = service_account(world)
    for values in (
        {"project": world.other_project},
        {"counts_as_external": True},
        {"created_by": world.admin},
        {"created_by": None, "created_by_account": account},
        {"created_with": "pat_x"},
        {"created_at": account.created_at - DAY},
    ):
        with refused(STAYS):
            changed(account, **values)


def test_an_external_account_never_becomes_internal(world: World) -> None:
    (external,) = copied(service_account(world), name="x", counts_as_external=True)
    with refused(STAYS):
        changed(external, counts_as_external=False)


def test_a_removed_account_stays_removed(world: World) -> None:
    account = service_account(world)
    changed(account, removed_at=timezone.now())
    for values in ({"removed_at": None}, {"name": "x"}, {"role": "admin"}):
        with refused("a removed service account stays removed"):
            changed(account, **values)
    copied(account, removed_at=None)  # its name is free again


def test_accounts_are_kept(world: World) -> None:
    with refused("service accounts are kept"):
        run("DELETE FROM projects_serviceaccount WHERE id = %s", service_account(world).pk)


def test_an_account_is_created_by_one_of_its_project(world: World) -> None:
    account = service_account(world)
    with refused(MIXED):
        ServiceAccount.objects.create(
            project=world.other_project, name="x", created_by_account=account
        )
    ServiceAccount.objects.create(project=world.research, name="x", created_by_account=account)


def test_what_an_external_account_creates_is_external(world: World) -> None:
    account = service_account(world)
    (external,) = copied(account, name="x", counts_as_external=True)
    values = {"created_by_id": None, "created_by_account_id": external.pk}
    with refused(MIXED):
        copied(account, name="y", **values)
    copied(account, name="y", counts_as_external=True, **values)


def test_none_is_created_where_nothing_is(world: World) -> None:
    account = service_account(world)
    world.research.archive(world.owner)
    with refused(FROZEN):
        copied(account, name="x")
    with refused(FROZEN):
        copied(account, name="x", project_id=world.default.pk, counts_as_external=True)
    copied(account, name="x", project_id=world.default.pk)
    changed(world.organization, state="closed")
    with refused(FROZEN):
        copied(account, name="y", project_id=world.default.pk)


def test_a_token_does_not_change(world: World) -> None:
    token = account_token(world)
    (other,) = copied(service_account(world), name="x")
    for values in (
        {"service_account": other},
        {"name": "another"},
        {"created_by": world.admin},
        {"created_with": "akey_x"},
        {"expires_at": token.expires_at + DAY},
        {"created_at": token.created_at - DAY},
    ):
        with refused("a service account token does not change"):
            changed(token, **values)
    with refused("service account tokens are kept"):
        run("DELETE FROM keys_accounttoken WHERE id = %s", token.pk)


def test_a_revoked_token_stays_revoked(world: World) -> None:
    token = account_token(world)
    changed(token, revoked_at=timezone.now())
    for moment in (None, timezone.now() + DAY):
        with refused("a revoked service account token stays revoked"):
            changed(token, revoked_at=moment)


def test_removing_an_account_revokes_what_it_has(world: World) -> None:
    token, account = account_token(world), service_account(world)
    (key,) = copied(world.key, name="of CI", service_account_id=account.pk)
    changed(account, removed_at=timezone.now())
    for row in (token, key):
        row.refresh_from_db()
        assert getattr(row, "revoked_at") is not None  # noqa: B009
    with refused("a removed service account gets no tokens"):
        copied(token, name="x", mac=b"x", revoked_at=None)
    with refused(OWN):
        copied(world.key, name="x", service_account_id=account.pk)


def test_a_key_belongs_to_an_account_of_its_project(world: World) -> None:
    account = service_account(world)
    with refused(OWN):
        copied(world.other_key, name="x", service_account_id=account.pk)
    with refused("a key stays in its project, as what and by whom it was made"):
        changed(world.key, service_account=account)
