"""The cost of one person's usage this month: their own, and that of the API keys they created."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import Organization, User
from usage.enums import Dimension
from usage.ids import KeyId, ProjectId
from usage.models import DailyTotal
from usage.periods import Period
from usage.reports.periods import find_month
from usage.reports.scope import build_condition


class PersonCostKey(NamedTuple):
    project_id: ProjectId
    api_key_id: KeyId


@dataclass(frozen=True)
class PersonCosts:
    """Costs in 10⁻¹⁰ USD by primary key, of the projects where the usage is billed and of keys."""

    projects: Counter[int]
    keys: Counter[int]


def sum_person_costs(organization: Organization, user: User, today: dt.date) -> PersonCosts:
    """Returns the costs from the first of the month to `today`, in one query."""
    month = Period(find_month(today).start, today)
    condition = build_condition(Dimension.COLLABORATOR, [user.pk], organization)
    totals = DailyTotal.objects.filter(condition, organization=organization, day__range=month)
    projects, keys = Counter[int](), Counter[int]()
    for total in totals.sum_by(PersonCostKey):
        projects[total.key.project_id] += total.cost
        keys[total.key.api_key_id] += total.cost
    return PersonCosts(projects, keys)
