"""Counts recorded usage against budgets: the last thing that a transaction does that writes records.

The order of locks is that of all writers: spends by budget and period, then blocks, then sent alerts.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection

from usage.budgets.alerts import UNKNOWN, send_due_alerts
from usage.budgets.blocks import sync_blocks
from usage.budgets.matching import BudgetBook
from usage.ids import OrganizationId
from usage.ledger.drafts import Draft
from usage.ledger.series import SharedFields
from usage.models import Budget, BudgetSpend
from usage.periods import BudgetDays

COLUMNS = ("budget_id", "first_day", "last_day", "amount", "spent", "alert_at", "spent_at")
INSERT = "INSERT INTO usage_budgetspend AS s ({columns}) VALUES {values} "
ADD = (
    "ON CONFLICT (budget_id, first_day) DO UPDATE SET spent = s.spent + excluded.spent "
    "RETURNING {columns}"
)


class SpendKey(NamedTuple):
    """A budget and one of its periods."""

    budget: int
    days: BudgetDays


def find_organizations(drafts: Iterable[Draft]) -> set[OrganizationId]:
    """Returns the organizations whose budgets the drafts may count against."""
    shared = {draft.shared for draft in drafts}
    return {fields.organization for fields in shared} | {
        fields.intended_organization for fields in shared
    }


def count_spending(drafts: Collection[Draft], now: dt.datetime) -> None:
    """Adds the cost of recorded drafts to the budgets that they count against, and acts on what is spent.

    The caller shares the budgets of `find_organizations` (usage/budgets/locks.py).
    """
    book = BudgetBook(find_organizations(drafts))
    if not book:
        return
    costs = sum_costs(drafts)
    book.load_owners(shared.api_key for shared, _ in costs if shared.api_key)
    budgets: dict[int, Budget] = {}
    added: dict[SpendKey, int] = defaultdict(int)
    for (shared, day), cost in costs.items():
        for budget in book.find_budgets(shared):
            if day >= budget.starts_on:
                budgets[budget.pk] = budget
                added[SpendKey(budget.pk, budget.find_period(day))] += cost
    if added:
        spends = add_spends(budgets, added)
        sync_blocks(spends, now)
        send_due_alerts(spends, now)


def sum_costs(drafts: Iterable[Draft]) -> Mapping[tuple[SharedFields, dt.date], int]:
    """Returns the cost of the drafts by shared fields and UTC day, in 10⁻¹⁰ USD."""
    costs: dict[tuple[SharedFields, int], int] = defaultdict(int)
    for draft in drafts:
        costs[draft.shared, draft.time.toordinal()] += draft.cost
    return {(shared, dt.date.fromordinal(day)): cost for (shared, day), cost in costs.items()}


def add_spends(budgets: Mapping[int, Budget], added: Mapping[SpendKey, int]) -> list[BudgetSpend]:
    """Adds costs to the spends of periods, creates those of new periods, and returns all of them.

    All writers use the same order, so that none deadlock.
    """
    rows = [
        (key.budget, *key.days, budgets[key.budget].amount, cost, UNKNOWN, None)
        for key, cost in sorted(added.items(), key=lambda item: (item[0].budget, item[0].days[0]))
    ]
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        statement = (INSERT + ADD).format(columns=", ".join(COLUMNS), values=values)
        cursor.execute(statement, [value for row in rows for value in row])
        stored = cursor.fetchall()
    return [read_spend(budgets, row) for row in stored]


def read_spend(budgets: Mapping[int, Budget], row: tuple[Any, ...]) -> BudgetSpend:
    """Returns the spend that a statement returned; SQLite has dates and times as text, in UTC."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("first_day", "last_day"):
        if isinstance(values[name], str):
            values[name] = dt.date.fromisoformat(values[name])
    if isinstance(values["spent_at"], str):
        values["spent_at"] = dt.datetime.fromisoformat(values["spent_at"]).replace(tzinfo=dt.UTC)
    return BudgetSpend(budget=budgets[values.pop("budget_id")], **values)
