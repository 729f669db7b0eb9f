"""Moves the usage of a reattribution batch by batch, there or back.

Each batch is one transaction that also saves the progress. Other processes that work on the same
reattribution wait for its row and then continue from there, so neither a crash nor two at once can lose
or double anything.
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
from usage.attribution import Location
from usage.budgets.locks import share_budgets
from usage.budgets.spending import count_spending, find_organizations
from usage.enums import Reason, RecordKind
from usage.ids import OrganizationId, RecordId, SourceId
from usage.ledger.drafts import Draft
from usage.ledger.lineage import Family, get_intended_location, get_location, lock_families
from usage.ledger.sources import get_source
from usage.ledger.writer import TotalTooLarge, write_records
from usage.models import Reattribution, UsageRecord
from usage.periods import Period
from usage.reattribution.mails import BillChange, notify_of_move
from usage.reattribution.preview import find_records

BATCH = 1_000
SOURCE = "moves"
BY_COMMAND = "bin/manage reattribute"
TOO_LARGE = "A total would not fit into 64 bits. Undo this and move a shorter period."


class WalkStep(NamedTuple):
    """The position of the walk over records, and the usage record that belongs to it."""

    reached: RecordId
    root: RecordId


def continue_move(
    *,
    move: Reattribution,
    seconds: float | None = None,
    report: Callable[[Reattribution], None] = lambda move: None,
) -> Reattribution:
    """Moves usage until all is done or `seconds` have passed, and returns the state then.

    Raises Conflict if a total would become too large. What earlier batches have moved stays moved.
    """
    started = time.monotonic()
    while True:
        now = Reattribution.objects.with_names().get(pk=move.pk)
        report(now)
        if not now.is_running or (seconds is not None and time.monotonic() - started >= seconds):
            return now
        move_batch(now)


def move_batch(move: Reattribution) -> None:
    """Moves the next batch, unless another process has moved it or started to undo it."""
    # Read before the lock, so that a long walk over other usage blocks nothing.
    steps = find_steps_back(move) if move.is_undoing else find_steps(move)
    with transaction.atomic():
        locked = Reattribution.objects.lock(move.pk)
        if (locked.state, locked.reached) != (move.state, move.reached):
            return
        if not steps:
            locked.finish()
            return
        families = lock_families({step.root for step in steps})
        moving = [family for family in families.values() if needs_move(locked, family)]
        cost = sum(family.amounts.cost for family in moving)
        if not locked.is_undoing and locked.moved_cost + cost > LARGEST:
            raise Conflict(TOO_LARGE)
        organizations = {family.location.organization for family in moving}
        organizations |= {find_goal(locked, family).organization for family in moving}
        store_drafts([draft for family in moving for draft in build_pair(locked, family)])
        record_in_audit_logs(locked, organizations)
        locked.advance(steps[-1].reached, len(moving), cost)


def find_steps(move: Reattribution) -> list[WalkStep]:
    """Returns the next usage that was billed elsewhere when it was recorded, by primary key."""
    period = Period(move.first_day, move.last_day)
    usage = find_records(move.product, period).filter(
        series__kind=RecordKind.USAGE, pk__gt=move.reached, pk__lte=move.last_record
    )
    pks = usage.order_by("pk").values_list("pk", flat=True)[:BATCH]
    return [WalkStep(reached=RecordId(pk), root=RecordId(pk)) for pk in pks]


def find_steps_back(move: Reattribution) -> list[WalkStep]:
    """Returns the next records that this reattribution has moved in."""
    moved = UsageRecord.objects.filter(
        pk__gt=move.reached,
        series__kind=RecordKind.MOVED_IN,
        source=get_source(SOURCE),
        event_id__startswith=f"{move.public_id}:",
    ).exclude(event_id__endswith=":back:in")
    rows = moved.order_by("pk").values_list("pk", "original_id")[:BATCH]
    return [WalkStep(reached=RecordId(pk), root=RecordId(root or 0)) for pk, root in rows]


def needs_move(move: Reattribution, family: Family) -> bool:
    return not family.is_void and family.location != find_goal(move, family)


def find_goal(move: Reattribution, family: Family) -> Location:
    """Returns the intended location of usage or, on the way back, the original one."""
    if move.is_undoing:
        return get_location(family.root)
    return get_intended_location(family.root)


def build_pair(move: Reattribution, family: Family) -> list[Draft]:
    """Returns the drafts that move a family. Their ids are the same at each attempt."""
    series, event_id = family.root.series, f"{move.public_id}:{family.root.pk}"
    if move.is_undoing:
        return family.move(f"{event_id}:back", find_goal(move, family), Reason(series.reason))
    reason = Reason.KEY_PROJECT if series.api_key_id else Reason.TOKEN_PROJECT
    return family.move(event_id, find_goal(move, family), reason)


def store_drafts(drafts: list[Draft]) -> None:
    if not drafts:
        return
    now = timezone.now()
    share_budgets(find_organizations(drafts))
    try:
        write_records(SourceId(get_source(SOURCE).pk), drafts, now)
    except TotalTooLarge as error:
        raise Conflict(TOO_LARGE) from error
    count_spending(drafts, now)


def record_in_audit_logs(move: Reattribution, organizations: Iterable[OrganizationId]) -> None:
    """Records the move in audit logs without it: of usage that arrived while the move was being started."""
    act = Action.USAGE_MOVED_BACK if move.is_undoing else Action.USAGE_MOVED
    recorded = AuditEvent.objects.filter(
        chain__organization__in=organizations, target_id=move.public_id, act=act
    )
    missing = set(organizations) - set(recorded.values_list("organization_id", flat=True))
    actor = Actor.of_user(move.made_by) if move.made_by else Actor.without_account(BY_COMMAND)
    late = list(Organization.objects.filter(pk__in=missing).order_by("pk"))
    for organization in late:
        record(actor, act, organization=organization, target=move, after=build_facts(move))
    changes = [BillChange(organization) for organization in late]
    notify_of_move(actor, move, changes, is_undo=move.is_undoing)


def build_facts(move: Reattribution) -> dict[str, object]:
    """Returns the product and days as the audit log has them."""
    return {
        "product": move.product.code,
        "first_day": str(move.first_day),
        "last_day": str(move.last_day),
    }
