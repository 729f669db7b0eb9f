"""What the database refuses of the audit log: it only grows, each event in the chain it belongs to."""

import pytest
from django.db import connection

from accounts.models import AuditChain, AuditEvent
from tests.database.attempts.every_constraint import event
from tests.database.refusals import refused, rows, run
from tests.database.writes import changed, copied
from tests.world import World

pytestmark = pytest.mark.django_db


def test_audit_events_can_be_neither_changed_nor_deleted(world: World) -> None:
    before = rows("accounts_auditevent")
    events = AuditEvent.objects.filter(organization=world.organization)
    with refused("audit events cannot be changed"):
        events.update(actor_label="somebody else")
    with refused("audit events cannot be changed"):
        run("UPDATE accounts_auditevent SET at = at")
    with refused("audit events cannot be deleted"):
        events.delete()
    assert rows("accounts_auditevent") == before


def test_personal_data_of_an_event_can_be_forgotten_but_not_changed(world: World) -> None:
    with refused("personal data is kept or deleted"):
        run("UPDATE accounts_auditpersonaldata SET ip = NULL")
    run("DELETE FROM accounts_auditpersonaldata")
    assert rows("accounts_auditpersonaldata") == []


def test_the_audit_log_cannot_be_emptied(world: World) -> None:
    before = rows("accounts_auditevent")
    # PostgreSQL looks at the foreign keys of new rows first, and would refuse because of those.
    connection.check_constraints()
    emptying = (
        "TRUNCATE accounts_auditevent CASCADE"
        if connection.vendor == "postgresql"
        else "DELETE FROM accounts_auditevent"
    )
    with refused("audit events cannot be deleted"):
        run(emptying)
    assert rows("accounts_auditevent") == before


def test_an_audit_event_stands_in_the_chain_of_its_organization(world: World) -> None:
    theirs = AuditChain.objects.get(organization=world.other_organization)
    with refused("an audit event stands in the chain of its organization"):
        copied(event(world), chain_id=theirs.pk, sequence=10**6)


def test_an_audit_chain_only_grows_and_stays(world: World) -> None:
    chain = AuditChain.objects.get(organization=world.organization)
    with refused("audit chains only grow"):
        changed(chain, length=chain.length - 1)
    with refused("audit chains only grow"):
        changed(chain, organization=world.other_organization, length=chain.length + 1)
    with refused("audit chains cannot be deleted"):
        run("DELETE FROM accounts_auditchain WHERE id = %s", chain.pk)


def test_the_numbers_of_a_chain_have_no_holes(world: World) -> None:
    for chain in AuditChain.objects.all():
        numbers = AuditEvent.objects.filter(chain=chain).order_by("sequence")
        assert list(numbers.values_list("sequence", flat=True)) == list(range(1, chain.length + 1))
