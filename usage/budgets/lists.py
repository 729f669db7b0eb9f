"""Lists the budgets of an organization or of a project, and what a budget's own page shows."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from accounts.permissions import Permission
from accounts.web.list_query import ListQuery
from accounts.web.pagination import paginate_sorted, query_parameters
from keys.enums import SpendScope
from keys.models import ApiKey
from projects.access import ProjectAccess
from usage.budgets.figures import BudgetFigures, build_figures, create_empty_spend, today
from usage.budgets.forecasts import forecast_spend
from usage.budgets.measuring import measure_spend
from usage.budgets.subjects import Subject
from usage.enums import BudgetPeriod
from usage.models import Budget, DailyTotal
from usage.periods import BudgetDays, find_calendar_period
from usage.reports.formatting import format_exact_money, format_money

Access = OrganizationAccess | ProjectAccess
HISTORY = 30  # periods and sent alerts on the page of a budget


def find_home(access: Access) -> str:
    """Returns what the names of the routes of budgets begin with, in an organization and in a project."""
    return "project_" if isinstance(access, ProjectAccess) else ""


def locate_budgets(access: Access) -> str:
    slug = access.project.slug if isinstance(access, ProjectAccess) else access.organization.slug
    return reverse(f"{find_home(access)}budgets", args=[slug])


def locate_budget(budget: Budget) -> str:
    """Returns the URL of the page of a budget: below its project, or below its organization."""
    project = Subject.of(budget).home
    if project:
        return reverse("project_budget", args=[project.slug, budget.public_id])
    return reverse("budget", args=[budget.organization.slug, budget.public_id])


def get_budgets(access: Access) -> QuerySet[Budget]:
    """Returns the budgets with a page below that of `access`."""
    budgets = access.organization.budgets.with_subjects().prefetch_related("alerts")
    if isinstance(access, ProjectAccess):
        return budgets.of_project(access.project)
    return budgets.of_no_project()


def may_manage(access: Access) -> bool:
    if isinstance(access, ProjectAccess):
        return access.allows(Permission.PROJECT_BUDGETS_MANAGE)
    return access.allows(Permission.BUDGETS_MANAGE)


@dataclass(frozen=True)
class BudgetListQuery(ListQuery):
    """The query of a project's budgets. With `key`, a public id, those that requests with it must pass."""

    key: str = ""


def list_budgets(access: Access, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page of budgets of an organization, or of a project."""
    if isinstance(access, ProjectAccess):
        return list_of_project(access, query)
    budgets = access.organization.budgets.current().with_subjects().prefetch_related("alerts")
    rows = build_figures(budgets, {SpendScope.ORGANIZATION})
    return {**describe_rows(access, rows, query), "subject": access.organization}


def list_of_project(access: ProjectAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of a project's page; those of the organization only for who may see them."""
    key = find_key(access, query)
    budgets = access.organization.budgets.current().with_subjects().prefetch_related("alerts")
    own, shared = budgets.of_project(access.project), budgets.filter(scope=SpendScope.ORGANIZATION)
    applying = {SpendScope.PROJECT, SpendScope.ORGANIZATION}
    if key:
        own, shared = own.filter(applies_to_key(key)), budgets.filter(applies_to_key(key))
        shared, applying = shared.of_no_project(), set(SpendScope)
    rows = build_figures([*own, *(shared if access.may.budgets_see else [])], applying)
    context = describe_rows(access, [row for row in rows if row.project], query)
    if key and context["create_url"]:
        context["create_url"] += f"?scope={key.public_id}"
    return {
        **context,
        "key": key,
        "keys": [key] if key else [],
        "clear_url": locate_budgets(access),
        "subject": access.project,
        "shared": [row for row in rows if not row.project],
        "tightest": next((row for row in rows if row.is_tightest), None),
        **sum_month(access),
    }


def find_key(access: ProjectAccess, query: QueryDict) -> ApiKey | None:
    """Returns the API key of the project that the query names; None for any other, as if none was named."""
    reference = BudgetListQuery.parse(query).key
    keys = access.project.api_keys.listed()
    return keys.filter(public_id=reference).first() if reference else None


def applies_to_key(key: ApiKey) -> Q:
    """Returns the condition of budgets that requests with a key have to pass: the rule of `BudgetBook`."""
    owner = Q(service_account=key.service_account_id)
    if not key.service_account_id:
        owner = Q(scope=SpendScope.PERSON, user=key.created_by_id)
    everywhere = Q(scope=SpendScope.ORGANIZATION) | Q(
        scope=SpendScope.PROJECT, project=key.project_id
    )
    return everywhere | Q(api_key=key) | owner


def describe_rows(access: Access, rows: list[BudgetFigures], query: QueryDict) -> dict[str, Any]:
    manages = may_manage(access)
    page = paginate_sorted(rows, query_parameters(query))
    return {
        "access": access,
        "page": page,
        "rows": page.rows,
        "stopping": [row for row in rows if row.is_stopping],
        "may_manage": manages,
        "create_url": f"{locate_budgets(access)}create/" if manages else "",
    }


def sum_month(access: ProjectAccess) -> dict[str, Any]:
    """Returns what was intended for a project this month, as its budgets count, and what is billed to it."""
    project, day = access.project, today()
    days = BudgetDays(*find_calendar_period(BudgetPeriod.MONTH, day))
    budget = Budget(
        organization=access.organization,
        scope=SpendScope.PROJECT,
        target=project.pk,
        project=project,
    )
    intended = measure_spend(budget, days)
    totals = DailyTotal.objects.filter(organization=access.organization, project=project)
    billed = totals.filter(day__range=days).sum_all().cost
    return {
        "month": f"{day:%B}",
        "intended": format_money(intended),
        "intended_exact": format_exact_money(intended),
        "billed": format_money(billed),
        "billed_exact": format_exact_money(billed),
        "is_same": intended == billed,
        "usage_url": reverse("usage", args=[project.slug]),
    }


def describe_budget(access: Access, budget: Budget) -> dict[str, Any]:
    """Returns the context of the page of a budget: its figures, its periods and the alerts that were sent."""
    [figures] = build_figures([budget])
    spends = list(budget.spends.filter(first_day__lte=today()).order_by("-first_day")[:HISTORY])
    if not spends and figures.has_begun:
        spends = [create_empty_spend(budget)]
    for spend in spends:
        spend.budget = budget
    forecast = None if budget.ended_at else forecast_spend(budget, figures.spend, timezone.now())
    return {
        "access": access,
        "budget": budget,
        "figures": figures,
        "forecast": format_money(forecast) if forecast is not None else "",
        "is_forecast_above": forecast is not None and forecast > budget.amount,
        "periods": [BudgetFigures(budget, spend) for spend in spends],
        "sent": [describe_sent(alert) for alert in budget.sent_alerts.all()[:HISTORY]],
        "recipients": list(budget.recipients.order_by("name", "pk")),
        "may_change": may_manage(access) and not budget.ended_at and not figures.is_of_support,
        "may_test": may_manage(access) and not budget.ended_at,
        "here": locate_budget(budget),
    }


def describe_sent(alert: Any) -> dict[str, Any]:
    """Returns a sent alert as a row: what it was, when, and what was spent then."""
    return {
        "label": str(alert.as_alert()),
        "sent_at": alert.sent_at,
        "spent": format_money(alert.spent),
        "amount": format_money(alert.amount),
    }
