"""Which budgets usage counts against.

An organization's budget counts what is billed to it. All others count what was intended for their project,
API key or person, wherever it is billed, so that usage of products without project billing counts as well,
and moving usage to another bill changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from keys.enums import SpendScope
from keys.models import ApiKey
from usage.ids import KeyId, OrganizationId
from usage.ledger.series import SharedFields
from usage.models import Budget


class Owner(NamedTuple):
    """Who an API key belongs to; it is a person's own if it has no service account."""

    user: int | None
    service_account: int | None


class BudgetBook:
    """The budgets of some organizations, by what they are for."""

    def __init__(self, organizations: Iterable[OrganizationId]) -> None:
        budgets = Budget.objects.current().filter(organization__in=set(organizations))
        self.budgets: dict[tuple[int, int, int], list[Budget]] = defaultdict(list)
        for budget in budgets:
            self.budgets[budget.organization_id, budget.scope, budget.target].append(budget)
        self.owners: dict[KeyId, Owner] = {}

    def __bool__(self) -> bool:
        return bool(self.budgets)

    def load_owners(self, keys: Iterable[KeyId]) -> None:
        """Looks up whose the API keys are, if a budget depends on it."""
        if any(
            scope in (SpendScope.PERSON, SpendScope.SERVICE_ACCOUNT) for _, scope, _ in self.budgets
        ):
            rows = ApiKey.objects.filter(pk__in=set(keys))
            values = rows.values_list("pk", "created_by", "service_account")
            self.owners = {KeyId(pk): Owner(user, account) for pk, user, account in values}

    def find_budgets(self, shared: SharedFields) -> list[Budget]:
        """Returns the budgets that usage with these shared fields counts against."""
        intended = shared.intended_organization
        # Usage without an intended project is billed to the Default Project.
        subjects: list[tuple[int, int, int | None]] = [
            (shared.organization, SpendScope.ORGANIZATION, shared.organization),
            (intended, SpendScope.PROJECT, shared.intended_project or shared.project),
        ]
        person: int | None = shared.user
        if shared.api_key:
            subjects.append((intended, SpendScope.API_KEY, shared.api_key))
            owner = self.owners.get(shared.api_key, Owner(None, None))
            subjects.append((intended, SpendScope.SERVICE_ACCOUNT, owner.service_account))
            person = None if owner.service_account else owner.user
        subjects.append((intended, SpendScope.PERSON, person))
        return [
            budget
            for organization, scope, target in subjects
            if target
            for budget in self.budgets.get((organization, scope, target), ())
        ]
