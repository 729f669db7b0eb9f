"""A budget as pages show it: how much of it is spent, in words and as a bar, and what that stops."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils import timezone

from accounts.web.formatting import format_day
from keys.enums import SpendScope
from projects.models import Project
from usage.budgets.blocks import is_stopped
from usage.budgets.subjects import Subject
from usage.enums import BudgetAuthority, BudgetKind, BudgetPeriod
from usage.models import Budget, BudgetSpend
from usage.reports.formatting import format_exact_money, format_money, format_share

# The bar ends at 125 percent of the amount, which is at 80 percent of its width in every row.
AMOUNT_AT, WARNING_FROM = 80, 80  # percent
EVERY = {
    BudgetPeriod.DAY: "a day",
    BudgetPeriod.WEEK: "a week",
    BudgetPeriod.MONTH: "a month",
}


@dataclass(frozen=True)
class Mark:
    """A place on the bar in percent of its width."""

    at: str


@dataclass(frozen=True)
class BudgetFigures:
    """A budget and what is spent of it in its present period, or in another one."""

    budget: Budget
    spend: BudgetSpend
    is_tightest: bool = False

    @property
    def project(self) -> Project | None:
        """The project whose budgets list it; None for budgets of the organization and its people."""
        return Subject.of(self.budget).home

    @property
    def scope(self) -> str:
        return SpendScope(self.budget.scope).label

    @property
    def period(self) -> str:
        """How often it starts again: `a month`, or `total since 1 Nov 2026`."""
        period = BudgetPeriod(self.budget.period)
        return EVERY.get(period, f"total since {format_day(self.budget.starts_on)}")

    @property
    def has_begun(self) -> bool:
        return self.budget.starts_on <= today()

    @property
    def is_stopping(self) -> bool:
        """Whether API keys are refused because of it."""
        return is_stopped(self.spend) and self.has_begun

    @property
    def can_stop(self) -> bool:
        """Whether it is a hard stop that has something left."""
        return self.budget.kind == BudgetKind.HARD_STOP and self.has_begun and not self.is_stopping

    @property
    def would_stop(self) -> bool:
        """Whether API keys would be refused because of it, were it not a dry run."""
        return self.budget.kind == BudgetKind.DRY_RUN and self.spend.is_over

    @property
    def left(self) -> int:
        """What may still be spent, in 10⁻¹⁰ USD."""
        return self.spend.amount - self.spend.spent

    @property
    def spent_text(self) -> str:
        return format_money(self.spend.spent)

    @property
    def spent_exact(self) -> str:
        return format_exact_money(self.spend.spent)

    @property
    def amount_text(self) -> str:
        return format_money(self.spend.amount)

    @property
    def amount_exact(self) -> str:
        return format_exact_money(self.spend.amount)

    @property
    def left_text(self) -> str:
        return format_money(self.left)

    @property
    def overshoot_text(self) -> str:
        """How much more than the amount is spent; empty if nothing is."""
        return format_money(self.spend.overshoot) if self.spend.overshoot else ""

    @property
    def percent(self) -> Decimal:
        """What is spent in percent of the amount; 100 of an amount of 0."""
        if not self.spend.amount:
            return Decimal(100)
        return Decimal(self.spend.spent) * 100 / Decimal(self.spend.amount)

    @property
    def percent_text(self) -> str:
        return format_share(self.spend.spent, self.spend.amount)

    @property
    def tone(self) -> str:
        """The color of the bar: bad only where something is refused."""
        if self.is_stopping:
            return "bad"
        return "warn" if self.percent >= WARNING_FROM else ""

    @property
    def bar(self) -> str:
        """The length of the bar in percent of its width."""
        return format_place(self.percent)

    @property
    def marks(self) -> list[Mark]:
        """Where on the bar the alerts are due that are below the amount."""
        amount = self.spend.amount
        alerts = [alert for alert in self.budget.alerts.all() if alert.value and amount]
        levels = sorted(alert.compute_level(amount) for alert in alerts)
        return [
            Mark(format_place(Decimal(level) * 100 / amount)) for level in levels if level < amount
        ]

    @property
    def alerts_text(self) -> str:
        return ", ".join(str(alert) for alert in self.budget.alerts.all())

    @property
    def resets_on(self) -> dt.date | None:
        """The first day of the next period; None for a total."""
        last = self.spend.last_day
        return last + dt.timedelta(days=1) if last else None

    @property
    def is_of_support(self) -> bool:
        return self.budget.authority == BudgetAuthority.SUPPORT

    @property
    def who_can_raise(self) -> str:
        return name_managers(self.budget)


def name_managers(budget: Budget) -> str:
    """Returns who can raise the amount of a budget."""
    if budget.authority == BudgetAuthority.SUPPORT:
        return "Support"
    if Subject.of(budget).home:
        return "Project Admins, the Owner and Admins"
    return "The Owner and Admins"


def format_place(percent: Decimal) -> str:
    """Returns the place on the bar of a percentage of the amount, in percent of the bar's width."""
    place = percent * AMOUNT_AT / 100
    return f"{min(max(place, Decimal(0)), Decimal(100)).quantize(Decimal('0.1'), ROUND_HALF_EVEN)}"


def today() -> dt.date:
    return timezone.now().astimezone(dt.UTC).date()


def build_figures(
    budgets: Iterable[Budget], holding_for_all: Collection[SpendScope] = ()
) -> list[BudgetFigures]:
    """Returns budgets with what is spent in their present periods: first what is stopped, then the tightest.

    Of the others those come first of which more is spent, in percent. The tightest is the hard stop with
    the least left among those of the scopes in `holding_for_all`, which every request has to pass.
    """
    budgets = list(budgets)
    spends = BudgetSpend.objects.on(today()).filter(budget__in=[budget.pk for budget in budgets])
    by_budget = {spend.budget_id: spend for spend in spends}
    figures = []
    for budget in budgets:
        spend = by_budget.get(budget.pk) or create_empty_spend(budget)
        spend.budget = budget
        figures.append(BudgetFigures(budget, spend))
    open_stops = [row for row in figures if row.can_stop and row.budget.scope in holding_for_all]
    tightest = min(open_stops, key=lambda row: row.left, default=None)
    marked = [replace(row, is_tightest=row is tightest) for row in figures]
    return sorted(marked, key=get_rank)


def get_rank(row: BudgetFigures) -> tuple[bool, bool, Decimal, int]:
    """Returns the sort key of a list of budgets."""
    return not row.is_stopping, not row.is_tightest, -row.percent, row.budget.pk


def create_empty_spend(budget: Budget) -> BudgetSpend:
    """Returns an unsaved spend of nothing: of the present period, or the first one if that is later."""
    days = budget.find_period(max(today(), budget.starts_on))
    return BudgetSpend(
        budget=budget,
        first_day=days.first_day,
        last_day=days.last_day,
        amount=budget.amount,
        spent=0,
    )
