"""Begins, undoes and resumes re-attributions; `moving.py` does the work."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Organization
from accounts.support.services.support import require_staff
from usage.enums import ReattributionState
from usage.models import Product, Reattribution, UsageRecord
from usage.reattribution.preview import (
    Line,
    Period,
    facts_for,
    organizations_of,
    projects_of,
    sums,
    to_move,
)
from usage.reattribution.services.batches import facts_of, move_on
from usage.tasks import move_usage

MOVE, CHANGE = "usage.add_reattribution", "usage.change_reattribution"
# Moved while whoever asked waits; more than that by the worker.
AT_ONCE = 1_000
NOT_MULTI = "{product} is not multi-project: usage of it has no place but where it is."
NOTHING = "There is nothing to move: usage of {product} in that period is where it was meant to be."
RUNNING = "Usage of {product} is being moved already. Wait until that is done."
UNDONE = "It has been undone already, or is being undone."
FINISHED = "It is done. There is nothing to resume."


def begin_move(*, actor: Actor, product: Product, period: Period) -> Reattribution:
    """Begins to move past usage of a product to the projects that it was meant for.

    The audit log of each organization concerned says so, and that of the console. Nothing is moved yet:
    `carry_on` does that. Conflict when the product is not multi-project, when there is nothing to
    move, or while another one of the product runs.
    """
    require_staff(actor, MOVE)
    # Before the lock: it may take a while to count millions of records.
    lines = to_move(product, period)
    with transaction.atomic():
        require_staff(actor, MOVE)
        locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        if not locked.multi_project:
            raise Conflict(NOT_MULTI.format(product=locked))
        require_none_running(locked)
        if not lines:
            raise Conflict(NOTHING.format(product=locked))
        move = Reattribution.objects.create(
            product=locked,
            starts_at=period.start,
            ends_at=period.end,
            last_record=UsageRecord.objects.aggregate(last=Max("pk"))["last"],
            planned_records=sum(line.records for line in lines),
            made_by=actor.user,
        )
        tell(actor, move, lines)
    return move


def tell(actor: Actor, move: Reattribution, lines: list[Line]) -> None:
    projects, known = projects_of(lines), facts_of(move)
    concerned = Organization.objects.filter(pk__in=organizations_of(lines)).order_by("pk")
    for organization in concerned:
        after = {**known, **facts_for(organization.pk, lines, projects)}
        record(actor, Action.USAGE_MOVED, organization=organization, target=move, after=after)
    everything = {**known, **sums(lines), "organizations": len(concerned)}
    record(actor, Action.USAGE_MOVED, organization=None, target=move, after=everything)


@transaction.atomic
def begin_undo(*, actor: Actor, move: Reattribution) -> Reattribution:
    """Begins to move back what a re-attribution has moved, also one that has not come to its end.

    Conflict when it is undone already, or while another one of the product runs.
    """
    require_staff(actor, CHANGE)
    product = Product.objects.select_for_update(no_key=True).get(pk=move.product_id)
    locked = Reattribution.objects.lock(move.pk)
    if locked.state in (ReattributionState.UNDOING, ReattributionState.UNDONE):
        raise Conflict(UNDONE)
    if not locked.is_running:
        require_none_running(product)
    locked.turn_back()
    told = AuditEvent.objects.filter(target_id=locked.public_id, act=Action.USAGE_MOVED)
    concerned = Organization.objects.filter(audit_events__in=told).distinct().order_by("pk")
    for organization in [*concerned, None]:
        record_undo(actor, locked, organization)
    return locked


def record_undo(actor: Actor, move: Reattribution, organization: Organization | None) -> None:
    record(
        actor,
        Action.USAGE_MOVED_BACK,
        organization=organization,
        target=move,
        after=facts_of(move),
    )


@transaction.atomic
def resume(*, actor: Actor, move: Reattribution) -> Reattribution:
    """Notes that somebody sets it going again; Conflict when it is done. `carry_on` does the work."""
    require_staff(actor, CHANGE)
    locked = Reattribution.objects.lock(move.pk)
    if not locked.is_running:
        raise Conflict(FINISHED)
    locked.touch()
    done, planned = locked.steps
    after: dict[str, Any] = {**facts_of(locked), "resumed_after": done, "of": planned}
    act = Action.USAGE_MOVED_BACK if locked.is_undoing else Action.USAGE_MOVED
    record(actor, act, organization=None, target=locked, after=after)
    return locked


def carry_on(*, move: Reattribution) -> Reattribution:
    """Moves a little usage at once, and leaves more to the worker."""
    done, planned = move.steps
    if planned - done <= AT_ONCE:
        return move_on(move=move)
    move_usage.enqueue(move.pk)
    return move


def carry_on_stalled() -> int:
    """Asks the worker to go on with those that nobody works on any more. Gives how many."""
    found = list(Reattribution.objects.stalled())
    for move in found:
        move.touch()
        move_usage.enqueue(move.pk)
    return len(found)


def require_none_running(product: Product) -> None:
    if product.reattributions.running().exists():
        raise Conflict(RUNNING.format(product=product))
