"""What the ledger says was spent of a budget in a period: the daily totals that count against it.

The same rule as `BudgetBook.find_budgets`, which looks at usage while it is recorded.
"""

from django.db.models import Q

from keys.enums import SpendScope
from keys.models import ApiKey
from usage.models import Budget, DailyTotal
from usage.periods import BudgetDays


def measure_spend(budget: Budget, days: BudgetDays) -> int:
    """Returns the cost of a budget's period in 10⁻¹⁰ USD."""
    totals = DailyTotal.objects.filter(day__gte=days.first_day)
    if days.last_day:
        totals = totals.filter(day__lte=days.last_day)
    own = Q(organization=budget.organization_id)
    spent = totals.filter(own & counts_within(budget)).sum_all().cost
    elsewhere = counts_elsewhere(budget)
    if elsewhere is not None:
        spent += totals.billed_elsewhere().filter(~own & elsewhere).sum_all().cost
    return spent


def counts_within(budget: Budget) -> Q:
    """Returns the condition that a total of the budget's own organization counts."""
    if budget.scope == SpendScope.ORGANIZATION:
        return Q()
    if budget.scope == SpendScope.PROJECT:
        # Usage without an intended project is billed to the Default Project.
        return Q(intended_project_id=budget.target) | Q(
            intended_project_id=0, project=budget.target
        )
    if budget.scope == SpendScope.API_KEY:
        return Q(api_key_id=budget.target)
    keys = ApiKey.objects.filter(project__organization=budget.organization_id)
    if budget.scope == SpendScope.SERVICE_ACCOUNT:
        return Q(api_key_id__in=keys.filter(service_account=budget.target).values("pk"))
    created = keys.filter(created_by=budget.target, service_account__isnull=True).values("pk")
    return (
        used_in_sessions(budget)
        | Q(api_key_id=0, intended_project_id=0, user_id=budget.target)
        | Q(api_key_id__in=created)
    )


def counts_elsewhere(budget: Budget) -> Q | None:
    """Returns the condition that usage billed to another organization counts; None if none does.

    That is what external collaborators use with their own tokens. Usage of keys stays in the organization.
    """
    if budget.scope == SpendScope.PROJECT:
        return Q(intended_project_id=budget.target)
    return used_in_sessions(budget) if budget.scope == SpendScope.PERSON else None


def used_in_sessions(budget: Budget) -> Q:
    """Returns the condition that the person used it with their own token for one of the projects."""
    projects = budget.organization.projects.values("pk")
    return Q(api_key_id=0, user_id=budget.target, intended_project_id__in=projects)
