"""What the database refuses of budgets: they stay what they were made for, and keep their history."""

import datetime as dt
from typing import Any

import pytest

from tests.database.attempts.budgets import budget, sent_alert, spend
from tests.database.refusals import refused
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World, issued
from usage.models import Budget, BudgetSpend, SentAlert

pytestmark = pytest.mark.django_db


def test_a_budget_is_for_something_of_its_organization(world: World) -> None:
    key = issued(world.other_project, world.other_member, "theirs").key
    mixed: list[dict[str, Any]] = [
        {"project_id": world.other_project.pk, "target": world.other_project.pk},
        {"scope": 3, "project_id": None, "api_key_id": key.pk, "target": key.pk},
        {"organization_id": world.other_organization.pk},
    ]
    for values in mixed:
        with refused("a budget is for something of its organization"):
            copied(budget(world), is_default=False, **values)


def test_a_budget_stays_what_it_is_for(world: World) -> None:
    other = world.production.pk
    for values in [
        {"project_id": other, "target": other},
        {"organization_id": world.other_organization.pk},
        {"starts_on": dt.date(2000, 1, 1)},
        {"is_default": False, "period": "day"},
    ]:
        with refused("what a budget is for and how long it lasts never change"):
            changed(budget(world), **values)


def test_a_deleted_budget_stays_as_it_was(world: World) -> None:
    changed(budget(world), ended_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    for values in [{"ended_at": None}, {"amount": 7}]:
        with refused("a deleted budget stays as it was"):
            changed(budget(world), **values)


def test_what_was_spent_stays_in_its_period(world: World) -> None:
    row = spend(world)
    with refused("what was spent stays in its period"):
        changed(row, first_day=row.first_day - DAY)
    changed(row, spent=3)
    assert BudgetSpend.objects.get().spent == 3


@pytest.mark.parametrize("model", [Budget, BudgetSpend, SentAlert])
def test_the_history_of_budgets_is_never_deleted(world: World, model: Any) -> None:
    spend(world), sent_alert(world)
    with refused("never deleted"):
        model.objects.all()._raw_delete("default")
