"""What is stopped by spent budgets, as pages say it: since and until when, by what, who can raise it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from accounts.web.formatting import format_day
from keys.enums import SpendScope
from keys.models import ApiKey, SpendBlock
from projects.access import ProjectAccess
from usage.budgets.figures import name_managers
from usage.budgets.lists import locate_budget
from usage.budgets.subjects import Subject
from usage.enums import BudgetAuthority, BudgetKind
from usage.models import Budget, BudgetSpend
from usage.reports.formatting import format_money

Access = OrganizationAccess | ProjectAccess
# Whose budget it is, as the row of an API key says it.
OWNERS = {
    SpendScope.ORGANIZATION: "the organization’s budget",
    SpendScope.PROJECT: "the project’s budget",
    SpendScope.API_KEY: "its budget",
    SpendScope.PERSON: "its creator’s budget",
    SpendScope.SERVICE_ACCOUNT: "its service account’s budget",
}


@dataclass(frozen=True)
class Stop:
    """A hard stop that refuses API keys now. URLs and amounts are empty for those who may not see them."""

    reach: str
    budget_name: str
    since: dt.datetime | None
    until: dt.datetime | None
    who: str
    spent: str = ""
    amount: str = ""
    url: str = ""
    raise_url: str = ""
    label: ClassVar[str] = "Stopped"

    @property
    def reason(self) -> str:
        """By which budget, for the row of an API key."""
        return f"by {self.budget_name}"

    @property
    def end(self) -> str:
        """Until when, likewise."""
        if self.until is None:
            return "until it is raised"
        return f"until {format_day(self.until)}, {self.until:%H:%M} UTC"

    @property
    def verb(self) -> str:
        """Agrees with `reach`."""
        return "is" if self.reach.startswith("The API key ") else "are"


def describe_reach(budget: Budget) -> str:
    """Returns which API keys a hard stop refuses, as the subject of a sentence."""
    name = Subject.of(budget).name
    return {
        SpendScope.ORGANIZATION: f"All API keys of {name}",
        SpendScope.PROJECT: f"All API keys of {name}",
        SpendScope.API_KEY: f"The API key {name}",
        SpendScope.PERSON: f"API keys that {name} created",
        SpendScope.SERVICE_ACCOUNT: f"API keys of {name}",
    }[SpendScope(budget.scope)]


def find_stopping(access: Access, condition: Q) -> QuerySet[BudgetSpend]:
    """Returns what is spent of the budgets of the organization that refuse API keys now. One query."""
    now = timezone.now()
    blocks = SpendBlock.objects.at(now).filter(
        organization=access.organization, budget=OuterRef("budget__public_id")
    )
    spends = BudgetSpend.objects.on(now.astimezone(dt.UTC).date()).filter(
        condition,
        Exists(blocks),
        budget__organization=access.organization,
        budget__ended_at__isnull=True,
        budget__kind=BudgetKind.HARD_STOP,
    )
    related = ("organization", "project", "user", "api_key__project", "service_account__project")
    return spends.select_related("budget", *(f"budget__{name}" for name in related)).order_by("pk")


def build_stop(access: Access, spend: BudgetSpend) -> Stop:
    """Returns a stop as the reader may see it."""
    budget = spend.budget
    in_project = Subject.of(budget).home is not None
    may_see = access.may.project_budgets_see if in_project else access.may.budgets_see
    manages = access.may.project_budgets_manage if in_project else access.may.budgets_manage
    url = locate_budget(budget) if may_see else ""
    can_raise = manages and budget.authority != BudgetAuthority.SUPPORT
    return Stop(
        reach=describe_reach(budget),
        budget_name=OWNERS[SpendScope(budget.scope)],
        since=spend.spent_at,
        until=spend.days.ends_at,
        who=name_managers(budget),
        spent=format_money(spend.spent) if may_see else "",
        amount=format_money(spend.amount) if may_see else "",
        url=url,
        raise_url=f"{url}change/" if can_raise and url else "",
    )


def find_stops(access: Access, budget: Budget | None = None) -> list[Stop]:
    """Returns the stops that concern an organization or a project, or that of one budget.

    One query, none where the query of the page's access found no blocks.
    """
    if not has_blocks(access):
        return []
    condition = Q(budget=budget) if budget else build_condition(access)
    return [build_stop(access, spend) for spend in find_stopping(access, condition)]


def has_blocks(access: Access) -> bool:
    """Returns whether budgets may refuse API keys, as the query of the access found out."""
    place = access.project if isinstance(access, ProjectAccess) else access.organization
    return bool(getattr(place, "has_blocks", True))


def build_condition(access: Access) -> Q:
    if isinstance(access, ProjectAccess):
        project = access.project
        creators = project.api_keys.active().filter(service_account__isnull=True)
        return (
            Q(budget__scope=SpendScope.ORGANIZATION)
            | Q(budget__project=project)
            | Q(budget__api_key__project=project)
            | Q(budget__service_account__project=project)
            | Q(budget__user__in=creators.values("created_by"))
        )
    return Q() if access.may.budgets_see else Q(budget__scope=SpendScope.ORGANIZATION)


@dataclass(frozen=True)
class KeyStops:
    """What stops the API keys of a list: all of it, and by the primary key of each that is stopped."""

    all: list[Stop]
    by_key: dict[int, Stop]


def find_key_stops(access: Access, keys: Iterable[ApiKey]) -> KeyStops:
    """Returns what stops these API keys. One query, none without keys or blocks.

    Of several budgets that stop a key, the one that ends last counts, as in its verification.
    """
    active = [key for key in keys if key.is_active] if has_blocks(access) else []
    if not active:
        return KeyStops([], {})
    condition = (
        Q(budget__scope=SpendScope.ORGANIZATION)
        | Q(budget__project__in={key.project_id for key in active})
        | Q(budget__api_key__in={key.pk for key in active})
        | Q(budget__user__in={key.created_by_id for key in active if key.created_by_id})
        | Q(budget__service_account__in={key.service_account_id for key in active})
    )
    stopping = sorted(find_stopping(access, condition), key=get_end)
    stops = {spend.budget_id: build_stop(access, spend) for spend in stopping}
    by_key = {
        key.pk: stops[spend.budget_id]
        for spend in stopping  # a later one replaces an earlier one
        for key in active
        if stops_key(spend.budget, key)
    }
    concerned = [stop for stop in stops.values() if stop in by_key.values()]
    return KeyStops(concerned, by_key)


def get_end(spend: BudgetSpend) -> tuple[bool, dt.datetime | None, int]:
    """Returns the sort key by which stops end; those without an end come last."""
    end = spend.days.ends_at
    return (end is None, end or timezone.now(), spend.budget_id)


def stops_key(budget: Budget, key: ApiKey) -> bool:
    """Returns whether a budget's stop refuses a key: the rule of keys/verification/blocks.py."""
    targets = {
        SpendScope.ORGANIZATION: budget.target,
        SpendScope.PROJECT: key.project_id,
        SpendScope.API_KEY: key.pk,
        SpendScope.PERSON: None if key.service_account_id else key.created_by_id,
        SpendScope.SERVICE_ACCOUNT: key.service_account_id,
    }
    return targets[SpendScope(budget.scope)] == budget.target
