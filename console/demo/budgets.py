"""Budgets of the demo world: near and past their amounts, one that stops an API key, a dry run.

No hard stop applies to a whole project, so that new API keys always work in a demo.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Organization
from projects.models import Project
from usage.amounts import COST_DIGITS
from usage.budgets.measuring import measure_spend
from usage.budgets.services import create_budget
from usage.budgets.subjects import Subject
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget
from usage.periods import BudgetDays, find_calendar_period

RESEARCH = "ml-research"
TOTAL_DAYS = 30  # for which totals have counted
ALERTS = [(Threshold.PERCENT, 50), (Threshold.PERCENT, 80), (Threshold.PERCENT, 100)]
CENT = 10 ** (COST_DIGITS - 2)


@dataclass(frozen=True)
class DemoBudget:
    """A budget of which about `percent` is spent when the demo is filled.

    It is for the key or service account of that name, else for the project, else for the organization.
    """

    kind: BudgetKind
    percent: int
    period: BudgetPeriod = BudgetPeriod.MONTH
    project: str = ""
    key: str = ""
    account: str = ""


BUDGETS = [
    DemoBudget(BudgetKind.ALERT, 62),
    DemoBudget(BudgetKind.ALERT, 94, project=RESEARCH),
    DemoBudget(BudgetKind.HARD_STOP, 105, BudgetPeriod.TOTAL, RESEARCH, key="eval-runner"),
    DemoBudget(BudgetKind.HARD_STOP, 32, BudgetPeriod.TOTAL, RESEARCH, key="batch-embeddings"),
    DemoBudget(BudgetKind.DRY_RUN, 108, project=RESEARCH, key="notebooks"),
    DemoBudget(BudgetKind.ALERT, 53, project=RESEARCH, account="nightly-evals"),
]


def create_demo_budgets(organization: Organization, owner: Actor) -> None:
    """Creates the budgets of an organization, unless it has or had some."""
    if organization.budgets.exists():
        return
    for line in BUDGETS:
        if subject := find_subject(organization, line):
            create_demo_budget(subject, line, owner)


def find_subject(organization: Organization, line: DemoBudget) -> Subject | None:
    """Returns what a budget is for; None if it does not exist any more."""
    if not line.project:
        return Subject(organization)
    project = find_project(organization, line.project)
    if project is None:
        return None
    if line.key:
        key = project.api_keys.listed().unrevoked().filter(name=line.key).first()
        return Subject(organization, api_key=key) if key else None
    if line.account:
        account = project.service_accounts.current().filter(name=line.account).first()
        return Subject(organization, service_account=account) if account else None
    return Subject(organization, project=project)


def find_project(organization: Organization, slug: str) -> Project | None:
    return organization.projects.unarchived().filter(slugs__slug=slug).first()


def create_demo_budget(subject: Subject, line: DemoBudget, owner: Actor) -> None:
    """Creates a budget whose amount fits what is spent; none without usage."""
    days = find_days(line.period)
    spent = measure_spend(Budget(organization=subject.organization, **subject.fields), days)
    amount = spent * 100 // line.percent // CENT * CENT
    if amount <= 0:
        return
    create_budget(
        actor=owner,
        subject=subject,
        period=line.period,
        kind=line.kind,
        amount=amount,
        starts_on=days.first_day,
        alerts=ALERTS,
        recipients=[owner.person],
    )


def find_days(period: BudgetPeriod) -> BudgetDays:
    """Returns the present period of a demo budget."""
    today = timezone.now().astimezone(dt.UTC).date()
    if period == BudgetPeriod.TOTAL:
        return BudgetDays(today - dt.timedelta(days=TOTAL_DAYS), None)
    return BudgetDays(*find_calendar_period(period, today))
