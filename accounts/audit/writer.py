"""Writes the audit trail; every act calls `record` inside its own transaction."""

import ipaddress
from typing import Any, Protocol

import structlog
from django.db import connection
from django.utils import timezone
from django.utils.ipv6 import clean_ipv6_address

from accounts.actors import Actor
from accounts.enums import Act
from accounts.models import AuditChain, AuditEvent, Organization

log = structlog.get_logger("audit")
LABEL_LENGTH = (
    254  # an address in a project can be longer; it must not keep the act from being done
)


class Target(Protocol):
    """What an act is about: anything with a public id and a name to show."""

    public_id: Any


def record(
    actor: Actor,
    act: Act,
    *,
    organization: Organization | None,
    target: Target,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Adds one event: `actor` did `act` to `target` (shown as `label`), from `before` to `after`.

    Raises AssertionError outside a transaction: an event must never outlive or miss its act. Whoever
    writes to several trails in one does so in the order of `organization.pk`, that without one last.
    """
    assert connection.in_atomic_block, "record() belongs in the transaction of its act"
    chain = locked_chain(organization)
    event = AuditEvent(
        chain=chain,
        sequence=chain.length + 1,
        organization=organization,
        act=act,
        actor=actor.user,
        actor_label=actor.user.email if actor.user else actor.label,
        target_id=target.public_id,
        target_label=(label or str(target))[:LABEL_LENGTH],
        before=before or {},
        after=after or {},
        at=timezone.now(),
        ip=normal_ip(actor.ip),
        request_id=actor.request_id,
    )
    append(chain, event)
    log.info(
        act,
        actor=event.actor_label,
        target=target.public_id,
        audit_event=event.public_id,
        hash=event.hash,
    )


def append(chain: AuditChain, event: AuditEvent) -> None:
    """Saves the event as the chain's new end."""
    event.hash = event.hash_after(chain.head)
    event.save(force_insert=True)
    chain.length, chain.head = event.sequence, event.hash
    chain.save(update_fields=["length", "head"])


def locked_chain(organization: Organization | None) -> AuditChain:
    """The end of the organization's trail, locked until the transaction ends; made with its first event."""
    chains = AuditChain.objects.filter(organization=organization)
    if not chains.exists():
        # Another may make it at the same moment: the unique row is there in any case.
        AuditChain.objects.bulk_create(
            [AuditChain(organization=organization)], ignore_conflicts=True
        )
    return chains.select_for_update(no_key=True).get()


def normal_ip(text: str) -> str | None:
    """The address as both databases give it back, because it is hashed; None for what is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return clean_ipv6_address(str(address)) if address.version == 6 else str(address)
