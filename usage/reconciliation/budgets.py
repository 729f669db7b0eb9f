"""Compares what was counted against budgets with the totals of the ledger, to the last digit."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Q

from usage.amounts import COST_DIGITS, format_decimal
from usage.budgets.measuring import measure_spend
from usage.models import BudgetSpend
from usage.reconciliation.records import ReconciliationScope


class SpendComparison(NamedTuple):
    """What was spent of a budget in one period: as counted, and as the ledger has it, in 10⁻¹⁰ USD."""

    spend: BudgetSpend
    measured: int

    @property
    def differs(self) -> bool:
        return self.spend.spent != self.measured

    def __str__(self) -> str:
        budget = self.spend.budget
        counted = format_decimal(self.spend.spent, COST_DIGITS)
        measured = format_decimal(self.measured, COST_DIGITS)
        return (
            f"{budget.organization.slug} budget {budget.public_id} {self.spend.days.label}: "
            f"counted {counted} USD; daily totals {measured} USD"
        )


def compare_spends(scope: ReconciliationScope) -> Iterator[SpendComparison]:
    """Yields the periods of all budgets that still count. Runs within `snapshot`."""
    spends = BudgetSpend.objects.filter(budget__ended_at__isnull=True)
    if scope.organization:
        spends = spends.filter(budget__organization=scope.organization)
    if scope.since:
        spends = spends.filter(Q(last_day__isnull=True) | Q(last_day__gte=scope.since))
    for spend in spends.select_related("budget__organization").order_by("budget", "first_day"):
        yield SpendComparison(spend, measure_spend(spend.budget, spend.days))
