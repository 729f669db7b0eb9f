"""Moves the usage of a re-attribution, batch after batch, there or back.

Each batch is one transaction with what it has reached. Whoever else works on the same waits for its row
and then goes on from there, so that nothing is lost or doubled by a crash, nor by two at once.
"""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Organization
from usage.amounts import LARGEST
from usage.attribution import Place
from usage.enums import Reason, RecordKind
from usage.ledger.lineage import Family, locked_families
from usage.ledger.sources import source_named
from usage.ledger.writer import Draft, TooLarge, write
from usage.models import Reattribution, UsageRecord
from usage.reattribution.preview import Period, inside

BATCH = 1_000
SOURCE = "moves"
BY_COMMAND = "bin/manage reattribute"
DOES_NOT_FIT = "A sum would not fit into 64 bits. Undo it, and move a shorter period."


class Step(NamedTuple):
    """A record that the walk has come to, and the usage record it is about."""

    reached: int
    root: int


def move_on(
    *,
    move: Reattribution,
    seconds: float | None = None,
    tell: Callable[[Reattribution], None] = lambda move: None,
) -> Reattribution:
    """Goes on until it is done, or until `seconds` are over; gives it as it is then.

    Conflict when a total would become too large; what the batches before have moved stays moved.
    """
    begun = time.monotonic()
    while True:
        now = Reattribution.objects.with_names().get(pk=move.pk)
        tell(now)
        if not now.is_running or (seconds is not None and time.monotonic() - begun >= seconds):
            return now
        move_batch(now)


def move_batch(move: Reattribution) -> None:
    """The next batch; nothing when somebody else has done it, or turned it back, meanwhile."""
    # Found before the lock: a long walk over other usage keeps nobody waiting.
    steps = steps_back(move) if move.is_undoing else steps_there(move)
    with transaction.atomic():
        locked = Reattribution.objects.lock(move.pk)
        if (locked.state, locked.reached) != (move.state, move.reached):
            return
        if not steps:
            locked.finish()
            return
        families = locked_families({step.root for step in steps})
        moving = [family for family in families.values() if moves(locked, family)]
        cost = sum(family.cost for family in moving)
        if not locked.is_undoing and locked.moved_cost + cost > LARGEST:
            raise Conflict(DOES_NOT_FIT)
        concerned = {family.place.organization for family in moving}
        concerned |= {goal(locked, family).organization for family in moving}
        store([draft for family in moving for draft in pair(locked, family)])
        tell_organizations(locked, concerned)
        locked.advance(steps[-1].reached, len(moving), cost)


def steps_there(move: Reattribution) -> list[Step]:
    """Usage that was billed elsewhere when it came, in the order of primary keys."""
    usage = inside(move.product, Period(move.first_day, move.last_day)).filter(
        kind=RecordKind.USAGE, pk__gt=move.reached, pk__lte=move.last_record
    )
    return [Step(pk, pk) for pk in usage.order_by("pk").values_list("pk", flat=True)[:BATCH]]


def steps_back(move: Reattribution) -> list[Step]:
    """What this one has moved in."""
    moved = UsageRecord.objects.filter(
        pk__gt=move.reached,
        kind=RecordKind.MOVED_IN,
        source=source_named(SOURCE),
        event_id__startswith=f"{move.public_id}:",
    ).exclude(event_id__endswith=":back:in")
    rows = moved.order_by("pk").values_list("pk", "original_id")[:BATCH]
    return [Step(pk, root) for pk, root in rows]


def moves(move: Reattribution, family: Family) -> bool:
    return not family.is_void and family.place != goal(move, family)


def goal(move: Reattribution, family: Family) -> Place:
    """Where usage was meant to go; on the way back, where it landed first."""
    root = family.root
    if move.is_undoing:
        return Place(root.organization_id, root.project_id)
    assert root.meant_project_id is not None
    return Place(root.meant_organization_id, root.meant_project_id)


def pair(move: Reattribution, family: Family) -> list[Draft]:
    """Out of where it is and into where it goes; the same ids whenever it is tried."""
    root, event_id = family.root, f"{move.public_id}:{family.root.pk}"
    if move.is_undoing:
        return family.move(f"{event_id}:back", goal(move, family), Reason(root.reason))
    reason = Reason.KEY_PROJECT if root.api_key_id else Reason.TOKEN_PROJECT
    return family.move(event_id, goal(move, family), reason)


def store(drafts: list[Draft]) -> None:
    if not drafts:
        return
    try:
        write(source_named(SOURCE).pk, drafts, timezone.now())
    except TooLarge as error:
        raise Conflict(DOES_NOT_FIT) from error


def tell_organizations(move: Reattribution, concerned: Iterable[int]) -> None:
    """Records it in the audit logs that do not have it yet: of usage that came while it was being begun."""
    act = Action.USAGE_MOVED_BACK if move.is_undoing else Action.USAGE_MOVED
    told = AuditEvent.objects.filter(
        chain__organization__in=concerned, target_id=move.public_id, act=act
    )
    missing = set(concerned) - set(told.values_list("organization_id", flat=True))
    actor = Actor.of_user(move.made_by) if move.made_by else Actor.without_account(BY_COMMAND)
    for organization in Organization.objects.filter(pk__in=missing).order_by("pk"):
        record(actor, act, organization=organization, target=move, after=facts_of(move))


def facts_of(move: Reattribution) -> dict[str, object]:
    return {
        "product": move.product.code,
        "first_day": str(move.first_day),
        "last_day": str(move.last_day),
    }
