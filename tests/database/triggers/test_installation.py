"""The triggers are all there, may be installed again, and refuse whole statements."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from accounts.triggers.kinds import Guard
from console import triggers
from tests.database.refusals import all_rows, refused
from tests.world import World

pytestmark = pytest.mark.django_db
OWNER_STAYS = ("the Owner cannot be removed", "an organization needs an Owner")

# Written out and not taken from the code: whoever drops one must come here and say so.
EXPECTED = {
    "user_stays_deleted",
    "membership_not_of_deleted",
    "audit_no_update",
    "audit_no_delete",
    "audit_in_own_chain",
    *(
        f"{table}_{does}_period"
        for table in ("membership", "collaborator")
        for does in ("begins", "changes", "ends")
    ),
    "collaborationperiod_end_keeps_name",
    "auditpersonal_no_update",
    "auditchain_no_delete",
    "auditchain_only_grows",
    "viewas_of_a_member",
    "offer_begins_pending",
    "offer_accepted_once",
    "offer_moves_ownership",
    "project_restored_within_limit",
    "project_insert_keeps_slug",
    "project_update_keeps_slug",
    "projectslug_stays_put",
    "project_not_in_closed",
    "membership_not_in_closed",
    "invitation_not_in_closed",
    "membership_owner_not_deleted",
    "membership_owner_not_demoted",
    "membership_stays_put",
    "membership_adopts_collaborators",
    "project_default_not_deleted",
    "project_stays_put",
    "project_within_limit",
    "organization_limit_fits",
    "collaborator_insert_not_in_default",
    "collaborator_update_not_in_default",
    "collaborator_insert_not_mixed",
    "collaborator_update_not_mixed",
    "invitation_insert_not_mixed",
    "invitation_stays_put",
    "grant_insert_not_mixed",
    "grant_update_not_mixed",
    "serviceaccount_no_delete",
    "serviceaccount_stays_put",
    "serviceaccount_stays_removed",
    "serviceaccount_not_mixed",
    "serviceaccount_not_in_frozen",
    "accounttoken_no_delete",
    "accounttoken_stays_put",
    "accounttoken_stays_revoked",
    "accounttoken_not_of_removed",
    "apikey_of_own_account",
    "serviceaccount_revokes_tokens",
    "serviceaccount_revokes_keys",
    "tag_no_update",
    "tag_no_delete",
    *(
        f"{table}_{rule}"
        for table in ("projecttag", "keytag")
        for rule in (
            *("not_mixed", "begins_later", "stays_put", "past_stays", "begun_no_delete"),
            *("insert_no_overlap", "update_no_overlap"),
            *("insert_within_limit", "update_within_limit"),
        )
    ),
    "apikey_no_delete",
    "keysecret_no_delete",
    "credential_no_delete",
    "leakreport_no_delete",
    "apikey_stays_put",
    "apikey_stays_revoked",
    "apikey_default_in_default",
    "apikey_not_in_frozen",
    "keysecret_stays_put",
    "keysecret_not_of_revoked",
    "requestlimits_stays_put",
    "requestlimits_not_of_default_key",
    "credential_stays_revoked",
    "devicelogin_decided_once",
    "terminalsession_of_who_approved",
    "terminalsession_stays_ended",
    "accesstoken_not_of_ended",
    "accesstoken_stays_ended",
    "membership_ends_tokens",
    "collaborator_ends_tokens",
    "personaltoken_no_delete",
    "personaltoken_not_mixed",
    "personaltoken_stays_put",
    "personaltoken_stays_revoked",
    "membership_revokes_tokens",
    "collaborator_revokes_tokens",
    "adminkey_no_delete",
    "adminkey_stays_put",
    "adminkey_stays_revoked",
    "usagerecord_no_update",
    "usagerecord_no_delete",
    "usagerecord_finds_series",
    "usagerecord_not_mixed",
    "series_no_update",
    "series_no_delete",
    "series_not_mixed",
    "usagerecord_corrects_its_own",
    "dailytotal_not_mixed",
    "hourlytotal_not_mixed",
    "dailytotal_stays_put",
    "hourlytotal_stays_put",
    "usagerecord_whole",
    "modelname_insert_canonical",
    "modelname_update_canonical",
    "price_begun_stays",
    "price_begun_no_delete",
    "budget_not_mixed",
    "budget_stays_put",
    "budget_stays_ended",
    "budget_no_delete",
    "budgetspend_stays_put",
    "budgetspend_no_delete",
    "sentalert_no_delete",
    "product_code_stays",
    "lineitem_code_stays",
}
# SQLite has no such statement.
TRUNCATES = {"audit_no_truncate", "usagerecord_no_truncate", "series_no_truncate"}


def test_the_installed_triggers_are_the_ones_of_the_code() -> None:
    only_postgresql = TRUNCATES if connection.vendor == "postgresql" else set()
    assert set(triggers.fetch_installed(connection)) == EXPECTED | only_postgresql
    assert {trigger.name for trigger in triggers.TRIGGERS} == EXPECTED | TRUNCATES


def test_installing_them_again_changes_nothing() -> None:
    before = triggers.fetch_installed(connection)
    with CaptureQueriesContext(connection) as queries:
        triggers.install(connection)
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
    assert triggers.fetch_installed(connection) == before


def test_a_trigger_that_the_code_no_longer_has_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = triggers.TRIGGERS
    monkeypatch.setattr(triggers, "TRIGGERS", tuple(others))
    assert triggers.find_differences(connection) == [first.name]
    triggers.install(connection)
    assert first.name not in triggers.fetch_installed(connection)
    assert set(triggers.fetch_installed(connection)) == set(triggers.list_declared(connection))


def test_a_changed_trigger_is_replaced(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    changed = [
        replace(each, message="as the new version says it")
        if isinstance(each, Guard) and each.name == "membership_owner_not_deleted"
        else each
        for each in triggers.TRIGGERS
    ]
    monkeypatch.setattr(triggers, "TRIGGERS", tuple(changed))
    assert triggers.find_differences(connection) == ["membership_owner_not_deleted"]
    triggers.install(connection)
    assert triggers.find_differences(connection) == []
    with refused("as the new version says it"):
        world.organization.memberships.filter(role="owner").delete()


def test_a_changed_event_is_noticed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = [
        replace(each, event="UPDATE OF user_id")
        if isinstance(each, Guard) and each.name == "membership_stays_put"
        else each
        for each in triggers.TRIGGERS
    ]
    monkeypatch.setattr(triggers, "TRIGGERS", tuple(changed))
    assert triggers.find_differences(connection) == ["membership_stays_put"]
    triggers.install(connection)
    assert triggers.find_differences(connection) == []


@pytest.mark.postgresql
def test_what_was_changed_by_hand_is_noticed_and_mended() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_no_update() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$"
        )
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER audit_no_delete")
        cursor.execute("DROP TRIGGER usagerecord_no_update ON usage_usagerecord")
    changed = ["audit_no_delete", "audit_no_update", "usagerecord_no_update"]
    assert triggers.find_differences(connection) == changed
    triggers.install(connection)
    assert triggers.find_differences(connection) == []


@pytest.mark.postgresql
def test_records_are_inserted_without_row_triggers() -> None:
    """COPY would insert them one by one. (1 and 4 of `tgtype`: for each row, on INSERT.)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'usage_usagerecord'::regclass "
            "AND NOT tgisinternal AND tgtype & 5 = 5"
        )
        assert cursor.fetchall() == []


def test_a_refused_write_leaves_every_row_as_it_was(world: World) -> None:
    before = all_rows()
    with refused(*OWNER_STAYS):
        Membership.objects.filter(organization=world.organization).update(role="member")
    assert all_rows() == before
