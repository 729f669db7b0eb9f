"""Verifying the audit log: it finds what raw SQL changed, removed or put in, and nothing else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.actors import Actor
from accounts.audit.writer import append_to_chain, record
from accounts.enums import Action
from accounts.models import AuditChain, AuditEvent
from console import triggers
from tests.database.refusals import run
from tests.database.writes import copied
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


@pytest.fixture
def event(world: World) -> AuditEvent:
    """One in the middle of an audit log, open to change as if somebody had dropped our triggers."""
    triggers.drop(connection)
    return AuditEvent.objects.get(organization=world.organization, sequence=3)


def remove(event: AuditEvent) -> None:
    run("DELETE FROM accounts_auditpersonaldata WHERE event_id = %s", event.pk)
    run("DELETE FROM accounts_auditevent WHERE id = %s", event.pk)


def record_sign_in(world: World) -> None:
    record(
        Actor.of_user(world.owner),
        Action.SIGNED_IN,
        organization=world.organization,
        target=world.owner,
    )


def verified() -> str:
    said = StringIO()
    call_command("verify_audit", stdout=said)
    return said.getvalue()


def problems() -> str:
    said = StringIO()
    with pytest.raises(CommandError, match="The audit log has"):
        call_command("verify_audit", stdout=said)
    return said.getvalue()


def test_what_the_console_wrote_is_whole(world: World) -> None:
    assert "northwind: " in verified()


@pytest.mark.parametrize(
    "change",
    [
        "actor_label = 'somebody@else.example'",
        "act = 'member.removed'",
        "target_label = 'Another'",
        """after = '{"name": "Another"}'""",
        "ip = '192.0.2.1'",
        "request_id = 'x'",
        "hash = 'f'",
        "actor_id = NULL",
        "public_id = 'event_x'",
        "actor_kind = 'console'",
        "credential = 'pat_x'",
        "hash_version = 1",
        "pepper_id = ''",
        "personal_digest = 'f'",
    ],
)
def test_a_changed_event_is_found(event: AuditEvent, change: str) -> None:
    run(f"UPDATE accounts_auditevent SET {change} WHERE id = %s", event.pk)
    assert "number 3 (" in problems()


@pytest.mark.parametrize(
    "change", ["ip = '192.0.2.1'", "actor_label = 'x@y.example'", "agent = 'x'", "salt = ''"]
)
def test_changed_personal_data_is_found(event: AuditEvent, change: str) -> None:
    run(f"UPDATE accounts_auditpersonaldata SET {change} WHERE event_id = %s", event.pk)
    assert "number 3 (" in problems()


def test_forgotten_personal_data_leaves_the_chain_whole(world: World) -> None:
    run("DELETE FROM accounts_auditpersonaldata")
    assert "northwind: " in verified()
    assert world.owner.email not in str(list(AuditEvent.objects.values()))


def test_events_verify_after_a_change_of_the_pepper(world: World, settings: Settings) -> None:
    former = settings.PEPPER
    settings.PEPPER, settings.PEPPER_PREVIOUS = "another pepper of 32 characters!", [former]
    record_sign_in(world)
    assert "northwind: " in verified()
    settings.PEPPER_PREVIOUS = []
    once_a_chain = AuditChain.objects.count()
    assert problems().count("under a pepper that is not configured") == once_a_chain


def test_an_event_of_the_version_before_verifies_after_a_change_of_the_pepper(
    world: World, settings: Settings
) -> None:
    """As that version wrote it: with addresses and IP in the event, and no word of its pepper."""
    chain = AuditChain.objects.get(organization=world.organization)
    event = AuditEvent(
        chain=chain,
        sequence=chain.length + 1,
        hash_version=1,
        pepper_id="",
        personal_digest="",
        actor_kind="",
        credential="",
        organization=world.organization,
        act=Action.SIGNED_IN,
        actor=world.owner,
        actor_label=world.owner.email,
        target_id=world.owner.public_id,
        target_label=world.owner.email,
        ip="192.0.2.1",
    )
    append_to_chain(chain, event)
    settings.PEPPER, settings.PEPPER_PREVIOUS = (
        "another pepper of 32 characters!",
        [settings.PEPPER],
    )
    assert "northwind: " in verified()


def test_a_changed_time_is_found(event: AuditEvent) -> None:
    other = AuditEvent.objects.get(organization=event.organization, sequence=4)
    run("UPDATE accounts_auditevent SET at = %s WHERE id = %s", other.at, event.pk)
    assert "number 3 (" in problems()


def test_a_removed_event_is_found(event: AuditEvent) -> None:
    remove(event)
    assert "number 3 is missing" in problems()


def test_a_removed_last_event_is_found(event: AuditEvent) -> None:
    last = AuditEvent.objects.filter(organization=event.organization).latest("sequence")
    remove(last)
    assert f"ends at number {last.sequence - 1}" in problems()


def test_an_inserted_event_is_found(event: AuditEvent) -> None:
    chain = event.chain
    copied(event, sequence=chain.length + 1)
    assert f"number {chain.length + 1} (" in problems()


def test_two_swapped_events_are_found(event: AuditEvent) -> None:
    other = AuditEvent.objects.get(organization=event.organization, sequence=4)
    for pk, sequence in ((event.pk, 10**6), (other.pk, 3), (event.pk, 4)):
        run("UPDATE accounts_auditevent SET sequence = %s WHERE id = %s", sequence, pk)
    assert "number 3 (" in problems()


def test_one_organizations_audit_log_can_be_verified_alone(event: AuditEvent, world: World) -> None:
    remove(event)
    call_command("verify_audit", organization=world.other_organization.slug, stdout=StringIO())
    with pytest.raises(CommandError, match="no organization with the slug nowhere"):
        call_command("verify_audit", organization="nowhere")
