"""Starts, undoes and resumes reattributions; batches.py moves the usage."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent, Organization
from accounts.support.services.staff import require_staff
from usage.enums import ReattributionState
from usage.ids import OrganizationId
from usage.models import Product, Reattribution, UsageRecord
from usage.periods import Period
from usage.reattribution.mails import BillChange, notify_of_move
from usage.reattribution.preview import (
    PlannedMove,
    build_audit_facts,
    fetch_projects,
    list_organizations,
    plan_moves,
    select_moves,
    summarize,
)
from usage.reattribution.services.batches import build_facts, continue_move
from usage.tasks import move_usage

MOVE, CHANGE = "usage.add_reattribution", "usage.change_reattribution"
# Up to this many events are moved within the request, more by the worker.
MAX_IMMEDIATE_EVENTS = 1_000
NOT_MULTI_PROJECT = (
    "{product} is not multi-project, so its usage always stays in the Default Project."
)
NOTHING = "There is nothing to move: usage of {product} in that period is in its intended projects."
OVERTAKEN = "Usage of {product} was moved a moment ago. Look at what is left to move."
RUNNING = "Usage of {product} is already being moved. Wait until that is done."
UNDONE = "This has already been undone, or is being undone."
FINISHED = "This is done, so there is nothing to resume."


def begin_move(*, actor: Actor, product: Product, period: Period) -> Reattribution:
    """Starts to move past usage of a product to its intended projects.

    Records this in the audit logs of the affected organizations and of the console; `dispatch_move` then
    moves the usage. Raises Conflict if the product is not multi-project, if there is nothing to move, or
    while another reattribution of the product is running.
    """
    require_staff(actor, MOVE)
    # Before the lock, as counting millions of records may take a while.
    newest = find_newest(product)
    moves = plan_moves(product, period)
    start, end = period.moments
    with transaction.atomic():
        locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        organizations = Organization.objects.filter(pk__in=list_organizations(moves))
        require_staff(actor, MOVE, *organizations)
        if not locked.multi_project:
            raise Conflict(NOT_MULTI_PROJECT.format(product=locked))
        require_none_running(locked)
        if find_newest(locked) != newest:
            raise Conflict(OVERTAKEN.format(product=locked))
        if not moves:
            raise Conflict(NOTHING.format(product=locked))
        move = Reattribution.objects.create(
            product=locked,
            starts_at=start,
            ends_at=end,
            last_record=UsageRecord.objects.aggregate(last=Max("pk"))["last"],
            planned_records=sum(planned.records for planned in moves),
            made_by=actor.user,
        )
        record_start(actor, move, moves)
    return move


def record_start(actor: Actor, move: Reattribution, moves: Sequence[PlannedMove]) -> None:
    projects, facts = fetch_projects(moves), build_facts(move)
    affected = Organization.objects.filter(pk__in=list_organizations(moves)).order_by("pk")
    changes = []
    for organization in affected:
        own_moves = select_moves(OrganizationId(organization.pk), moves)
        after = {**facts, **build_audit_facts(OrganizationId(organization.pk), own_moves, projects)}
        record(actor, Action.USAGE_MOVED, organization=organization, target=move, after=after)
        changes.append(BillChange(organization, own_moves))
    notify_of_move(actor, move, changes)
    after = {**facts, **summarize(moves), "organizations": len(affected)}
    record(actor, Action.USAGE_MOVED, organization=None, target=move, after=after)


@transaction.atomic
def begin_undo(*, actor: Actor, move: Reattribution) -> Reattribution:
    """Starts to move back what a reattribution has moved, even if it is not finished.

    Raises Conflict if it is already undone, or while another reattribution of the product is running.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=move.product_id)
    locked = Reattribution.objects.lock(move.pk)
    affected = find_affected(locked)
    require_staff(actor, CHANGE, *affected)
    if locked.state in (ReattributionState.UNDOING, ReattributionState.UNDONE):
        raise Conflict(UNDONE)
    if not locked.is_running:
        require_none_running(product)
    locked.start_undo()
    for organization in [*affected, None]:
        record_undo(actor, locked, organization)
    changes = [BillChange(organization) for organization in affected]
    notify_of_move(actor, locked, changes, is_undo=True)
    return locked


def find_affected(move: Reattribution) -> list[Organization]:
    """Returns the organizations whose audit logs have the reattribution, in the order of their locks."""
    recorded = AuditEvent.objects.filter(target_id=move.public_id, act=Action.USAGE_MOVED)
    return list(Organization.objects.filter(audit_events__in=recorded).distinct().order_by("pk"))


def record_undo(actor: Actor, move: Reattribution, organization: Organization | None) -> None:
    record(
        actor,
        Action.USAGE_MOVED_BACK,
        organization=organization,
        target=move,
        after=build_facts(move),
    )


@transaction.atomic
def resume(*, actor: Actor, move: Reattribution) -> Reattribution:
    """Records that a reattribution is resumed, for `dispatch_move`. Raises Conflict if it is done."""
    locked = Reattribution.objects.lock(move.pk)
    require_staff(actor, CHANGE, *find_affected(locked))
    if not locked.is_running:
        raise Conflict(FINISHED)
    locked.touch()
    done, planned = locked.steps
    after: dict[str, Any] = {**build_facts(locked), "resumed_after": done, "of": planned}
    act = Action.USAGE_MOVED_BACK if locked.is_undoing else Action.USAGE_MOVED
    record(actor, act, organization=None, target=locked, after=after)
    return locked


def dispatch_move(*, move: Reattribution) -> Reattribution:
    """Moves a small amount of usage immediately, and leaves a large one to the worker."""
    done, planned = move.steps
    if planned - done <= MAX_IMMEDIATE_EVENTS:
        return continue_move(move=move)
    move_usage.enqueue(move.pk)
    return move


def enqueue_stalled() -> int:
    """Enqueues the reattributions that nothing is working on, and returns their number."""
    stalled = list(Reattribution.objects.stalled())
    for move in stalled:
        move.touch()
        move_usage.enqueue(move.pk)
    return len(stalled)


def find_newest(product: Product) -> tuple[int, str] | None:
    """Returns the newest reattribution of the product and its state: with another one a plan is outdated."""
    return product.reattributions.order_by("-pk").values_list("pk", "state").first()


def require_none_running(product: Product) -> None:
    if product.reattributions.running().exists():
        raise Conflict(RUNNING.format(product=product))
