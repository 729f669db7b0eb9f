"""What a budget would do, in sentences, before it is created."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from usage.budgets.measuring import measure_spend
from usage.budgets.services import Alerts, find_first_day
from usage.budgets.stops import describe_reach
from usage.budgets.subjects import Subject
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget, BudgetAlert
from usage.periods import find_budget_period
from usage.reports.formatting import format_money

PERIODS = {
    BudgetPeriod.DAY: "in a day",
    BudgetPeriod.WEEK: "in a week",
    BudgetPeriod.MONTH: "in a month",
    BudgetPeriod.TOTAL: "in total",
}
AGAIN = {
    BudgetPeriod.DAY: "They work again at the next 00:00 UTC, or at once when the amount is raised.",
    BudgetPeriod.WEEK: "They work again on Monday, 00:00 UTC, or at once when the amount is raised.",
    BudgetPeriod.MONTH: "They work again on the 1st, 00:00 UTC, or at once when the amount is raised.",
    BudgetPeriod.TOTAL: "They work again only when the amount is raised.",
}
UNDER_WAY = "Requests that are under way still finish and count, so a little more can be spent."


def describe_outcome(
    *,
    subject: Subject,
    period: BudgetPeriod,
    kind: BudgetKind,
    amount: int,
    alerts: Alerts,
    recipients: Sequence[User],
    **other: Any,
) -> list[str]:
    """Returns what a budget with these fields would do; `amount` is in 10⁻¹⁰ USD. Two queries at most."""
    budget = Budget(
        organization=subject.organization,
        **subject.fields,
        period=period,
        starts_on=find_first_day(period),
    )
    spent = measure_spend(budget, find_budget_period(period, budget.starts_on, budget.starts_on))
    return [
        *describe_spent(kind, spent=spent, amount=amount),
        *describe_kind(budget, kind, format_money(amount)),
        describe_emails(amount, alerts, recipients),
    ]


def describe_spent(kind: BudgetKind, *, spent: int, amount: int) -> list[str]:
    """Returns what is spent of the present period already, and that it would stop at once if it would."""
    texts = format_money(spent), format_money(amount)
    if spent < amount:
        return ["{} of {} is spent already in the present period.".format(*texts)]
    if kind == BudgetKind.HARD_STOP:
        return ["{} is spent already, so it stops at once.".format(*texts)]
    return ["{} is spent already, which is not less than the amount.".format(*texts)]


def describe_kind(budget: Budget, kind: BudgetKind, amount: str) -> list[str]:
    reach, period = describe_reach(budget), PERIODS[BudgetPeriod(budget.period)]
    if kind == BudgetKind.HARD_STOP:
        stopped = (
            f"When {amount} is spent {period}, requests with these are refused with 429: {reach}."
        )
        return [stopped, AGAIN[BudgetPeriod(budget.period)], UNDER_WAY]
    if kind == BudgetKind.DRY_RUN:
        return [f"When {amount} is spent {period}, this page says so. Nothing is refused."]
    return ["Nothing is refused."]


def describe_emails(amount: int, alerts: Alerts, recipients: Sequence[User]) -> str:
    """Returns who gets an email at which amounts."""
    rows = [BudgetAlert(threshold=threshold, value=value) for threshold, value in alerts]
    levels = sorted(
        {row.compute_level(amount) for row in rows if row.threshold != Threshold.FORECAST}
    )
    conditions = [f"at {format_money(level)}" for level in levels]
    if any(row.threshold == Threshold.FORECAST for row in rows):
        conditions.append("when the forecast exceeds the amount")
    if not conditions or not recipients:
        return "No one gets an email."
    names = ", ".join(user.name for user in recipients)
    return f"Emails go {', '.join(conditions)}, to: {names}."
