"""Blocks keys while a budget with a hard stop is spent, and unblocks them when it is not any more."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from keys.enums import SpendScope
from keys.models import SpendBlock
from usage.enums import BudgetKind
from usage.models import Budget, BudgetSpend


def sync_blocks(spends: Iterable[BudgetSpend], now: dt.datetime) -> None:
    """Makes the blocks of these spends what they should be. The spends are locked.

    Periods that are over need none, as blocks end by themselves. Also remembers since when a budget is spent.
    """
    for spend in spends:
        mark_spent(spend, now)
        ends_at = spend.days.ends_at
        if ends_at is not None and ends_at <= now:
            continue
        if is_stopped(spend):
            block(spend)
        else:
            SpendBlock.objects.filter(
                budget=spend.budget.public_id, starts_at=spend.days.starts_at
            ).delete()


def mark_spent(spend: BudgetSpend, now: dt.datetime) -> None:
    """Saves that everything is spent since now, or that it is not any more."""
    if spend.is_over != (spend.spent_at is not None):
        spend.spent_at = now if spend.is_over else None
        spend.save(update_fields=["spent_at"])


def is_stopped(spend: BudgetSpend) -> bool:
    """Returns whether keys are refused in the period of a spend."""
    budget = spend.budget
    return budget.kind == BudgetKind.HARD_STOP and budget.ended_at is None and spend.is_over


def block(spend: BudgetSpend) -> None:
    budget = spend.budget
    SpendBlock.objects.get_or_create(
        budget=budget.public_id,
        starts_at=spend.days.starts_at,
        defaults={
            "organization_id": budget.organization_id,
            "scope": SpendScope(budget.scope),
            "target": budget.target,
            "ends_at": spend.days.ends_at,
        },
    )


def delete_ended_blocks() -> int:
    """Deletes blocks whose periods are over; they refuse nothing any more. Returns how many."""
    deleted, _ = SpendBlock.objects.ended(timezone.now()).delete()
    return deleted


def unblock(budget: Budget) -> None:
    """Removes all blocks of a budget that has ended."""
    SpendBlock.objects.filter(budget=budget.public_id).delete()
