"""Writes the audit log; every action calls `record` inside its own transaction."""

import ipaddress
import json
from functools import partial
from typing import Any, Protocol

import structlog
from django.db import connection, transaction
from django.utils import timezone
from django.utils.ipv6 import clean_ipv6_address

from accounts.actors import Actor
from accounts.crypto.peppers import present_pepper
from accounts.enums import Action
from accounts.models import AuditChain, AuditEvent, Organization, PersonalData

log = structlog.get_logger("audit")
# "email in slug" can be longer; that must not keep the action from being done.
LABEL_LENGTH = 254


class Target(Protocol):
    """What an action is about: anything with a public id and a string representation."""

    @property
    def public_id(self) -> Any: ...


def record(
    actor: Actor,
    action: Action,
    *,
    organization: Organization | None,
    target: Target,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Appends one event: `actor` did `action` to `target` (displayed as `label`), from `before` to `after`.

    Raises AssertionError outside a transaction: an event must never outlive or miss its action. To avoid
    deadlocks, write to several chains in the order of `organization.pk`, the one without organization last.
    """
    assert connection.in_atomic_block, "record() belongs in the transaction of its action"
    before, after = before or {}, after or {}
    target_name = (label or str(target))[:LABEL_LENGTH]
    personal = collect_personal_data(actor, target_name, before, after)
    chain = lock_chain(organization)
    event = AuditEvent(
        chain=chain,
        sequence=chain.length + 1,
        organization=organization,
        act=action,
        actor_kind=actor.principal.kind,
        actor=actor.user,
        actor_label="" if personal.actor_label else actor.principal.name,
        credential=actor.principal.credential,
        target_id=target.public_id,
        target_label="" if personal.target_label else target_name,
        before=omit_keys(before, personal.before),
        after=omit_keys(after, personal.after),
        at=timezone.now(),
        request_id=actor.request_id,
        pepper_id=present_pepper().id,
        personal_digest=personal.digest(),
    )
    append_to_chain(chain, event, personal)
    transaction.on_commit(partial(log_event, event, actor))


def collect_personal_data(
    actor: Actor, target_name: str, before: dict[str, Any], after: dict[str, Any]
) -> PersonalData:
    """Returns the personal part of an event, unsaved."""
    return PersonalData(
        actor_label=keep_personal_text(actor.principal.name),
        target_label=keep_personal_text(target_name),
        before=keep_personal_values(before),
        after=keep_personal_values(after),
        ip=normalize_ip(actor.ip),
        agent=actor.agent,
    )


def log_event(event: AuditEvent, actor: Actor) -> None:
    """Logs one line with the event's hash, by which a chain cut off at its end can be noticed.

    Called once the event is committed: what is rolled back did not happen.
    """
    log.info(
        event.act,
        actor=actor.principal.name,
        target=event.target_id,
        audit_event=event.public_id,
        hash=event.hash,
    )


def keep_personal_text(text: str) -> str:
    """Returns `text` if it contains an email address, else an empty string."""
    return text if "@" in text else ""


def keep_personal_values(values: dict[str, Any]) -> dict[str, Any]:
    """Returns those values that contain an email address."""
    return {name: value for name, value in values.items() if "@" in json.dumps(value, default=str)}


def omit_keys(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in others}


def append_to_chain(
    chain: AuditChain, event: AuditEvent, personal: PersonalData | None = None
) -> None:
    """Saves the event and its personal part as the chain's new end."""
    event.hash = event.hash_after(chain.head, present_pepper())
    event.save(force_insert=True)
    if personal:
        personal.event = event
        personal.save(force_insert=True)
    chain.length, chain.head = event.sequence, event.hash
    chain.save(update_fields=["length", "head"])


def lock_chain(organization: Organization | None) -> AuditChain:
    """The organization's audit chain, locked until the transaction ends; created with its first event."""
    chains = AuditChain.objects.filter(organization=organization)
    if not chains.exists():
        # A concurrent transaction may create it too; the unique constraint leaves one row.
        AuditChain.objects.bulk_create(
            [AuditChain(organization=organization)], ignore_conflicts=True
        )
    return chains.select_for_update(no_key=True).get()


def normalize_ip(text: str) -> str | None:
    """Returns the IP address in the form both databases return it, because it is hashed; None if invalid."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return clean_ipv6_address(str(address)) if address.version == 6 else str(address)
