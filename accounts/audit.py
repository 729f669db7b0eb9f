"""Writes the audit trail; every act calls `record` inside its own transaction."""

from typing import Any, Protocol

import structlog
from django.db import connection

from accounts.actors import Actor
from accounts.enums import Act
from accounts.models import AuditEvent, Organization

log = structlog.get_logger("audit")


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

    Raises AssertionError outside a transaction: an event must never outlive or miss its act.
    """
    assert connection.in_atomic_block, "record() belongs in the transaction of its act"
    event = AuditEvent.objects.create(
        organization=organization,
        act=act,
        actor=actor.user,
        actor_label=actor.user.email if actor.user else actor.label,
        target_id=target.public_id,
        target_label=label or str(target),
        before=before or {},
        after=after or {},
        ip=actor.ip or None,
        request_id=actor.request_id,
    )
    log.info(act, actor=event.actor_label, target=target.public_id, audit_event=event.public_id)
