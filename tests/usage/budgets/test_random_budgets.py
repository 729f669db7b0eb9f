"""Random histories with budgets that are made and changed while events, corrections and moves come in.

Whatever happens, what was spent of a budget in each period is what the ledger says: over the ends of months,
years and leap days, and if the clock is set back. `--long` lives 2,000.
"""

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor
from keys.enums import SpendScope
from keys.models import SpendBlock
from tests.conftest import LONG
from tests.usage.budgets.setup import new_budget
from tests.usage.reconciliation.test_random_histories import STEP, History
from tests.world import World
from usage.budgets.measuring import measure_spend
from usage.budgets.services import change_budget, delete_budget
from usage.enums import BudgetKind, BudgetPeriod
from usage.models import Budget, BudgetSpend, UsageRecord

pytestmark = pytest.mark.django_db
SUBJECTS = ("organization", "research", "default", "key", "project_member", "external", "home")
# One for each subject that a history begins with.
PERIODS = (*BudgetPeriod, BudgetPeriod.MONTH, BudgetPeriod.MONTH, BudgetPeriod.TOTAL)
AMOUNT = st.integers(0, 3 * 10**9)
KIND = st.sampled_from(list(BudgetKind))
BUDGET_STEP = st.one_of(
    STEP,
    st.tuples(st.just("budget"), st.sampled_from(SUBJECTS), st.sampled_from(BudgetPeriod), AMOUNT),
    st.tuples(st.just("change"), st.integers(0, 10**6), KIND, AMOUNT),
    st.tuples(st.just("delete"), st.integers(0, 10**6)),
    st.tuples(st.just("set_back"), st.integers(1, 3 * 24 * 60)),
)
# Days before the ends of months, of a year in the middle of a week, and of Februaries with 28 and 29 days.
STARTS = [dt.date(2026, 11, 15), dt.date(2026, 12, 27), dt.date(2027, 2, 24), dt.date(2028, 2, 25)]


class BudgetHistory(History):
    """A history in which people also make, change and delete budgets, and the clock is set back."""

    was_set_back = False

    def use(self, who: str, product: str, days: int, quantity: Decimal) -> None:
        """Mostly in the present periods of budgets: others do not count in them."""
        super().use(who, product, days % 7, quantity)

    def budget(self, subject: str, period: BudgetPeriod, amount: int) -> None:
        world = self.world
        if subject == "home":
            # The organization of the external collaborator, who pays for what they use here.
            world = World(**{**vars(world), **self.home_of_external()})
        given: dict[str, dict[str, Any]] = {
            "research": {"project": world.research},
            "default": {"project": world.default},
            "key": {"api_key": world.key},
            "project_member": {"user": world.project_member},
            "external": {"user": world.external},
        }
        new_budget(world, amount, period=period, **given.get(subject, {}))

    def home_of_external(self) -> dict[str, Any]:
        home = self.world.external.home_organization
        return {"organization": home, "owner": self.world.external}

    def change(self, pick: int, kind: BudgetKind, amount: int) -> None:
        budgets = Budget.objects.current()
        if budgets:
            change_budget(
                actor=Actor.of_user(self.owner_of(budgets[pick % len(budgets)])),
                budget=budgets[pick % len(budgets)],
                kind=kind,
                amount=amount,
                alerts=(),
                recipients=(),
            )

    def delete(self, pick: int) -> None:
        budgets = Budget.objects.current()
        if budgets:
            budget = budgets[pick % len(budgets)]
            delete_budget(actor=Actor.of_user(self.owner_of(budget)), budget=budget)

    def set_back(self, minutes: int) -> None:
        self.was_set_back = True
        self.move_clock(self.now - dt.timedelta(minutes=minutes))

    def owner_of(self, budget: Budget) -> Any:
        at_home = budget.organization == self.world.external.home_organization
        return self.world.external if at_home else self.world.owner


def organization_default(budget: Budget) -> int:
    return budget.organization.projects.default().pk


def counts(budget: Budget, record: UsageRecord) -> bool:
    """Whether a record counts against a budget, in the words of the product."""
    series, key = record.series, record.series.api_key
    intended_here = series.intended_organization_id == budget.organization_id
    if budget.scope == SpendScope.ORGANIZATION:
        return series.organization_id == budget.organization_id
    if budget.scope == SpendScope.PROJECT:
        intended = series.intended_project
        if intended is None:
            return budget.target == organization_default(budget) and intended_here
        return intended == budget.project
    if budget.scope == SpendScope.API_KEY:
        return key == budget.api_key
    return intended_here and (key.created_by if key else series.user) == budget.user


def spent_by_period(budget: Budget) -> dict[dt.date, int]:
    """What the records come to, by the first day of each period in which there is something."""
    sums: Counter[dt.date] = Counter()
    related = ("api_key__created_by", "user", "intended_project")
    for record in UsageRecord.objects.select_related(*(f"series__{name}" for name in related)):
        day = record.time.date()
        if day >= budget.starts_on and counts(budget, record):
            sums[budget.find_period(day).first_day] += record.cost
    return {day: cost for day, cost in sums.items() if cost}


def check(history: BudgetHistory, budget: Budget) -> None:
    spends = list(BudgetSpend.objects.filter(budget=budget))
    assert {s.first_day: s.spent for s in spends if s.spent} == spent_by_period(budget)
    for spend in spends:
        assert measure_spend(budget, spend.days) == spend.spent
    if history.was_set_back:
        return  # a period that was over needed no block, until the next event
    today = timezone.now().date()
    current = BudgetSpend.objects.on(today).filter(budget=budget).first()
    is_stopped = budget.kind == BudgetKind.HARD_STOP and current and current.is_over
    blocks = SpendBlock.objects.at(timezone.now()).filter(budget=budget.public_id)
    if current:
        assert blocks.exists() == bool(is_stopped)
        assert current.amount == budget.amount or not is_stopped


@settings(
    max_examples=2_000 if LONG else 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(STARTS),
    periods=st.permutations(PERIODS),
    steps=st.lists(BUDGET_STEP, min_size=8, max_size=30),
)
def test_what_was_spent_of_any_budget_is_what_the_ledger_says(
    world: World, start: dt.date, periods: list[BudgetPeriod], steps: list[Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        history = BudgetHistory(world, patch)
        history.move_clock(dt.datetime.combine(start, dt.time(12), dt.UTC))
        for subject, period in zip(SUBJECTS, periods, strict=True):
            history.budget(subject, period, 10**9)
        for step in steps:
            history.live(step)
        for budget in Budget.objects.current():
            check(history, budget)
        ended = Budget.objects.filter(ended_at__isnull=False).values("public_id")
        assert not SpendBlock.objects.filter(budget__in=ended).exists()
        transaction.set_rollback(True)
